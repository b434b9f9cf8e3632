/** Each limit of time and number that a connection has: at it, and one past it. */

import { describe, expect, test } from 'bun:test';
import { defaultServerLimits, type ServerLimits } from '../../src/config/limits.ts';
import { FifoLockTable } from '../../src/dispatch/lock-table.ts';
import { resourceKey } from '../../src/model/resource-key.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE } from '../support/root.ts';
import { startTestServer, type TestServer, until } from '../support/server.ts';

const limits = defaultServerLimits;
const MIB = 1024 * 1024;
const LARGE = new Uint8Array(20 * MIB).fill(0x61);

async function startAt(
  clock: ManualClock,
  options: { limits?: Partial<ServerLimits>; files?: Record<string, string | Uint8Array> } = {},
): Promise<TestServer> {
  return await startTestServer({ ...options, seams: { clock } });
}

/** Once another connection has its answer, the server has read all that was sent before. */
async function isRead({ port }: TestServer): Promise<void> {
  await using other = await RawClient.open(port);
  other.send(request('GET', '/nothing', { fields: ['Connection: close'] }));
  await other.next();
}

/** Sends, and lets exactly `ms` pass once it has been read. */
async function sendAndPass(
  server: TestServer,
  clock: ManualClock,
  client: RawClient,
  text: string,
  ms: number,
): Promise<void> {
  client.send(text);
  await isRead(server);
  clock.advance(ms);
  await isRead(server);
}

describe('the header deadline', () => {
  const rows: readonly (readonly [name: string, parts: readonly string[]])[] = [
    ['of a head that stops', ['GET / HTTP/1.1\r\nHo']],
    ['of a single byte', ['G']],
    ['of a CR alone', ['\r']],
    ['of a head that dribbles', ['G', 'E', 'T', ' ', '/', ' ', 'H', 'T', 'T', 'P']],
    ['behind an answered request', [`${request('GET', '/test.html')}GET`]],
  ];
  for (const [name, parts] of rows) {
    test(name, async () => {
      const clock = new ManualClock();
      await using server = await startAt(clock);
      await using client = await RawClient.open(server.port);
      // It runs from the first byte, not from the connection.
      await sendAndPass(server, clock, client, '', limits.headerTimeoutMs + 5_000);
      const stepMs = limits.headerTimeoutMs / parts.length;
      for (const [n, part] of parts.entries()) {
        if (part.startsWith('GET /test')) {
          client.send(part);
          expect((await client.next()).status).toBe(200);
        }
        const last = n === parts.length - 1 ? 1 : 0;
        const text = part.startsWith('GET /test') ? '' : part;
        await sendAndPass(server, clock, client, text, stepMs - last);
        expect(client.received).toBe('');
        expect(client.ended).toBe(false);
      }
      clock.advance(1);
      const response = await client.next();
      expect(response.status).toBe(408);
      expect(response.fields.get('connection')).toBe('close');
      expect(await client.end()).toBe('');
    });
  }
});

describe('the idle deadline closes without an answer', () => {
  for (const before of ['', request('GET', '/test.html'), '\r\n']) {
    test(`after ${JSON.stringify(before.slice(0, 3))}`, async () => {
      const clock = new ManualClock();
      await using server = await startAt(clock);
      await using client = await RawClient.open(server.port);
      await sendAndPass(server, clock, client, before, 0);
      if (before.length > 2) await client.next();
      await sendAndPass(server, clock, client, '', limits.idleTimeoutMs - 1);
      expect(client.ended).toBe(false);
      clock.advance(1);
      expect(await client.end()).toBe('');
      await until('the connection is gone', () => server.connections === 0);
    });
  }

  test('and each request begins it anew', async () => {
    const clock = new ManualClock();
    await using server = await startAt(clock);
    await using client = await RawClient.open(server.port);
    for (let n = 0; n < 5; n += 1) {
      expect((await client.ask(request('GET', '/test.html'))).status).toBe(200);
      clock.advance(limits.idleTimeoutMs - 1);
    }
    await isRead(server);
    expect(client.ended).toBe(false);
  });
});

describe('the rate of content', () => {
  const put = request('PUT', '/test.html', { fields: ['Content-Length: 100000'] });
  const graceMs = limits.contentRateGraceMs;
  const enough = (graceMs / 1_000) * limits.contentRateMin;

  test('at it goes on, one byte below is 408', async () => {
    for (const [bytes, goesOn] of [
      [enough, true],
      [enough - 1, false],
    ] as const) {
      const clock = new ManualClock();
      await using server = await startAt(clock);
      await using client = await RawClient.open(server.port);
      await sendAndPass(server, clock, client, put + 'x'.repeat(bytes), graceMs - 1);
      expect(client.received).toBe('');
      clock.advance(1);
      await isRead(server);
      if (goesOn) {
        expect(client.received).toBe('');
        clock.advance(1);
      }
      const response = await client.next('PUT');
      expect(response.status).toBe(408);
      expect(await client.end()).toBe('');
      expect(server.root.read('test.html')).toBe(SAMPLE);
    }
  });

  test('counts from the 100 that asked for it', async () => {
    const clock = new ManualClock();
    await using server = await startAt(clock);
    await using client = await RawClient.open(server.port);
    client.send(put.replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n'));
    await client.holds('HTTP/1.1 100 Continue\r\n\r\n');
    await sendAndPass(server, clock, client, '', graceMs - 1);
    expect(client.ended).toBe(false);
    clock.advance(1);
    expect((await client.next('PUT')).status).toBe(408);
    expect(await client.end()).toBe('');
  });

  test('does not count while the server has not asked', async () => {
    const clock = new ManualClock();
    const locks = new FifoLockTable();
    await using server = await startTestServer({ seams: { clock, locks } });
    await using client = await RawClient.open(server.port);
    const key = resourceKey(['test.html']);
    locks.acquire(key, () => {});
    const waiting = request('POST', '/new.txt', {
      fields: ['Expect: 100-continue', 'Content-Length: 3'],
    });
    client.send(request('PUT', '/test.html', { content: 'x' }) + waiting);
    await isRead(server);
    clock.advance(graceMs + 1);
    await isRead(server);
    expect(client.received).toBe('');
    locks.release(key);
    expect((await client.next('PUT')).status).toBe(200);
    await client.holds('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('abc');
    expect((await client.next('POST')).body).toBe('abc');
  });

  test('holds for content that nobody wants', async () => {
    const clock = new ManualClock();
    await using server = await startAt(clock);
    await using client = await RawClient.open(server.port);
    client.send(request('GET', '/test.html', { fields: ['Content-Length: 10'] }));
    expect((await client.next()).status).toBe(200);
    await sendAndPass(server, clock, client, '', graceMs - 1);
    expect(client.ended).toBe(false);
    clock.advance(1);
    expect(await client.end()).toBe('');
  });
});

test('unwanted content past what is dropped ends a connection that was answered', async () => {
  await using server = await startTestServer();
  await using client = await RawClient.open(server.port);
  client.send(request('GET', '/test.html', { fields: ['Transfer-Encoding: chunked'] }));
  expect((await client.next()).status).toBe(200);
  const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
  client.send(chunk + chunk);
  await isRead(server);
  expect(client.ended).toBe(false);
  client.send('1\r\n');
  client.send('x');
  expect(await client.end()).toBe('');
});

test('content of requests that wait is held up to a limit, then no more is read', async () => {
  const locks = new FifoLockTable();
  await using server = await startTestServer({
    limits: { pipelinedRequestsMax: 1_000 },
    seams: { locks },
  });
  await using client = await RawClient.open(server.port);
  const key = resourceKey(['new.txt']);
  locks.acquire(key, () => {});
  const count = 60;
  const post = request('POST', '/new.txt', { content: 'm'.repeat(MIB) });
  client.send(post.repeat(count));
  await isRead(server);
  await stalled();
  expect(client.unsent).toBeGreaterThan(0);
  locks.release(key);
  for (let n = 0; n < count; n += 1) expect((await client.next('POST')).status).toBe(201);
});

describe('a client that does not read', () => {
  test('is reset when it has stalled', async () => {
    const clock = new ManualClock();
    await using server = await startAt(clock, { files: { 'large.bin': LARGE } });
    await using client = await RawClient.open(server.port);
    client.pause();
    client.send(request('GET', '/large.bin'));
    await isRead(server);
    await stalled();
    clock.advance(limits.writeStallTimeoutMs - 1);
    expect(server.connections).toBeGreaterThanOrEqual(1);
    // Each look at the deadline tries to send once more, and the kernel may take a little.
    await until('it is reset', () => {
      clock.advance(limits.writeStallTimeoutMs);
      return server.connections === 0;
    });
  });

  test('is reset when what it took is less than the rate, though it never stalled', async () => {
    const clock = new ManualClock();
    const few = { writeStallTimeoutMs: 1e9, writeRateMin: 10_000_000 };
    await using server = await startAt(clock, { limits: few, files: { 'large.bin': LARGE } });
    await using client = await RawClient.open(server.port);
    client.pause();
    client.send(request('GET', '/large.bin'));
    await isRead(server);
    await stalled();
    clock.advance(limits.writeRateGraceMs - 1);
    expect(server.connections).toBe(1);
    // Each look at the deadline tries to send once more, and the kernel may take a little.
    await until('it is reset', () => {
      clock.advance(limits.writeStallTimeoutMs);
      return server.connections === 0;
    });
  });
});

/** Resolves after some turns of the event loop in which the streams fill up. */
async function stalled(): Promise<void> {
  let turns = 0;
  await until('some turns', () => {
    turns += 1;
    return turns > 100;
  });
}
