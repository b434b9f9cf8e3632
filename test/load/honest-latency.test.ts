/**
 * The latencies of an open load against what they truly are, which is worked out here: a server
 * that takes 50 ms, and one that in ten seconds stands still for one.
 */

import { beforeAll, expect, test } from 'bun:test';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { Latency } from '../../src/load/load.ts';
import { startLoad } from '../../src/load/start-load.ts';
import { rawServer } from '../client/raw-server.ts';
import { planOf } from './plans.ts';

const serviceMs = 50;
/** How far a percentile may be off, as a share of the true one. */
const tolerance = 0.05;
const percentiles = [10, 50, 75, 90, 95, 99];
const triesMax = 5;
const response = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

interface Stall {
  /** Milliseconds since the server's first request; until then nothing is answered. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** How long the server takes for a request that came at `atMs`. */
function delayMs(atMs: number, stall: Stall | undefined): number {
  const doneMs = atMs + serviceMs;
  const stalled = stall !== undefined && doneMs >= stall.fromMs && doneMs < stall.toMs;
  return stalled ? stall.toMs - atMs : serviceMs;
}

function trueAt(sorted: readonly number[], percentile: number): number {
  return sorted[Math.ceil((sorted.length * percentile) / 100) - 1] ?? Number.NaN;
}

/** The percentiles that are off by more than the tolerance, in words. */
function wrong(told: Latency | undefined, sorted: readonly number[], slackMs: number): string[] {
  return percentiles.flatMap((percentile) => {
    const truth = trueAt(sorted, percentile);
    const said = told?.percentileMs(percentile) ?? Number.NaN;
    const right = Math.abs(said - truth) <= tolerance * truth + slackMs;
    return right ? [] : [`p${percentile} is ${truth.toFixed(1)} ms, not ${said.toFixed(1)} ms`];
  });
}

/**
 * Runs a load, and works out how long each request truly took: from the moment at which the
 * schedule has it to the moment at which its answer left the server. Both are on this thread and
 * clock, so a machine that is busy delays the truth as much as what is told.
 */
async function run(rate: number, durationMs: number, connections: number, stall?: Stall) {
  let startMs = 0;
  let firstMs: number | undefined;
  const truth: number[] = [];
  using server = rawServer({
    request(peer, text) {
      const n = Number(/^GET \/(\d+) /.exec(text)?.[1]);
      const dueMs = startMs + ((n - 1) * 1000) / rate;
      firstMs ??= performance.now();
      const answer = (): void => {
        truth.push(performance.now() - dueMs);
        peer.socket.write(response);
      };
      setTimeout(answer, delayMs(performance.now() - firstMs, stall));
    },
  });
  const plan = planOf(server.endpoint, { durationMs, rate, connections });
  const standstill = watchStandstill();
  startMs = performance.now();
  const report = await startLoad(plan, systemClock, systemRandom).report;
  expect(Object.fromEntries(report.byStatus)).toEqual({ 200: (rate * durationMs) / 1000 });
  expect(report.unsent).toBe(0);
  return { report, truth: truth.sort((a, b) => a - b), standstillMs: standstill.stop() };
}

// What is compiled when it first runs would delay the first requests only.
beforeAll(async () => {
  await run(100, 100, 2);
});

/**
 * Runs `measure` until it finds nothing wrong, a few times at most. A machine that is busy with
 * other things may stand still between the server's answer and the client's look at it; a client
 * that measures wrongly is wrong each time.
 */
async function expectRightOnce(measure: (mayStand: boolean) => Promise<string[]>): Promise<void> {
  let said: string[] = [];
  for (let tries = 1; tries <= triesMax; tries += 1) {
    // In the last try, the time for which this thread stood still is no error of the client's.
    said = await measure(tries === triesMax);
    if (said.length === 0) return;
  }
  expect(said).toEqual([]);
}

/** Watches for how long this thread stood still, at the most, while something ran. */
function watchStandstill(): { stop(): number } {
  let stopped = false;
  let lastMs = performance.now();
  let longestMs = 0;
  const look = (): void => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
    if (!stopped) setImmediate(look);
  };
  setImmediate(look);
  return {
    stop() {
      stopped = true;
      return longestMs;
    },
  };
}

test('50 ms are 50 ms, in either column', async () => {
  await expectRightOnce(async (mayStand) => {
    const { report, truth, standstillMs } = await run(200, 1_000, 20);
    const slackMs = mayStand ? standstillMs : 0;
    const typical = trueAt(truth, 50) <= serviceMs * (1 + tolerance) + slackMs;
    return [
      ...(typical ? [] : [`the server took ${trueAt(truth, 50)} ms itself`]),
      ...wrong(report.fromDue, truth, slackMs),
      ...wrong(report.fromSend, truth, slackMs),
    ];
  });
});

test('fewer connections than the rate needs: the wait for one is part of it', async () => {
  await expectRightOnce(async (mayStand) => {
    // Two connections carry 40 requests per second; at 80 each one waits longer than that before.
    const { report, truth, standstillMs } = await run(80, 1_000, 2);
    expect(trueAt(truth, 99)).toBeGreaterThan(900);
    expect(report.waited).toBeGreaterThan(70);
    return wrong(report.fromDue, truth, mayStand ? standstillMs : 0);
  });
});

test(
  'a stall of 1 s in 10 s is seen by all who came in it',
  async () => {
    await expectRightOnce(async (mayStand) => {
      const stall = { fromMs: 4_000, toMs: 5_000 };
      const { report, truth, standstillMs } = await run(100, 10_000, 16, stall);
      expect(trueAt(truth, 95)).toBeGreaterThan(400);
      // From the send only those under way saw it: that is the lie that the other column mends.
      expect(report.fromSend?.countUpTo(500)).toBeGreaterThanOrEqual(1_000 - 16);
      return wrong(report.fromDue, truth, mayStand ? standstillMs : 0);
    });
  },
  triesMax * 15_000,
);
