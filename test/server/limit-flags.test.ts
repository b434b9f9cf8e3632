/** Limits that are given reach the part that keeps them: at each, and one past it. */

import { describe, expect, test } from 'bun:test';
import { FifoLockTable } from '../../src/dispatch/lock-table.ts';
import { resourceKey } from '../../src/model/resource-key.ts';
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE } from '../support/root.ts';
import { startTestServer, type TestServerOptions } from '../support/server.ts';

const page = `<body>\n${' '.repeat(2_000)}`;
const chunked = { fields: ['Transfer-Encoding: chunked'] };

interface Row {
  readonly name: string;
  readonly options: TestServerOptions;
  readonly at: string;
  readonly past: string;
  readonly want: number;
}

const rows: readonly Row[] = [
  {
    name: 'request target',
    options: { headLimits: { targetBytesMax: 10 } },
    at: request('GET', '/test.html'),
    past: request('GET', '/test.html?'),
    want: 414,
  },
  {
    name: 'method',
    options: { headLimits: { methodBytesMax: 7 } },
    at: request('OPTIONS', '/test.html'),
    past: request('PROPFIND', '/test.html'),
    want: 501,
  },
  {
    name: 'header lines',
    options: { headLimits: { fieldsMax: 2 } },
    at: request('GET', '/test.html', { fields: ['A: b'] }),
    past: request('GET', '/test.html', { fields: ['A: b', 'C: d'] }),
    want: 431,
  },
  {
    name: 'chunk extensions',
    options: { headLimits: { chunkExtensionBytesMax: 2 } },
    at: `${request('PUT', '/test.html', chunked)}1;a\r\nx\r\n0\r\n\r\n`,
    past: `${request('PUT', '/test.html', chunked)}1;ab\r\nx\r\n0\r\n\r\n`,
    want: 400,
  },
  {
    name: 'content of a write, above the default',
    options: { limits: { contentBytesMax: 3 * 1024 ** 2 } },
    at: request('POST', '/a.txt', { content: 'x'.repeat(3 * 1024 ** 2) }),
    past: request('POST', '/a.txt', { content: 'x'.repeat(3 * 1024 ** 2 + 1) }),
    want: 413,
  },
  {
    name: 'page that takes an insert',
    options: {
      config: { semantics: 'standard' },
      limits: { insertPageBytesMax: page.length },
      files: { 'at.html': page, 'past.html': `${page} ` },
    },
    at: insertInto('/at.html'),
    past: insertInto('/past.html'),
    want: 409,
  },
];

function insertInto(target: string): string {
  return request('PATCH', target, { fields: ['Content-Type: text/plain'], content: 'x' });
}

describe('at it, and one past it', () => {
  for (const { name, options, at, past, want } of rows) {
    test(name, async () => {
      await using server = await startTestServer(options);
      for (const [text, good] of [
        [at, true],
        [past, false],
      ] as const) {
        await using client = await RawClient.open(server.port);
        const { status } = await client.ask(text);
        expect(good ? status < 300 : status === want).toBe(true);
      }
    });
  }
});

test('edits that wait for a page, at the limit of jobs and past it', async () => {
  const locks = new FifoLockTable();
  await using server = await startTestServer({
    dispatchLimits: { jobsQueuedMax: 2 },
    seams: { locks },
  });
  const key = resourceKey(['test.html']);
  locks.acquire(key, () => {});
  await using first = await RawClient.open(server.port);
  await using second = await RawClient.open(server.port);
  await using third = await RawClient.open(server.port);
  const put = request('PUT', '/test.html', { content: 'x' });
  for (const client of [first, second]) {
    client.send(put);
    // Its turn has come before the next one asks: an answer to another says that it was read.
    await using other = await RawClient.open(server.port);
    expect((await other.ask(request('GET', '/test.html'))).body).toBe(SAMPLE);
  }
  const refused = await third.ask(put);
  expect([refused.status, refused.fields.has('retry-after')]).toEqual([503, true]);
  locks.release(key);
  for (const client of [first, second]) expect((await client.next('PUT')).status).toBe(200);
});
