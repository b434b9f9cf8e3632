/** Loads on a schedule, against real servers. */

import { describe, expect, test } from 'bun:test';
import { errorsOf } from '../../src/load/load.ts';
import { drainMsMax } from '../../src/load/runner.ts';
import { rawServer, until } from '../client/raw-server.ts';
import { answering, counts, load, numbers, start, upTo, whole } from './harness.ts';

describe('rate', () => {
  test('every number at its time, over whichever connection is free', async () => {
    using server = answering();
    const report = await load(server, { count: 100, rate: 500, connections: 4 });
    expect(counts(report)).toEqual({ statuses: { 200: 100 }, failures: {} });
    expect(numbers(server)).toEqual(upTo(100));
    // The last of 100 is due after 198 ms.
    expect(report.elapsedMs).toBeGreaterThan(197);
    expect(report.fromDue?.count).toBe(100);
    expect(report.rate).toBe(500);
  });

  test('after a time nothing more is due, and what was due is still sent', async () => {
    using server = rawServer({
      request(peer) {
        // One at a time, and none before all 30 would have been due.
        setTimeout(() => peer.socket.write(whole), peer.requests === 1 ? 320 : 1);
      },
    });
    const report = await load(server, { durationMs: 300, rate: 100, connections: 1 });
    expect(counts(report)).toEqual({ statuses: { 200: 30 }, failures: {} });
    // The first one waited too, for the connection to stand.
    expect(report.waited).toBe(30);
    expect(report.unsent).toBe(0);
    expect(report.fromDue?.percentileMs(50)).toBeGreaterThan(150);
  });

  test('what finds no connection in the end is counted as unsent', async () => {
    using server = rawServer({});
    const report = await load(server, {
      durationMs: 100,
      rate: 100,
      connections: 2,
      timeoutMs: 200,
    });
    const { byFailure, dropped, unsent } = report;
    expect(byFailure.get('timeout')).toBeGreaterThanOrEqual(2);
    expect((byFailure.get('timeout') ?? 0) + dropped + unsent).toBe(10);
  });

  test('a request that this thread was too busy to send in time is late', async () => {
    using server = rawServer({
      request(peer) {
        const endMs = performance.now() + 40;
        // The server is on this thread too, so nothing can be sent meanwhile.
        while (server.requests.length === 20 && performance.now() < endMs);
        peer.socket.write(whole);
      },
    });
    const report = await load(server, { count: 50, rate: 250, connections: 20 });
    expect(report.completed).toBe(50);
    expect(report.late).toBeGreaterThanOrEqual(8);
  });

  test('its rate is that of its whole time', async () => {
    using server = answering();
    const report = await load(server, { durationMs: 400, rate: 10, connections: 1 });
    expect(report.elapsedMs).toBeGreaterThanOrEqual(400);
    expect(report.perSecond).toBeCloseTo(10, 0);
  });

  test('an idle connection that the server ends is made again when something is due', async () => {
    using server = rawServer({ open: (peer) => void peer.socket.end() });
    const report = await load(server, { durationMs: 500, rate: 10, connections: 4 });
    expect(server.accepted).toBeLessThan(20);
    expect(report.connected).toBe(server.accepted);
    expect(report.byFailure.get('closed') ?? 0).toBeGreaterThan(0);
  });

  test('only a request for which no connection was free has waited', async () => {
    using server = rawServer({
      request: (peer) => void setTimeout(() => peer.socket.write(whole), 2),
    });
    const wishes = { durationMs: 500, rate: 1_000, connections: 200 };
    // The first ones wait until connections stand.
    expect((await load(server, wishes)).waited).toBeLessThan(100);
  });

  test('what is due is sent for a while after the end, and no longer', async () => {
    using server = rawServer({
      request: (peer) => void setTimeout(() => peer.socket.write(whole), 20),
    });
    const wishes = { durationMs: 200, rate: 5_000, connections: 3, timeoutMs: 10_000 };
    const report = await load(server, wishes);
    // Three connections answer 150 a second, and 1,000 were due.
    expect(report.elapsedMs).toBeGreaterThan(drainMsMax);
    expect(report.elapsedMs).toBeLessThan(drainMsMax + 600);
    expect(report.completed + report.unsent).toBe(1_000);
    expect(report.unsent).toBeGreaterThan(400);
  });

  test('what was due when it was stopped is counted', async () => {
    using server = rawServer({});
    const run = start(server, { durationMs: 60_000, rate: 1_000, connections: 2 });
    await until(() => server.requests.length === 2 && run.progress().elapsedMs > 100, 'it runs');
    run.cancel();
    const report = await run.report;
    expect([report.cancelled, report.dropped]).toEqual([true, 2]);
    expect(report.unsent).toBeGreaterThan(90);
  });

  test('a server that is away for a while costs what was due then', async () => {
    let server = answering();
    const { port, endpoint } = server;
    const run = start({ endpoint }, { durationMs: 900, rate: 500, connections: 4 });
    await until(() => run.progress().done >= 50, 'some were answered');
    server.stop();
    await until(() => run.progress().failed >= 8, 'some met nobody');
    server = rawServer({ request: (peer) => void peer.socket.write(whole) }, port);
    const report = await run.report;
    server.stop();
    expect(report.gaveUp).toBe(false);
    const { completed, byFailure } = report;
    expect(byFailure.get('connect')).toBeGreaterThanOrEqual(4);
    // One may have been on its way when the server went, and on a busy machine some are not sent.
    expect(completed + errorsOf(report)).toBe(450);
    expect(server.requests.length).toBeGreaterThan(10);
  });
});
