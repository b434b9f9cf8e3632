/** Percentiles, extremes and counts of the latency histogram. */

import { expect, test } from 'bun:test';
import { LatencyHistogram } from '../../src/load/latency.ts';

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

const thousand = histogramOf(Array.from({ length: 1_000 }, (_, index) => index + 1));

test('percentiles are within a thousandth', () => {
  for (const percentile of [0.1, 25, 50, 90, 99, 99.9, 100]) {
    const trueMs = percentile * 10;
    const told = thousand.percentileMs(percentile);
    expect(Math.abs(told - trueMs) / trueMs).toBeLessThanOrEqual(0.001);
  }
});

test('the least, the greatest and the mean', () => {
  const few = histogramOf([0.123456789, 7.7777777, 59_999.123456]);
  expect([few.count, few.minMs, few.maxMs]).toEqual([3, 0.123456789, 59_999.123456]);
  expect(few.percentileMs(100)).toBe(59_999.123456);
  expect(thousand.meanMs).toBeCloseTo(500.5, 0);
});

test.each([
  [0, 0],
  [0.9, 0],
  [1, 1],
  [1.5, 1],
  [2, 2],
  [10.01, 10],
  [250.3, 250],
  [999.7, 999],
  [1_000, 1_000],
  [5_000, 1_000],
])('up to %p ms there are %p', (ms, count) => {
  // One step of the histogram may lie on either side of an edge that is a value itself.
  expect(Math.abs(thousand.countUpTo(ms) - count)).toBeLessThanOrEqual(ms % 1 === 0 ? 1 : 0);
});

test('a percentile is the nearest rank: that share of the values is at most as great', () => {
  // Of 60 values, 59 are 98.3 %, so p99 is the greatest.
  const sixty = histogramOf([...Array.from({ length: 59 }, () => 1), 1_000]);
  expect(sixty.percentileMs(99)).toBe(1_000);
  expect(sixty.percentileMs(98)).toBeCloseTo(1, 2);
  for (let count = 1; count <= 60; count += 1) {
    const values = Array.from({ length: count }, (_, index) => index + 1);
    const histogram = histogramOf(values);
    for (const percentile of [0.1, 1, 33.3, 50, 75, 90, 99, 99.9, 100]) {
      const rank = Math.ceil((count * percentile) / 100);
      expect(Math.round(histogram.percentileMs(percentile))).toBe(rank);
    }
    for (let rank = 0; rank <= count; rank += 1) {
      expect(histogram.countUpTo(rank + 0.5)).toBe(rank);
    }
  }
});

test('equal values are counted together', () => {
  const equal = histogramOf([...Array.from({ length: 70 }, () => 5), 9, 9, 400]);
  expect([4.9, 5.1, 8.9, 9.1, 399, 401].map((ms) => equal.countUpTo(ms))).toEqual([
    0, 70, 70, 72, 72, 73,
  ]);
});

test('what lies beyond the histogram is kept at its end', () => {
  const beyond = histogramOf([-1, 0, 7_200_000]);
  expect(beyond.count).toBe(3);
  expect(beyond.minMs).toBe(0);
  expect(beyond.maxMs).toBe(7_200_000);
});
