/** Partial content over real sockets: single, several, from memory and from a large file. */

import { describe, expect, test } from 'bun:test';
import { RawClient, type RawResponse, request } from '../support/raw-client.ts';
import { startTestServer } from '../support/server.ts';

const LARGE_BYTES = 1_500_000;
const small = 'abcdefghijklmnopqrstuvwxyz';
const large = Array.from({ length: LARGE_BYTES }, (_, n) =>
  String.fromCharCode(97 + ((n * 7) % 26)),
).join('');
const files = { 'small.txt': small, 'large.bin': large, 'empty.txt': '', 'page.html': small };

/** The parts of a `multipart/byteranges`: what `Content-Range` says of each, and its content. */
function parts(response: RawResponse): [range: string, content: string][] {
  const type = response.fields.get('content-type') ?? '';
  const boundary = /^multipart\/byteranges; boundary=([0-9a-f-]+)$/.exec(type)?.[1];
  if (boundary === undefined) throw new Error(`no multipart: ${type}`);
  const [preamble, ...rest] = response.body.split(`\r\n--${boundary}`);
  expect(preamble).toBe('');
  expect(rest.pop()).toBe('--\r\n');
  return rest.map((part) => {
    const match =
      /^\r\nContent-Type: (\S+)[^\r]*\r\nContent-Range: bytes (\S+)\r\n\r\n([\s\S]*)$/.exec(part);
    if (match === null) throw new Error(`no part: ${part.slice(0, 200)}`);
    return [match[2] ?? '', match[3] ?? ''];
  });
}

const ask = (target: string, ...fields: string[]): string => request('GET', target, { fields });

describe('one range', () => {
  const rows: readonly {
    readonly range: string;
    readonly status: number;
    readonly content?: string;
    readonly said?: string;
  }[] = [
    { range: 'bytes=0-3', status: 206, content: 'abcd', said: 'bytes 0-3/26' },
    { range: 'BYTES=25-', status: 206, content: 'z', said: 'bytes 25-25/26' },
    { range: 'bytes=-2', status: 206, content: 'yz', said: 'bytes 24-25/26' },
    { range: 'bytes= 0-0 , ,', status: 206, content: 'a', said: 'bytes 0-0/26' },
    { range: 'bytes=0-99999999999999999999', status: 206, content: small, said: 'bytes 0-25/26' },
    { range: 'bytes=26-', status: 416, said: 'bytes */26' },
    { range: 'bytes=-0', status: 416, said: 'bytes */26' },
    { range: 'bytes=3-1', status: 200, content: small },
    { range: 'bytes=a-b', status: 200, content: small },
    { range: 'bytes=', status: 200, content: small },
    { range: 'bytes 0-3', status: 200, content: small },
    { range: 'lines=0-3', status: 200, content: small },
    { range: 'bytes=0-0x3', status: 200, content: small },
  ];
  for (const { range, status, content, said } of rows) {
    test(`${range} is ${status}`, async () => {
      await using server = await startTestServer({ files });
      await using client = await RawClient.open(server.port);
      const got = await client.ask(ask('/small.txt', `Range: ${range}`));
      expect(got.status).toBe(status);
      expect(got.fields.get('content-range')).toBe(said);
      if (content !== undefined) expect(got.body).toBe(content);
      if (status !== 416) expect(got.fields.get('accept-ranges')).toBe('bytes');
    });
  }
});

test('an empty page, HEAD, and a page without Range', async () => {
  await using server = await startTestServer({ files });
  await using client = await RawClient.open(server.port);
  expect((await client.ask(ask('/empty.txt', 'Range: bytes=0-'))).status).toBe(200);
  const head = request('HEAD', '/small.txt', { fields: ['Range: bytes=0-3'] });
  const described = await client.ask(head);
  expect([described.status, described.fields.get('content-length')]).toEqual([200, '26']);
  expect((await client.ask(ask('/small.txt'))).fields.get('accept-ranges')).toBe('bytes');
});

for (const [name, content] of [
  ['small.txt', small],
  ['large.bin', large],
] as const) {
  test(`several ranges of ${name}`, async () => {
    await using server = await startTestServer({ files });
    await using client = await RawClient.open(server.port);
    const size = content.length;
    const got = await client.ask(ask(`/${name}`, `Range: bytes=5-9,-4,0-${size - 2}`));
    expect(got.status).toBe(206);
    expect(got.fields.has('content-range')).toBe(false);
    expect(parts(got)).toEqual([
      [`5-9/${size}`, content.slice(5, 10)],
      [`${size - 4}-${size - 1}/${size}`, content.slice(-4)],
      [`0-${size - 2}/${size}`, content.slice(0, -1)],
    ]);
  });
}

test('a range of a large file, on a connection that goes on', async () => {
  await using server = await startTestServer({ files });
  await using client = await RawClient.open(server.port);
  for (const [first, last] of [
    [0, 0],
    [1_000_000, 1_400_000],
    [LARGE_BYTES - 1, LARGE_BYTES - 1],
  ] as const) {
    const got = await client.ask(ask('/large.bin', `Range: bytes=${first}-${last}`));
    expect(got.status).toBe(206);
    expect(got.body).toBe(large.slice(first, last + 1));
  }
});

describe('If-Range', () => {
  test('the tag of this version, of another, a weak one, and none', async () => {
    await using server = await startTestServer({ files });
    await using client = await RawClient.open(server.port);
    const tag = (await client.ask(ask('/small.txt'))).fields.get('etag') ?? '';
    const status = async (validator: string): Promise<number> =>
      (await client.ask(ask('/small.txt', 'Range: bytes=0-3', `If-Range: ${validator}`))).status;
    expect(await status(tag)).toBe(206);
    expect(await status('"other"')).toBe(200);
    expect(await status(`W/${tag}`)).toBe(200);
    expect(await status(`${tag}, ${tag}`)).toBe(200);
    expect(await status('nonsense')).toBe(200);
  });

  test('a date counts only once the page has been left alone for a second', async () => {
    await using server = await startTestServer({ files });
    await using client = await RawClient.open(server.port);
    const modified = (await client.ask(ask('/small.txt'))).fields.get('last-modified') ?? '';
    const guarded = ask('/small.txt', 'Range: bytes=0-3', `If-Range: ${modified}`);
    expect((await client.ask(guarded)).status).toBe(200);
    const { utimesSync } = await import('node:fs');
    const old = new Date('2020-01-01T00:00:00Z');
    utimesSync(`${server.root.path}/small.txt`, old, old);
    const then = ask('/small.txt', 'Range: bytes=0-3', `If-Range: ${old.toUTCString()}`);
    expect((await client.ask(then)).status).toBe(206);
    const later = new Date('2020-01-02T00:00:00Z').toUTCString();
    const wrong = ask('/small.txt', 'Range: bytes=0-3', `If-Range: ${later}`);
    expect((await client.ask(wrong)).status).toBe(200);
  });
});
