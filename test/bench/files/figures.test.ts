/** Medians, quartiles, pairs and goals: what the benchmark makes of its samples. */

import { describe, expect, test } from 'bun:test';
import { median, pairedRatio, pairedRatios, quantile, spreadOf } from '../../../bench/figures.ts';
import { type Goal, isReached } from '../../../bench/files/finding.ts';
import { alternate } from '../../../bench/files/pairs.ts';
import { fullPlan, isFull, quickPlan } from '../../../bench/files/plan.ts';

describe('spread', () => {
  const rows = [
    { name: 'one', of: [3], want: [3, 3, 3] },
    { name: 'two', of: [4, 2], want: [2.5, 3, 3.5] },
    { name: 'odd', of: [5, 1, 3, 2, 4], want: [2, 3, 4] },
    { name: 'even', of: [1, 2, 3, 4], want: [1.75, 2.5, 3.25] },
    { name: 'seven, as in a row', of: [7, 6, 5, 4, 3, 2, 1], want: [2.5, 4, 5.5] },
    { name: 'an outlier', of: [1, 1, 1, 1, 1_000], want: [1, 1, 1] },
  ];
  for (const { name, of, want } of rows) {
    test(name, () => {
      const { lower, median: middle, upper } = spreadOf(of);
      expect([lower, middle, upper]).toEqual(want);
      expect(median(of)).toBe(middle);
    });
  }

  test('none', () => {
    expect(median([])).toBeNaN();
    expect(quantile([], 0.25)).toBeNaN();
  });
});

test('the ratio is of each pair, so that a slow moment of both does not move it', () => {
  expect(pairedRatios([100, 50, 10], [50, 25, 5])).toEqual([2, 2, 2]);
  expect(pairedRatio([100, 50, 10], [50, 25, 5])).toBe(2);
  expect(pairedRatio([100], [])).toBeNaN();
});

describe('goals', () => {
  const rows: { kind: Goal['kind']; below: boolean; at: boolean; above: boolean }[] = [
    { kind: 'at least', below: false, at: true, above: true },
    { kind: 'at most', below: true, at: true, above: false },
    { kind: 'under', below: true, at: false, above: false },
  ];
  for (const { kind, below, at, above } of rows) {
    test(kind, () => {
      const goal: Goal = { kind, value: 1.15, unit: '×' };
      const judged = [1.149, 1.15, 1.151].map((value) => isReached(goal, value));
      expect(judged).toEqual([below, at, above]);
      expect(isReached(goal, Number.NaN)).toBe(false);
    });
  }
});

describe('pairs', () => {
  test('alternate, and so does who begins', async () => {
    const order: string[] = [];
    const measure = (name: string) => async () => order.push(name);
    const { own, peer } = await alternate(3, measure('own'), measure('peer'));
    expect(order).toEqual(['own', 'peer', 'peer', 'own', 'own', 'peer']);
    expect([own, peer]).toEqual([
      [1, 4, 5],
      [2, 3, 6],
    ]);
  });

  test('are halves where there is nobody to compare with', async () => {
    const { own, peer } = await alternate(2, async () => 1, undefined);
    expect([own, peer]).toEqual([[1, 1], []]);
  });
});

describe('plans', () => {
  test('the full one is what results are made with', () => {
    expect([fullPlan.pairs, fullPlan.seconds]).toEqual([7, 3]);
    const { sweepSizes, sweepConnections } = fullPlan;
    expect(sweepSizes.length * sweepConnections.length).toBeLessThanOrEqual(42);
    expect([Math.min(...sweepSizes), Math.max(...sweepSizes)]).toEqual([1024, 4 * 1024 ** 2]);
    expect([sweepConnections.at(0), sweepConnections.at(-1)]).toEqual([1, 1_024]);
    expect(isFull(fullPlan)).toBe(true);
  });

  const less = [
    { name: 'quick', plan: quickPlan },
    { name: 'a pair less', plan: { ...fullPlan, pairs: fullPlan.pairs - 1 } },
    { name: 'shorter runs', plan: { ...fullPlan, seconds: 2.9 } },
    { name: 'a coarser sweep', plan: { ...fullPlan, sweepSizes: quickPlan.sweepSizes } },
    { name: 'a shorter warm-up', plan: { ...fullPlan, warmUpSeconds: 1 } },
  ];
  for (const { name, plan } of less) {
    test(`no results: ${name}`, () => expect(isFull(plan)).toBe(false));
  }
});
