/** Guards of a lane, and of the count of what waited, in moments that no load surely brings. */

import { expect, test } from 'bun:test';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { Ticket } from '../../src/load/intake.ts';
import { Lane, type LaneRun } from '../../src/load/lane.ts';
import { RequestSource } from '../../src/load/request-source.ts';
import { Runner } from '../../src/load/runner.ts';
import { rawServer, until } from '../client/raw-server.ts';
import { numbered, planOf } from './plans.ts';

const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
const sources = { uuid: () => '', wallMs: () => 0 };

test('nothing is sent while it looks whether the server ends its first connection', async () => {
  using server = rawServer({
    request(peer) {
      peer.socket.write(whole);
      setImmediate(() => peer.socket.end());
    },
  });
  const request = new RequestSource([numbered], true, sources).at(0);
  const failures: string[] = [];
  let due = 1;
  let taken = 0;
  let done = 0;
  const run: LaneRun = {
    endpoint: server.endpoint,
    clock: systemClock,
    timeoutMs: 1_000,
    pipeline: 2,
    keepAlive: true,
    nowMs: () => systemClock.monotonicMs(),
    hasNext: () => true,
    take(nowMs): Ticket | undefined {
      if (taken === due) return undefined;
      taken += 1;
      const untried = { sentMs: 0, repetitions: 0, firstSentMs: undefined, bytes: undefined };
      return { n: taken, request, dueMs: nowMs, counted: true, ...untried };
    },
    rest() {},
    completed() {
      done += 1;
      due = 2;
      // As the schedule does when the next request becomes due just now.
      queueMicrotask(() => lane.pump(systemClock.monotonicMs()));
    },
    again: () => undefined,
    failed: (_ticket, failure) => void failures.push(failure),
    connected() {},
    unconnected() {},
    received() {},
    surplus() {},
  };
  const lane = new Lane(run);
  lane.start();
  await until(() => done + failures.length === 2, 'both have ended');
  lane.stop();
  expect([done, failures, server.accepted]).toEqual([2, [], 2]);
});

test('a request has not waited for a connection while another one rests', async () => {
  using server = rawServer({ request: (peer) => void peer.socket.write(whole) });
  const sink = { completed() {}, failed() {} };
  const plan = planOf(server.endpoint, { durationMs: 60_000, rate: 1, connections: 3 });
  const share = { index: 0, of: 1 };
  const runner = new Runner(plan, share, sink, systemClock, systemRandom);
  await until(() => server.requests.length === 1, 'the first one was sent');
  await until(() => runner.nowMs() > 20, 'all three rest');
  // This lane became free long after the request was due, and the others were free before.
  expect(runner.take(1_500, 1_400)?.dueMs).toBe(1_000);
  runner.cancel();
  const { waited, late } = await runner.ended;
  // The first of all waited for the connections to stand.
  expect([waited, late]).toEqual([1, 1]);
});
