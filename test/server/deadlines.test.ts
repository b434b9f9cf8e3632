/** The rule of the deadlines, as a table: at each limit and a millisecond or a byte before it. */

import { expect, test } from 'bun:test';
import type { ServerLimits } from '../../src/config/limits.ts';
import { defaultServerLimits } from '../../src/config/limits.ts';
import { judge, type Verdict, type Waiting } from '../../src/server/deadlines.ts';

const limits: ServerLimits = {
  ...defaultServerLimits,
  headerTimeoutMs: 10,
  idleTimeoutMs: 60,
  contentRateMin: 500,
  contentRateGraceMs: 1_000,
  writeStallTimeoutMs: 3_000,
  writeRateMin: 200,
  writeRateGraceMs: 6_000,
  lingerTimeoutMs: 2,
};

/** When waiting began: not at zero, so that a time is never taken for a duration. */
const T = 5_000;
const write = (progressMs: number, bytes: number): Waiting => ({
  for: 'write',
  sinceMs: T,
  progressMs: T + progressMs,
  bytes,
});
const content = (bytes: number): Waiting => ({ for: 'content', sinceMs: T, bytes });

const rows: readonly (readonly [waiting: Waiting, afterMs: number, want: Verdict])[] = [
  [{ for: 'head', sinceMs: T }, 0, 'go on'],
  [{ for: 'head', sinceMs: T }, 9, 'go on'],
  [{ for: 'head', sinceMs: T }, 10, 'time out'],
  [{ for: 'request', sinceMs: T }, 59, 'go on'],
  [{ for: 'request', sinceMs: T }, 60, 'close'],
  [{ for: 'linger', sinceMs: T }, 1, 'go on'],
  [{ for: 'linger', sinceMs: T }, 2, 'close'],
  [{ for: 'answer' }, 0, 'go on'],
  [{ for: 'answer' }, 1e12, 'go on'],
  [content(0), 999, 'go on'],
  [content(499), 1_000, 'time out'],
  [content(500), 1_000, 'go on'],
  [content(500), 1_001, 'time out'],
  [content(999), 1_998, 'go on'],
  [content(999), 2_000, 'time out'],
  [content(1e9), 1e6, 'go on'],
  [write(0, 0), 2_999, 'go on'],
  [write(0, 0), 3_000, 'reset'],
  [write(2_999, 1), 5_998, 'go on'],
  [write(2_999, 1), 5_999, 'reset'],
  [write(5_999, 0), 5_999, 'go on'],
  [write(5_999, 1_199), 6_000, 'reset'],
  [write(5_999, 1_200), 6_000, 'go on'],
  [write(5_999, 1_200), 6_001, 'reset'],
  [write(7_000, 1e9), 9_999, 'go on'],
  [write(7_000, 1e9), 10_000, 'reset'],
];

for (const [waiting, afterMs, want] of rows) {
  test(`${JSON.stringify(waiting)}, ${afterMs} ms later: ${want}`, () => {
    expect(judge(waiting, T + afterMs, limits)).toBe(want);
  });
}
