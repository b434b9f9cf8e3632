/** The line that shows how far a load is. */

import { expect, test } from 'bun:test';
import type { LoadProgress } from '../../src/load/load.ts';
import { progressText, RecentRate, rateWindowMs } from '../../src/repl/progress.ts';
import { evenLatency } from '../load/report/reports.ts';

const counted: LoadProgress = {
  done: 4_512,
  failed: 3,
  extent: { kind: 'count', count: 10_000 },
  elapsedMs: 1_400,
  warming: false,
  latency: evenLatency(100),
};
const timed: LoadProgress = {
  ...counted,
  failed: 0,
  extent: { kind: 'duration', durationMs: 30_000 },
  elapsedMs: 12_345,
};
const bar = (filled: number, width: number) =>
  `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}]`;

const rows: readonly (readonly [
  name: string,
  progress: LoadProgress,
  columns: number,
  want: string,
])[] = [
  [
    'room for everything',
    counted,
    120,
    `${bar(18, 40)}  45%  4,512/10,000  3,226/s  p50 50.0 ms  p99 99.0 ms  3 failed`,
  ],
  [
    'a common terminal',
    counted,
    80,
    `${bar(5, 13)}  45%  4,512/10,000  3,226/s  p50 50.0 ms  p99 99.0 ms  3 failed`,
  ],
  ['without p50', counted, 70, `${bar(7, 16)}  45%  4,512/10,000  3,226/s  p99 99.0 ms  3 failed`],
  ['without p99', counted, 60, `${bar(8, 19)}  45%  4,512/10,000  3,226/s  3 failed`],
  ['without a bar', counted, 50, '45%  4,512/10,000  3,226/s  3 failed'],
  ['without the rate', counted, 32, '45%  4,512/10,000  3 failed'],
  ['without a place', counted, 20, '45%  3 failed'],
  ['the share alone', counted, 8, '45%'],
  ['not even that', counted, 3, '45'],
  [
    'a time',
    timed,
    80,
    `${bar(6, 16)}  41%  12s/30s  4,512 done  3,226/s  p50 50.0 ms  p99 99.0 ms`,
  ],
  [
    'minutes',
    { ...timed, extent: { kind: 'duration', durationMs: 600_000 }, elapsedMs: 125_999 },
    60,
    `${bar(4, 20)}  20%  2m5s/10m  3,226/s  p99 99.0 ms`,
  ],
  [
    'a short time that is over',
    { ...timed, extent: { kind: 'duration', durationMs: 2_500 }, elapsedMs: 2_600 },
    60,
    '100%  2.5s/2.5s, waiting for the last answers  3,226/s',
  ],
  [
    'the start',
    { done: 0, failed: 0, extent: { kind: 'count', count: 1 }, elapsedMs: 0, warming: false },
    80,
    `${bar(0, 40)}   0%  0/1  3,226/s`,
  ],
  [
    'the warm-up',
    { ...counted, done: 0, warming: true },
    80,
    `${bar(0, 40)} warming up, nothing is counted yet`,
  ],
];

test.each(rows)('%s', (_, progress, columns, want) => {
  expect(progressText(progress, 3_226.4, columns)).toBe(want);
});

test('it never fills the last column, however narrow the terminal', () => {
  for (const progress of [counted, timed, { ...counted, warming: true }]) {
    for (let columns = 1; columns <= 200; columns += 1) {
      expect(progressText(progress, 123_456, columns).length).toBeLessThan(columns);
    }
  }
});

test('the rate is that of the last second', () => {
  const recent = new RecentRate();
  expect(recent.perSecond({ done: 0, elapsedMs: 0 })).toBe(0);
  expect(recent.perSecond({ done: 10, elapsedMs: 100 })).toBe(100);
  // Ten times as fast from here on; a whole window later nothing is left of what was before.
  let done = 10;
  let perSecond = 0;
  for (let elapsedMs = 200; elapsedMs <= 100 + rateWindowMs; elapsedMs += 100) {
    done += 100;
    perSecond = recent.perSecond({ done, elapsedMs });
  }
  expect(perSecond).toBe(1_000);
  for (let elapsedMs = 1_200; elapsedMs <= 2_100; elapsedMs += 100) {
    perSecond = recent.perSecond({ done, elapsedMs });
  }
  expect(perSecond).toBe(0);
});

test('redraws that come late still have a rate', () => {
  const recent = new RecentRate();
  expect(recent.perSecond({ done: 3_000, elapsedMs: 3_000 })).toBe(1_000);
  expect(recent.perSecond({ done: 3_000, elapsedMs: 3_000 })).toBe(1_000);
  expect(recent.perSecond({ done: 9_000, elapsedMs: 6_000 })).toBe(2_000);
});
