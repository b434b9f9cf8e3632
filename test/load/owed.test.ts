/** What a lane owes comes in its order, and not before the longest of its waits is over. */

import { expect, test } from 'bun:test';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { Intake, type Ticket } from '../../src/load/intake.ts';
import { Owed } from '../../src/load/owed.ts';
import { RequestSource } from '../../src/load/request-source.ts';
import { numbered } from './plans.ts';

/** A clock whose single timers fire when the test lets the time pass. */
function steppedClock(): Clock & { advance(ms: number): void } {
  const waiting = new Map<object, { readonly atMs: number; readonly task: () => void }>();
  let nowMs = 0;
  return {
    ...systemClock,
    monotonicMs: () => nowMs,
    after(delayMs, task) {
      const timer = { cancel: () => void waiting.delete(timer) };
      waiting.set(timer, { atMs: nowMs + delayMs, task });
      return timer;
    },
    advance(ms) {
      nowMs += ms;
      for (const [timer, { atMs, task }] of [...waiting]) {
        if (atMs > nowMs || !waiting.delete(timer)) continue;
        task();
      }
    },
  };
}

function tickets(count: number): Ticket[] {
  const sources = { uuid: systemRandom.uuid, wallMs: () => 0 };
  const plan = { extent: { kind: 'count', count }, rampMs: 0, warmupMs: 0 } as const;
  const intake = new Intake(plan, new RequestSource([numbered], true, sources), {
    index: 0,
    of: 1,
  });
  return Array.from({ length: count }, () => intake.take(0)).flatMap((ticket) => ticket ?? []);
}

test.each([
  [100, 300],
  [300, 100],
])('waits of %d and %d ms', (one, two) => {
  const clock = steppedClock();
  let released = 0;
  const owed = new Owed(clock, () => {
    released += 1;
  });
  const [a, b] = tickets(2);
  if (a === undefined || b === undefined) throw new Error('two tickets');
  owed.addAgain(a, one);
  owed.addAgain(b, two);
  clock.advance(299);
  expect([released, owed.held]).toEqual([0, true]);
  clock.advance(1);
  expect([released, owed.held, owed.size]).toEqual([1, false, 2]);
  expect([owed.take(), owed.take(), owed.take()]).toEqual([a, b, undefined]);
  clock.advance(1_000);
  expect(released).toBe(1);
});

test('what was under way goes first, and what stops is never released', () => {
  const clock = steppedClock();
  const owed = new Owed(clock, () => {
    throw new Error('released');
  });
  const [a, b, c] = tickets(3);
  if (a === undefined || b === undefined || c === undefined) throw new Error('three tickets');
  owed.add(a);
  owed.addFirst([b]);
  owed.addAgain(c, 10);
  owed.stop();
  clock.advance(100);
  expect(owed.takeAll().map(({ n }) => n)).toEqual([2, 1, 3]);
  expect(owed.size).toBe(0);
});
