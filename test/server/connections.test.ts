/** How connections come and go: the cap, the close that waits for the client, FIN and reset. */

import { describe, expect, test } from 'bun:test';
import { defaultServerLimits } from '../../src/config/limits.ts';
import { FifoLockTable } from '../../src/dispatch/lock-table.ts';
import { resourceKey } from '../../src/model/resource-key.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE } from '../support/root.ts';
import { startTestServer, type TestServer, until } from '../support/server.ts';

const MIB = 1024 * 1024;
const LARGE = 'large'.repeat(4 * MIB);
const page = request('GET', '/test.html');

describe('the cap on connections', () => {
  test('turns one away with a 503, and takes the next when one has left', async () => {
    await using server = await startTestServer({ limits: { connectionsMax: 2 } });
    const first = await RawClient.open(server.port);
    await using second = await RawClient.open(server.port);
    for (const client of [first, second]) expect((await client.ask(page)).status).toBe(200);
    await using third = await RawClient.open(server.port);
    const refusal = await third.next();
    expect(refusal.status).toBe(503);
    expect(refusal.fields.get('retry-after')).toMatch(/^[0-9]+$/);
    expect(refusal.fields.get('connection')).toBe('close');
    expect(await third.end()).toBe('');
    expect((await second.ask(page)).status).toBe(200);
    await first[Symbol.asyncDispose]();
    // The one that was turned away is still there, and takes nobody's place.
    await until('the first is gone', () => server.connections <= 2);
    await using fourth = await RawClient.open(server.port);
    expect((await fourth.ask(page)).status).toBe(200);
  });

  test('resets what comes far beyond it', async () => {
    await using server = await startTestServer({ limits: { connectionsMax: 1 } });
    const clients: RawClient[] = [];
    for (let n = 0; n < 80; n += 1) clients.push(await RawClient.open(server.port));
    const [first, ...others] = clients;
    expect((await first?.ask(page))?.status).toBe(200);
    const told = await Promise.all(
      others.map(async (client) => (await client.end()).startsWith('HTTP/1.1 503 ')),
    );
    expect(told.filter(Boolean).length).toBe(64);
    for (const client of clients) await client[Symbol.asyncDispose]();
    await until('all are gone', () => server.connections === 0);
  });
});

describe('after the last answer the server reads on', () => {
  const tooLarge = request('POST', '/new.bin', { fields: [`Content-Length: ${2 * MIB}`] });

  test('so that a client that still sends 2 MB gets its 413', async () => {
    await using server = await startTestServer({ limits: { lingerTimeoutMs: 100 } });
    await using client = await RawClient.open(server.port);
    client.send(tooLarge + 'x'.repeat(2 * MIB));
    const response = await client.next('POST');
    expect(response.status).toBe(413);
    expect(response.fields.get('connection')).toBe('close');
    expect(await client.end()).toBe('');
  });

  test('also one that reads only when it has sent everything', async () => {
    const clock = new ManualClock();
    await using server = await startTestServer({ seams: { clock } });
    await using client = await RawClient.open(server.port);
    client.pause();
    client.send(tooLarge + 'x'.repeat(2 * MIB));
    await client.sent();
    await until('the answer', () => server.log.some((line) => line.includes('→ 413')));
    // Past the bytes that are read on, closing would reset the connection under the answer.
    clock.advance(defaultServerLimits.lingerTimeoutMs - 1);
    await using other = await RawClient.open(server.port);
    expect((await other.ask(page)).status).toBe(200);
    expect(server.connections).toBe(2);
    client.resume();
    expect((await client.next('POST')).status).toBe(413);
    clock.advance(1);
    await until('it is gone', () => server.connections === 1);
  });

  test('until the client ends, or the time is over', async () => {
    const clock = new ManualClock();
    await using server = await startTestServer({ seams: { clock } });
    await using client = await RawClient.open(server.port);
    client.send(request('GET', '/test.html', { fields: ['Connection: close'] }));
    expect((await client.next()).status).toBe(200);
    expect(await client.end()).toBe('');
    clock.advance(defaultServerLimits.lingerTimeoutMs - 1);
    expect(server.connections).toBe(1);
    clock.advance(1);
    await until('it is gone', () => server.connections === 0);
  });

  test('and closes when the client has ended', async () => {
    await using server = await startTestServer({ seams: { clock: new ManualClock() } });
    await using client = await RawClient.open(server.port);
    client.send(request('GET', '/test.html', { fields: ['Connection: close'] }));
    await client.end();
    expect(server.connections).toBe(1);
    client.shutdown();
    await until('it is gone', () => server.connections === 0);
  });

  test('what comes meanwhile cuts nothing off', async () => {
    await using server = await startTestServer({ files: { 'large.txt': LARGE } });
    await using client = await RawClient.open(server.port);
    client.send(request('GET', '/large.txt', { fields: ['Connection: close'] }));
    client.send('x'.repeat(2 * MIB));
    expect((await client.next()).body === LARGE).toBe(true);
    expect(await client.end()).toBe('');
  });

  test('nor what comes while the last answers wait to be sent', async () => {
    const count = 100;
    const bytes = 200_000;
    await using server = await startTestServer({
      files: { 'a.txt': 'a'.repeat(bytes) },
      limits: {
        pipelinedRequestsMax: count,
        outboxBytesMax: count * bytes * 2,
        lingerTimeoutMs: 100,
      },
    });
    await using client = await RawClient.open(server.port);
    client.pause();
    const get = request('GET', '/a.txt');
    const last = request('GET', '/a.txt', { fields: ['Connection: close'] });
    client.send(get.repeat(count - 1) + last);
    const answered = (): number => server.log.filter((line) => line.includes('→ 200')).length;
    await until('all answers', () => answered() === count);
    client.send('x'.repeat(MIB));
    await client.sent();
    client.resume();
    for (let n = 0; n < count; n += 1) expect((await client.next()).body.length).toBe(bytes);
    expect(await client.end()).toBe('');
  });

  test('a second request behind a close is not carried out', async () => {
    await using server = await startTestServer();
    await using client = await RawClient.open(server.port);
    client.send(request('GET', '/test.html', { fields: ['Connection: close'] }));
    client.send(request('POST', '/new.html', { content: 'x' }));
    await client.next();
    client.send(request('POST', '/new.html', { content: 'x' }));
    expect(await client.end()).toBe('');
    expect(server.root.read('new.html')).toBeUndefined();
  });
});

describe('a client that half-closes gets its whole answer', () => {
  const rows: readonly (readonly [name: string, raw: string, statuses: readonly number[]])[] = [
    ['to one request', page, [200]],
    ['to a write', request('PUT', '/test.html', { content: 'x' }), [200]],
    ['to three', page + request('PUT', '/test.html', { content: 'x' }) + page, [200, 200, 200]],
    ['of 20 MB', request('GET', '/large.txt'), [200]],
    ['of 20 MB, behind another', page + request('GET', '/large.txt'), [200, 200]],
  ];
  for (const [name, raw, statuses] of rows) {
    test(name, async () => {
      await using server = await startTestServer({
        files: { 'large.txt': LARGE, 'test.html': SAMPLE },
      });
      await using client = await RawClient.open(server.port);
      client.send(raw);
      client.shutdown();
      for (const status of statuses) {
        const response = await client.next();
        expect(response.status).toBe(status);
        if (response.body.length > MIB) expect(response.body === LARGE).toBe(true);
      }
      expect(await client.end()).toBe('');
      await until('it is gone', () => server.connections === 0);
    });
  }
});

describe('resets', () => {
  const rows: readonly (readonly [name: string, raw: string])[] = [
    ['before a request', ''],
    ['in a head', 'GET / HTTP/1.1\r\nHo'],
    ['in content', request('PUT', '/test.html', { fields: ['Content-Length: 100'] })],
    ['before the answer', page.repeat(20)],
    ['before the answer to a write', request('PUT', '/other.html', { content: 'x' }).repeat(5)],
    ['in a download', request('GET', '/large.txt').repeat(3)],
    ['after garbage', 'GET\r\n\r\n'],
  ];

  test('in any state leave the server as it was', async () => {
    await using server = await startTestServer({
      files: { 'test.html': 'page', 'other.html': '<body>', 'large.txt': LARGE },
    });
    const clients: RawClient[] = [];
    for (let n = 0; n < 210; n += 1) {
      const [, raw = ''] = rows[n % rows.length] ?? [];
      const client = await RawClient.open(server.port);
      if (raw.includes('large')) client.pause();
      client.send(raw);
      clients.push(client);
      // Some while others are being answered, some at once.
      if (n % 3 === 0) clients.splice(0, 2).forEach((one) => void one.reset());
    }
    for (const client of clients) client.reset();
    await until('all are gone', () => server.connections === 0);
    await using client = await RawClient.open(server.port);
    expect((await client.ask(page)).body).toBe('page');
    const large = await client.ask(request('GET', '/large.txt'));
    expect(large.body === LARGE).toBe(true);
    expect(bugs(server)).toEqual([]);
  });
});

/** What the log says of bugs that were caught. */
function bugs({ log }: TestServer): string[] {
  return log.filter((line) => line.includes('bug'));
}

test('an edit is logged though its client has gone', async () => {
  const locks = new FifoLockTable();
  await using server = await startTestServer({ seams: { locks } });
  const key = resourceKey(['test.html']);
  locks.acquire(key, () => {});
  const gone = await RawClient.open(server.port);
  gone.send(request('PUT', '/test.html', { content: 'x' }));
  await using other = await RawClient.open(server.port);
  // Its answer shows that the server has read what was sent before.
  expect((await other.ask(request('GET', '/test.html'))).status).toBe(200);
  gone.reset();
  await until('the server knows that it has gone', () => server.connections === 1);
  locks.release(key);
  const said = 'Perform a PUT request: /test.html → 200, the client had gone';
  await until('it is logged', () => server.log.some((line) => line.startsWith(said)));
  expect(server.root.read('test.html')).toContain('<h2> x </h2>');
});

test('content of all connections together is bounded', async () => {
  const heldContentBytesTotalMax = 150_000;
  await using server = await startTestServer({ limits: { heldContentBytesTotalMax } });
  await using first = await RawClient.open(server.port);
  await using second = await RawClient.open(server.port);
  const head = request('POST', '/a.txt', { fields: ['Content-Length: 100001'] });
  first.send(head + 'a'.repeat(100_000));
  await first.sent();
  // A connection that has its answer shows that the server has read what was sent before.
  expect((await second.ask(request('GET', '/test.html'))).status).toBe(200);
  second.send(head + 'b'.repeat(100_000));
  const refused = await second.next('POST');
  expect([refused.status, refused.fields.get('retry-after')]).toEqual([503, '1']);
  first.send('a');
  expect((await first.next('POST')).status).toBe(201);
  // What was held is given back.
  await using third = await RawClient.open(server.port);
  const post = request('POST', '/b.txt', { content: 'c'.repeat(100_001) });
  expect((await third.ask(post)).status).toBe(201);
  expect((await third.ask(post)).status).toBe(201);
});
