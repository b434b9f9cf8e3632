/** What is no HTTP/1.1 message is answered once, and nothing behind it is ever carried out. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { ProtocolError } from '../../src/http/protocol-error.ts';
import { CHUNKED, put, refused } from '../http/refused.ts';
import { RawClient, request } from '../support/raw-client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
const PAGE = '<p>page</p>\n';

beforeAll(async () => {
  server = await startTestServer({ files: { 'index.html': PAGE } });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Sends `raw` and a request behind it that would make a file; gives the one answer's status. */
async function statusOf(raw: string, dribbled: boolean): Promise<number> {
  const after = request('POST', '/smuggled.html', { content: 'smuggled' });
  await using client = await RawClient.open(server.port);
  if (dribbled) await client.dribble(raw + after);
  else client.send(raw + after);
  const response = await client.next();
  expect(response.fields.get('connection')).toBe('close');
  expect(response.fields.get('cache-control')).toBe('no-store');
  expect(await client.end()).toBe('');
  expect(server.root.read('smuggled.html')).toBeUndefined();
  expect(server.root.read('index.html')).toBe(PAGE);
  return response.status;
}

describe('refused, answered once, and closed', () => {
  for (const [code, raw] of refused) {
    test(`${code}: ${JSON.stringify(raw.slice(0, 90))}`, async () => {
      const { status } = new ProtocolError(code);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(await statusOf(raw, false)).toBe(status);
      expect(await statusOf(raw, true)).toBe(status);
    });
  }
});

describe('limits of a head', () => {
  const line = (bytes: number): string => `X: ${'x'.repeat(bytes - 3)}\r\n`;
  const get = (fields: string, target = '/'): string =>
    `GET ${target} HTTP/1.1\r\nHost: h\r\n${fields}\r\n`;
  const rows: readonly (readonly [name: string, at: string, past: string, status: number])[] = [
    ['target', get('', `/?${'q'.repeat(7_998)}`), get('', `/?${'q'.repeat(7_999)}`), 414],
    ['field', get(line(16 * 1024)), get(line(16 * 1024 + 1)), 431],
    ['fields', get(line(5).repeat(99)), get(line(5).repeat(100)), 431],
    [
      'section',
      get(line(16_000).repeat(2) + line(32_768 - 9 - 2 - 2 - 32_004)),
      get(line(16_000).repeat(2) + line(32_768 - 9 - 2 - 2 - 32_003)),
      431,
    ],
    [
      'chunk extensions',
      `${get(CHUNKED)}0;${'x'.repeat(4_095)}\r\n\r\n`,
      put(CHUNKED, `1;${'x'.repeat(4_096)}\r\na\r\n0\r\n\r\n`),
      400,
    ],
    ['trailers', `${get(CHUNKED)}0\r\n${line(5).repeat(100)}\r\n`, '', 0],
    ['trailers', get(''), put(CHUNKED, `0\r\n${line(5).repeat(101)}\r\n`), 431],
  ];
  for (const [name, atLimit, past, status] of rows) {
    test(`${name}, at it and one past it`, async () => {
      await using client = await RawClient.open(server.port);
      expect((await client.ask(atLimit)).status).toBe(200);
      expect((await client.ask(request('GET', '/'))).status).toBe(200);
      if (past !== '') expect(await statusOf(past, false)).toBe(status);
    });
  }
});

describe('a request cut off by the end of the connection', () => {
  const rows: readonly (readonly [raw: string, status: number | undefined])[] = [
    ['', undefined],
    ['\r\n', undefined],
    ['G', 400],
    ['GET / HTTP/1.1\r\nHost: h\r\n', 400],
    ['GET / HTTP/1.1\r\nHost: h\r\n\r', 400],
    [put('Content-Length: 3\r\n', 'ab'), 400],
    [put(CHUNKED, '2\r\nab\r\n'), 400],
    [put(CHUNKED, '2\r\nab\r\n0\r\n'), 400],
  ];
  for (const [raw, status] of rows) {
    test(JSON.stringify(raw), async () => {
      await using client = await RawClient.open(server.port);
      client.send(raw);
      client.shutdown();
      if (status !== undefined) expect((await client.next()).status).toBe(status);
      expect(await client.end()).toBe('');
      expect(server.root.read('index.html')).toBe(PAGE);
    });
  }

  test('what was whole before it is answered', async () => {
    await using client = await RawClient.open(server.port);
    client.send(`${request('GET', '/')}${request('HEAD', '/')}GET / HT`);
    client.shutdown();
    expect((await client.next()).body).toBe(PAGE);
    expect((await client.next('HEAD')).status).toBe(200);
    expect((await client.next()).status).toBe(400);
    expect(await client.end()).toBe('');
  });
});
