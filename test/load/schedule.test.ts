/** The moments of an open schedule, with and without a ramp. */

import { expect, test } from 'bun:test';
import { openSchedule } from '../../src/load/schedule.ts';

test.each([
  { rate: 1_000, rampMs: 0, index: 0, dueMs: 0 },
  { rate: 1_000, rampMs: 0, index: 250, dueMs: 250 },
  { rate: 0.5, rampMs: 0, index: 3, dueMs: 6_000 },
  // Half as many come in the ramp as at the full rate: 500 of 1,000.
  { rate: 1_000, rampMs: 1_000, index: 0, dueMs: 0 },
  { rate: 1_000, rampMs: 1_000, index: 125, dueMs: 500 },
  { rate: 1_000, rampMs: 1_000, index: 500, dueMs: 1_000 },
  { rate: 1_000, rampMs: 1_000, index: 750, dueMs: 1_250 },
])('number $index at $rate per second after a ramp of $rampMs ms: $dueMs ms', (row) => {
  expect(openSchedule(row.rate, row.rampMs).dueMs(row.index)).toBeCloseTo(row.dueMs, 9);
});

test('it never goes back, at the end of the ramp neither', () => {
  const schedule = openSchedule(333, 700);
  for (let index = 1; index < 500; index += 1) {
    expect(schedule.dueMs(index)).toBeGreaterThan(schedule.dueMs(index - 1));
  }
});

test('how many are due before a moment is how many are due before it', () => {
  for (const [rate, rampMs] of [
    [1_000, 0],
    [333, 700],
    [0.7, 0],
    [97, 1_300],
  ] as const) {
    const schedule = openSchedule(rate, rampMs);
    for (let index = 0; index < 300; index += 1) {
      const dueMs = schedule.dueMs(index);
      expect(schedule.countBefore(dueMs)).toBe(index);
      expect(schedule.countBefore(dueMs + 1e-6)).toBe(index + 1);
    }
    expect(schedule.countBefore(0)).toBe(0);
  }
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('a rate of %p is refused', (rate) => {
  expect(() => openSchedule(rate, 0)).toThrow(/a rate of/);
});
