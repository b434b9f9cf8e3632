/** What a load can be asked for, against real servers. */

import { describe, expect, test } from 'bun:test';
import { gatherBytesMax } from '../../src/load/lane.ts';
import { freePort, rawServer, until } from '../client/raw-server.ts';
import { answering, counts, lastOne, load, numbers, start, upTo, whole } from './harness.ts';
import { numbered } from './plans.ts';

describe('pipeline', () => {
  test('up to so many are under way, and each is answered in order', async () => {
    let most = 0;
    const held: (() => void)[] = [];
    using server = rawServer({
      request(peer, text) {
        held.push(() => peer.socket.write(whole.replace('hello', text.slice(5, 10))));
        most = Math.max(most, held.length);
        if (held.length === 4) for (const answer of held.splice(0)) answer();
      },
    });
    const report = await load(server, { count: 40, connections: 1, pipeline: 4 });
    expect(counts(report)).toEqual({ statuses: { 200: 40 }, failures: {} });
    expect(most).toBe(4);
    expect(numbers(server)).toEqual(upTo(40));
    expect(server.accepted).toBe(1);
  });

  test('what stood behind a last response is sent again, once', async () => {
    // Each connection answers two, and says so at the second; what follows it was not read.
    using server = rawServer({
      data(peer) {
        const heads = peer.text.split('\r\n\r\n').slice(0, -1);
        if (heads.length < 2 && !heads.some((head) => /^GET \/21 /.test(head))) return;
        peer.text = '';
        answered.push(...heads.slice(0, 2).map((head) => Number(/\/(\d+) /.exec(head)?.[1])));
        const close = whole.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
        peer.socket.write(heads.length > 1 ? whole + close : close);
        peer.socket.end();
      },
    });
    const answered: number[] = [];
    const report = await load(server, { count: 21, connections: 1, pipeline: 8 });
    expect(counts(report)).toEqual({ statuses: { 200: 21 }, failures: {} });
    expect(answered).toEqual(upTo(21));
  });

  test('nothing goes out behind a request that says itself that it is the last', async () => {
    // This server answers everything and closes nothing.
    using server = answering();
    const requests = [
      { ...numbered, fields: [['Host', 'a'] as const, ['Connection', 'close'] as const] },
    ];
    const report = await load(server, { count: 20, connections: 1, pipeline: 8, requests });
    expect(counts(report)).toEqual({ statuses: { 200: 20 }, failures: {} });
    expect(numbers(server)).toEqual(upTo(20));
    expect(server.accepted).toBe(20);
  });

  test('a server that ends each connection after one is not sent all of them each time', async () => {
    let received = 0;
    using server = rawServer({
      data(peer) {
        received += peer.text.split('GET ').length - 1;
        if (peer.text.includes('GET ')) peer.socket.write(lastOne);
        peer.text = '';
        peer.socket.end();
      },
    });
    const report = await load(server, { count: 300, connections: 1, pipeline: 100 });
    expect(counts(report)).toEqual({ statuses: { 200: 300 }, failures: {} });
    // Once 100 at a time, and from then on as many as were answered.
    expect(received).toBeLessThan(600);
  });

  test('content beyond what one write gathers goes out in several', async () => {
    using server = answering();
    const bytes = new Uint8Array(gatherBytesMax / 2 + 1).fill(0x78);
    const requests = [{ ...numbered, content: { kind: 'bytes', bytes } } as const];
    const report = await load(server, { count: 20, connections: 1, pipeline: 10, requests });
    expect(counts(report)).toEqual({ statuses: { 200: 20 }, failures: {} });
    expect(numbers(server)).toEqual(upTo(20));
  });

  test('with a schedule too, the close after the first response is looked for', async () => {
    using server = rawServer({
      request(peer) {
        peer.socket.write(whole);
        peer.socket.end();
      },
    });
    const wishes = { count: 50, rate: 100, connections: 1, pipeline: 2 };
    expect((await load(server, wishes)).byFailure.get('closed') ?? 0).toBeLessThan(10);
  });

  test('a lost connection costs all that were under way on it', async () => {
    using server = rawServer({
      request(peer) {
        if (peer.number === 1 && peer.requests === 5) peer.socket.terminate();
        else if (peer.number > 1) peer.socket.write(whole);
      },
    });
    const report = await load(server, { count: 20, connections: 1, pipeline: 5 });
    expect(counts(report)).toEqual({ statuses: { 200: 15 }, failures: { reset: 5 } });
  });
});

describe('content that the kernel does not take at once', () => {
  const bytes = new Uint8Array(6_000_000).fill(0x78);
  const large = { ...numbered, method: 'PUT', content: { kind: 'bytes', bytes } } as const;

  test('goes out whole, with what follows behind it', async () => {
    using server = answering();
    const wishes = { count: 6, connections: 1, pipeline: 3, requests: [large] };
    const report = await load(server, wishes);
    expect(counts(report)).toEqual({ statuses: { 200: 6 }, failures: {} });
    expect(server.requests.map((text) => text.length > bytes.length)).toEqual(
      Array.from({ length: 6 }, () => true),
    );
    expect(server.accepted).toBe(1);
    expect(report.bytesSent).toBe(server.requests.reduce((sum, text) => sum + text.length, 0));
  });

  test('is cut off when its answer came, and its connection with it', async () => {
    using server = rawServer({
      data(peer) {
        if (peer.requests > 0) return;
        peer.requests = 1;
        peer.socket.pause();
        peer.socket.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n');
      },
    });
    const report = await load(server, { count: 3, connections: 1, requests: [large] });
    expect(counts(report)).toEqual({ statuses: { 413: 3 }, failures: {} });
    expect(server.accepted).toBe(3);
    // What was never taken by the kernel was not sent.
    expect(report.bytesSent).toBeLessThan(3 * bytes.length);
  });
});

describe('no keep-alive', () => {
  for (const rate of [undefined, 1_000]) {
    test(`a connection for each request, ${rate ?? 'no'} rate`, async () => {
      using server = rawServer({
        request(peer, text) {
          expect(text).toContain('\r\nConnection: close\r\n');
          peer.socket.write(whole);
          peer.socket.end();
        },
      });
      const wishes = { count: 50, connections: 5, keepAlive: false };
      const report = await load(server, rate === undefined ? wishes : { ...wishes, rate });
      expect(counts(report)).toEqual({ statuses: { 200: 50 }, failures: {} });
      expect(server.accepted).toBe(50);
      expect(numbers(server)).toEqual(upTo(50));
      // Connecting is part of the one and not of the other.
      expect(report.fromDue?.meanMs).toBeGreaterThan(report.fromSend?.meanMs ?? Infinity);
    });
  }

  test('a server that keeps the connection open is left all the same', async () => {
    using server = answering();
    const report = await load(server, { count: 20, connections: 2, keepAlive: false });
    expect(counts(report)).toEqual({ statuses: { 200: 20 }, failures: {} });
    expect(server.accepted).toBe(20);
  });
});

describe('time', () => {
  test('a run for a time counts what it began before the end', async () => {
    using server = answering();
    const report = await load(server, { durationMs: 150, connections: 3 });
    expect(report.elapsedMs).toBeGreaterThan(120);
    expect(report.elapsedMs).toBeLessThan(1_000);
    expect(report.completed).toBe(server.requests.length);
    expect(report.dropped).toBe(0);
  });

  test('the warm-up is in no figure', async () => {
    using server = rawServer({
      request(peer) {
        // The first hundred are slow.
        if (server.requests.length > 100) peer.socket.write(whole);
        else setTimeout(() => peer.socket.write(whole), 40);
      },
    });
    const report = await load(server, { count: 300, connections: 50, warmupMs: 150 });
    expect(report.completed).toBe(300);
    expect(server.requests.length).toBeGreaterThan(350);
    // A quarter of all would be slow if those of the warm-up were among them.
    expect(report.fromSend?.percentileMs(80)).toBeLessThan(40);
    expect(report.bytesReceived).toBeLessThan((server.requests.length - 90) * whole.length);
  });

  test('connections come one after the other in the ramp', async () => {
    const openedMs: number[] = [];
    using server = rawServer({
      open: () => void openedMs.push(performance.now()),
      request: (peer) => void setTimeout(() => peer.socket.write(whole), 5),
    });
    await load(server, { durationMs: 200, connections: 10, rampMs: 100 });
    expect(openedMs.length).toBe(10);
    const spread = (openedMs.at(-1) ?? 0) - (openedMs[0] ?? 0);
    expect(spread).toBeGreaterThan(80);
  });
});

test('a run that is stopped in its warm-up has measured nothing', async () => {
  using server = answering();
  const run = start(server, { durationMs: 60_000, connections: 2, warmupMs: 60_000 });
  await until(() => server.requests.length > 50, 'it runs');
  run.cancel();
  const report = await run.report;
  const { completed, bytesReceived, bytesSent, elapsedMs } = report;
  expect({ completed, bytesReceived, bytesSent, elapsedMs }).toEqual({
    completed: 0,
    bytesReceived: 0,
    bytesSent: 0,
    elapsedMs: 0,
  });
});

test('bytes that belong to no response are told', async () => {
  using server = rawServer({ request: (peer) => void peer.socket.write(`${whole}\r\n`) });
  const report = await load(server, { count: 10, connections: 1 });
  expect(counts(report)).toEqual({ statuses: { 200: 10 }, failures: {} });
  // What follows the last one is not looked at any more.
  expect(report.surplus).toBeGreaterThanOrEqual(9);
  expect(report.connected).toBeGreaterThanOrEqual(10);
});

test('the first of a kind of failure says why', async () => {
  using server = rawServer({ request: (peer) => void peer.socket.write('nonsense\r\n') });
  const report = await load(server, { count: 5, connections: 1 });
  expect(report.reasons.get('parse')).toMatch(/status line/);
});

describe('what is sent and expected', () => {
  test('a mix by weight', async () => {
    using server = answering();
    const requests = [
      { ...numbered, target: '/often', weight: 4 },
      { ...numbered, method: 'HEAD', target: '/seldom', weight: 1 },
    ];
    using heads = rawServer({
      request(peer, text) {
        const isHead = text.startsWith('HEAD');
        peer.socket.write(isHead ? whole.replace('hello', '') : whole);
      },
    });
    await load(heads, { count: 100, requests });
    const seldom = heads.requests.filter((text) => text.startsWith('HEAD /seldom '));
    expect([heads.requests.length, seldom.length]).toEqual([100, 20]);
    expect(server.requests.length).toBe(0);
  });

  test('a status that is not expected is a failure and a response', async () => {
    using server = rawServer({
      request(peer, text) {
        const found = !/^GET \/\d*0 /.test(text);
        peer.socket.write(found ? whole : whole.replace('200 OK', '404 Not Found'));
      },
    });
    const plain = await load(server, { count: 50 });
    expect(counts(plain)).toEqual({ statuses: { 200: 45, 404: 5 }, failures: {} });
    expect(plain.refused).toBe(5);
    const expects = [[200, 299]] as const;
    const strict = await load(server, { count: 50, requests: [{ ...numbered, expects }] });
    expect(counts(strict)).toEqual({
      statuses: { 200: 45, 404: 5 },
      failures: { expectation: 5 },
    });
    expect([strict.completed, strict.refused]).toEqual([50, 0]);
    const absent = [[404, 404]] as const;
    const odd = await load(server, { count: 50, requests: [{ ...numbered, expects: absent }] });
    expect(odd.byFailure.get('expectation')).toBe(45);
  });
});

describe('threads', () => {
  test('share the numbers, the connections and the schedule', async () => {
    using server = answering();
    const report = await load(server, { count: 100, connections: 7, threads: 3, rate: 1_000 });
    expect(counts(report)).toEqual({ statuses: { 200: 100 }, failures: {} });
    expect(numbers(server)).toEqual(upTo(100));
    expect(server.accepted).toBe(7);
    expect(report.fromDue?.count).toBe(100);
    expect(report.elapsedMs).toBeGreaterThan(98);
    expect(report.bytesReceived).toBe(100 * whole.length);
  });

  test('a thread that has nothing to do ends too', async () => {
    using server = answering();
    const report = await load(server, { count: 1, connections: 4, threads: 4 });
    expect(report.completed).toBe(1);
    expect(server.accepted).toBe(1);
  });

  test('cancel stops all of them', async () => {
    using server = rawServer({});
    const run = start(server, { count: 1_000, connections: 4, threads: 2 });
    await until(() => server.requests.length === 4, 'all wait');
    run.cancel();
    const report = await run.report;
    expect([report.cancelled, report.completed, report.dropped]).toEqual([true, 0, 4]);
  });

  test('cancel before they stand', async () => {
    using server = answering();
    const run = start(server, { count: 1_000_000_000, connections: 4, threads: 2 });
    run.cancel();
    expect((await run.report).cancelled).toBe(true);
  });

  test('a fault in a thread is a fault of the run', async () => {
    using server = answering();
    const requests = [{ ...numbered, method: 'G T' }];
    const run = start(server, { connections: 4, threads: 2, requests });
    await expect(run.report).rejects.toThrow(/method/);
  });

  test('nobody listens', async () => {
    const port = freePort();
    const endpoint = { host: '127.0.0.1', port, authority: `127.0.0.1:${port}` };
    const report = await load({ endpoint }, { count: 1_000, connections: 4, threads: 2 });
    expect(report.gaveUp).toBe(true);
    expect(report.byFailure.get('connect')).toBeGreaterThan(8);
    expect(report.reasons.get('connect')).toMatch(/127\.0\.0\.1/);
  });
});
