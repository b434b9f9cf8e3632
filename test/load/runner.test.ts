/** The load runner against real servers, good and bad ones. */

import { describe, expect, test } from 'bun:test';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { LoadReport } from '../../src/load/load.ts';
import { outageMsMax } from '../../src/load/runner.ts';
import { startLoad } from '../../src/load/start-load.ts';
import { freePort, type Peer, type RawServer, rawServer, until } from '../client/raw-server.ts';
import { numbered, planOf, type Wishes } from './plans.ts';

const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
const closing = 'HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

function start(server: Pick<RawServer, 'endpoint'>, wishes: Wishes = {}) {
  return startLoad(planOf(server.endpoint, wishes), systemClock, systemRandom);
}

function load(server: Pick<RawServer, 'endpoint'>, wishes: Wishes): Promise<LoadReport> {
  return start(server, wishes).report;
}

/** The numbers that arrived, in order of size. */
function arrived(server: RawServer): number[] {
  return server.requests.map(numberOf).sort((a, b) => a - b);
}

function numberOf(request: string): number {
  return Number(/^GET \/(\d+) /.exec(request)?.[1]);
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

function outcome(report: LoadReport) {
  return {
    completed: report.completed,
    statuses: Object.fromEntries(report.byStatus),
    failures: Object.fromEntries(report.byFailure),
    ending: report.cancelled ? 'cancelled' : report.gaveUp ? 'gave up' : 'whole',
  };
}

describe('every number once', () => {
  const rows = [
    { name: 'over 20 connections', count: 1_000, connections: 20, accepted: 20 },
    { name: 'over one', count: 50, connections: 1, accepted: 1 },
    { name: 'no more connections than requests', count: 3, connections: 20, accepted: 3 },
    { name: 'one request', count: 1, connections: 1, accepted: 1 },
  ];
  test.each(rows)('$name', async ({ count, connections, accepted }) => {
    using server = rawServer({ request: (peer) => void peer.socket.write(whole) });
    const report = await load(server, { count, connections });
    expect(arrived(server)).toEqual(upTo(count));
    expect(server.accepted).toBe(accepted);
    expect(outcome(report)).toEqual({
      completed: count,
      statuses: { 200: count },
      failures: {},
      ending: 'whole',
    });
    const { fromSend } = report;
    expect(fromSend?.count).toBe(count);
    expect(fromSend?.minMs).toBeGreaterThan(0);
    expect(fromSend?.maxMs).toBeLessThanOrEqual(report.elapsedMs);
    expect(report.fromDue).toBeUndefined();
    expect(report.bytesReceived).toBe(count * whole.length);
    expect(report.perSecond).toBeCloseTo((count * 1000) / report.elapsedMs, 6);
  });
});

describe('connections that the server ends between requests', () => {
  test('with Connection: close', async () => {
    using server = rawServer({
      request(peer) {
        peer.socket.write(closing);
        peer.socket.end();
      },
    });
    const report = await load(server, { count: 100 });
    expect(outcome(report)).toMatchObject({ statuses: { 201: 100 }, failures: {} });
    expect(arrived(server)).toEqual(upTo(100));
    expect(server.accepted).toBe(100);
  });

  test('without a word', async () => {
    using server = rawServer({
      request(peer) {
        peer.socket.write(whole);
        peer.socket.end();
      },
    });
    const report = await load(server, { count: 100 });
    expect(outcome(report)).toMatchObject({ statuses: { 200: 100 }, failures: {} });
    expect(arrived(server)).toEqual(upTo(100));
  });
});

describe('failures', () => {
  test('each kind is counted and the rest goes on', async () => {
    using server = rawServer({
      request(peer, text) {
        switch (numberOf(text) % 10) {
          case 1:
            peer.socket.terminate();
            return;
          case 2:
            peer.socket.end();
            return;
          case 3:
            peer.socket.write('nonsense\r\n');
            return;
          case 4:
            peer.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello');
            peer.socket.end();
            return;
          case 5:
            peer.socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno');
            return;
          case 6:
            // Number 6 alone is never answered: one time limit is enough for a test.
            if (numberOf(text) !== 6) peer.socket.write(whole);
            return;
          default:
            peer.socket.write(whole);
        }
      },
    });
    const report = await load(server, { count: 200, timeoutMs: 400 });
    expect(outcome(report)).toEqual({
      completed: 119,
      statuses: { 200: 99, 404: 20 },
      failures: { reset: 20, closed: 40, parse: 20, timeout: 1 },
      ending: 'whole',
    });
    expect(arrived(server)).toEqual(upTo(200));
  });

  test('nothing listens: each attempt counts, and it gives up after 100', async () => {
    const port = freePort();
    const nobody = { endpoint: { host: '127.0.0.1', port, authority: `127.0.0.1:${port}` } };
    expect(outcome(await load(nobody, { count: 30, connections: 20 }))).toEqual({
      completed: 0,
      statuses: {},
      failures: { connect: 30 },
      ending: 'whole',
    });
    const report = await load(nobody, { count: 1_000, connections: 20 });
    expect(outcome(report)).toMatchObject({ failures: { connect: 100 }, ending: 'gave up' });
    expect(report.fromSend).toBeUndefined();
    // Twenty lanes pause after each refusal, so five rounds take four pauses at least.
    expect(report.elapsedMs).toBeGreaterThan(35);
  });

  test('a server that comes back in time is used again, however often', async () => {
    const situation = { request: (peer: Peer) => void peer.socket.write(whole) };
    let server = rawServer(situation);
    const { port } = server;
    const run = start(server, { count: 1_000_000, connections: 5 });
    for (let outage = 0; outage < 3; outage += 1) {
      const current = server;
      await until(() => current.requests.length > 100, 'the load runs');
      server.stop();
      // The requests that were cut are among these, so some are refused each time.
      const { done } = run.progress();
      await until(() => run.progress().done >= done + 15, 'some failed');
      server = rawServer(situation, port);
    }
    await until(() => server.requests.length > 100, 'the load runs again');
    run.cancel();
    const report = await run.report;
    expect(report.gaveUp).toBe(false);
    expect(report.byFailure.get('connect')).toBeGreaterThan(10);
    server.stop();
  });

  test('the server dies in the middle', async () => {
    using server: RawServer = rawServer({
      request(peer) {
        if (server.requests.length === 500) server.stop();
        else peer.socket.write(whole);
      },
    });
    const report = await load(server, { count: 10_000, connections: 20 });
    const { completed, byFailure } = report;
    expect(report.gaveUp).toBe(true);
    // It may have been a restart, so it is waited for, and more and more seldom tried.
    expect(byFailure.get('connect')).toBeLessThan(1_000);
    expect(report.elapsedMs).toBeGreaterThan(outageMsMax);
    expect(byFailure.get('connect')).toBeGreaterThanOrEqual(20);
    // A response that was written before the stop may be lost with its connection, never more.
    const cut = (byFailure.get('reset') ?? 0) + (byFailure.get('closed') ?? 0);
    expect(cut).toBeGreaterThanOrEqual(1);
    expect(cut).toBeLessThanOrEqual(20);
    expect(completed).toBeGreaterThan(500 - 20);
    expect(completed).toBeLessThan(500);
  });

  test('a template that is no HTTP is a fault of whoever made it', () => {
    using server = rawServer({});
    const spaced = { ...numbered, target: '/a b\n' };
    expect(() => start(server, { requests: [{ ...spaced, method: 'G T' }] })).toThrow(/method/);
    expect(server.accepted).toBe(0);
  });
});

describe('while it runs', () => {
  test('cancel drops everything at once', async () => {
    using server = rawServer({
      request(peer, text) {
        // The first 50 are answered, the others wait for ever.
        if (numberOf(text) <= 50) peer.socket.write(whole);
      },
    });
    const run = start(server, { count: 1_000 });
    expect(run.progress()).toMatchObject({ done: 0, failed: 0, warming: false });
    await until(() => run.progress().done === 50, '50 are done');
    await until(() => server.requests.length === 60, 'ten wait');
    expect(run.progress().elapsedMs).toBeGreaterThan(0);
    run.cancel();
    run.cancel();
    const report = await run.report;
    // Ten were under way, so nobody knows what became of them.
    expect(report.dropped).toBe(10);
    expect(outcome(report)).toEqual({
      completed: 50,
      statuses: { 200: 50 },
      failures: {},
      ending: 'cancelled',
    });
    expect(server.requests.length).toBe(60);
    const { elapsedMs } = run.progress();
    await new Promise((resolve) => setImmediate(resolve));
    expect(run.progress()).toMatchObject({ done: 50, elapsedMs });
  });

  test('cancel while it connects', async () => {
    using server = rawServer({ request: (peer) => void peer.socket.write(whole) });
    const run = start(server);
    run.cancel();
    expect(outcome(await run.report)).toMatchObject({ completed: 0, ending: 'cancelled' });
    expect(server.requests.length).toBe(0);
  });

  test('cancel after the end changes nothing', async () => {
    using server = rawServer({ request: (peer) => void peer.socket.write(whole) });
    const run = start(server);
    const report = await run.report;
    run.cancel();
    expect(await run.report).toBe(report);
    expect(report.cancelled).toBe(false);
  });
});
