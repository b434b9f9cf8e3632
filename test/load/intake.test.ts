/** Which request comes next, when it is due, and what counts. */

import { describe, expect, test } from 'bun:test';
import { Intake, type Share } from '../../src/load/intake.ts';
import { RequestSource } from '../../src/load/request-source.ts';
import { numbered, planOf, type Wishes } from './plans.ts';

const endpoint = { host: '127.0.0.1', port: 1, authority: '127.0.0.1:1' };
const sources = { uuid: () => 'u', wallMs: () => 0 };
const whole: Share = { index: 0, of: 1 };

function intakeOf(wishes: Wishes, share = whole): Intake {
  const plan = planOf(endpoint, wishes);
  return new Intake(plan, new RequestSource(plan.requests, true, sources), share);
}

/** All that can be taken at `nowMs`. */
function takeAll(intake: Intake, nowMs: number) {
  const taken = [];
  for (let ticket = intake.take(nowMs); ticket !== undefined; ticket = intake.take(nowMs)) {
    taken.push(ticket);
    if (taken.length > 10_000) throw new Error('endless');
  }
  return taken;
}

describe('closed', () => {
  test('each number once, due when it is taken', () => {
    const taken = takeAll(intakeOf({ count: 3 }), 7);
    expect(taken.map(({ n, dueMs, counted }) => [n, dueMs, counted])).toEqual([
      [1, 7, true],
      [2, 7, true],
      [3, 7, true],
    ]);
  });

  test('a time ends it', () => {
    const intake = intakeOf({ durationMs: 100 });
    expect(intake.take(99.9)?.n).toBe(1);
    expect(intake.nextDueMs(99.9)).toBe(Number.NEGATIVE_INFINITY);
    expect(intake.nextDueMs(100)).toBe(Number.POSITIVE_INFINITY);
    expect(intake.take(100)).toBeUndefined();
  });

  test('the warm-up counts for nothing, and its numbers do not come again', () => {
    const intake = intakeOf({ count: 2, warmupMs: 50 });
    expect([intake.take(0), intake.take(49)].map((ticket) => ticket?.counted)).toEqual([
      false,
      false,
    ]);
    expect(takeAll(intake, 50).map(({ n, counted }) => [n, counted])).toEqual([
      [3, true],
      [4, true],
    ]);
    expect(intake.counted).toBe(2);
  });

  test('with a time, it counts from the end of the warm-up', () => {
    const intake = intakeOf({ durationMs: 100, warmupMs: 50 });
    expect(intake.take(149)?.counted).toBe(true);
    expect(intake.take(150)).toBeUndefined();
  });
});

describe('open', () => {
  test('each is due at its time, however late it is taken', () => {
    const intake = intakeOf({ count: 5, rate: 100 });
    expect(intake.take(0)?.dueMs).toBe(0);
    expect(intake.take(9)).toBeUndefined();
    expect(intake.nextDueMs(9)).toBe(10);
    expect(takeAll(intake, 35).map(({ dueMs }) => dueMs)).toEqual([10, 20, 30]);
    expect(takeAll(intake, 1_000).map(({ n, dueMs }) => [n, dueMs])).toEqual([[5, 40]]);
    expect(intake.nextDueMs(0)).toBe(Number.POSITIVE_INFINITY);
  });

  test('what was due before the end is due after it', () => {
    const intake = intakeOf({ durationMs: 30, rate: 100 });
    expect(takeAll(intake, 500).map(({ dueMs }) => dueMs)).toEqual([0, 10, 20]);
  });

  test('what was never taken is counted', () => {
    const intake = intakeOf({ durationMs: 1_000, rate: 100 });
    takeAll(intake, 95);
    expect(intake.overdue(1_500)).toBe(90);
    expect(intake.overdue(500)).toBe(40);
  });

  test('what was never taken is counted, whatever waits from the warm-up', () => {
    const intake = intakeOf({ durationMs: 1_000, rate: 100, warmupMs: 300 });
    intake.take(0);
    expect(intake.overdue(5_000)).toBe(100);
    expect(intakeOf({ count: 7, rate: 100, warmupMs: 300 }).overdue(5_000)).toBe(7);
    expect(intakeOf({ durationMs: 1_000 }).overdue(5_000)).toBe(0);
    const shares = [0, 1, 2].map((index) =>
      intakeOf({ durationMs: 1_000, rate: 100 }, { index, of: 3 }).overdue(5_000),
    );
    expect(shares).toEqual([34, 33, 33]);
  });

  test('a billion of them cost no time', () => {
    const intake = intakeOf({ durationMs: 100_000, rate: 10_000_000 });
    expect(intake.overdue(200_000)).toBe(1_000_000_000);
  });
});

describe('shares', () => {
  test.each([1, 2, 3, 7])('%p of them have every number once', (of) => {
    const taken = Array.from({ length: of }, (_, index) =>
      takeAll(intakeOf({ count: 20, rate: 1_000 }, { index, of }), 1_000),
    ).flat();
    const sorted = taken.toSorted((a, b) => a.n - b.n);
    expect(sorted.map(({ n }) => n)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    // Together they keep the one schedule.
    for (const { n, dueMs } of sorted) expect(dueMs).toBeCloseTo(n - 1, 9);
  });

  test('each sends every kind of request', () => {
    const kinds = ['/a', '/b'].map((target) => ({ ...numbered, target }));
    for (const index of [0, 1]) {
      const intake = intakeOf({ count: 8, requests: kinds }, { index, of: 2 });
      const targets = takeAll(intake, 0).map(({ request }) => request);
      expect(new Set(targets).size).toBe(2);
    }
  });
});
