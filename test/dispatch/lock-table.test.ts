/** The lock table against a model: first come, first served, and none forgotten. */

import { describe, expect, test } from 'bun:test';
import { FifoLockTable, type LockTable } from '../../src/dispatch/lock-table.ts';
import { key } from './harness.ts';

/** One step of a table row: who asks for which key, or gives it back. */
type Step = readonly ['acquire', who: string, key: string] | readonly ['release', key: string];

interface Row {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly granted: string;
  readonly held: number;
}

const rows: readonly Row[] = [
  { name: 'a free lock is granted at once', steps: [['acquire', 'a', 'x']], granted: 'a', held: 1 },
  {
    name: 'a held one is not',
    steps: [
      ['acquire', 'a', 'x'],
      ['acquire', 'b', 'x'],
    ],
    granted: 'a',
    held: 1,
  },
  {
    name: 'another key is free all the same',
    steps: [
      ['acquire', 'a', 'x'],
      ['acquire', 'b', 'y'],
    ],
    granted: 'a b',
    held: 2,
  },
  {
    name: 'first come, first served',
    steps: [
      ['acquire', 'a', 'x'],
      ['acquire', 'b', 'x'],
      ['acquire', 'c', 'x'],
      ['release', 'x'],
      ['release', 'x'],
    ],
    granted: 'a b c',
    held: 1,
  },
  {
    name: 'nothing is kept of a key that nobody wants',
    steps: [
      ['acquire', 'a', 'x'],
      ['acquire', 'b', 'x'],
      ['release', 'x'],
      ['release', 'x'],
    ],
    granted: 'a b',
    held: 0,
  },
];

describe('FifoLockTable', () => {
  for (const { name, steps, granted, held } of rows) {
    test(name, () => {
      const locks = new FifoLockTable();
      const got: string[] = [];
      for (const step of steps) {
        if (step[0] === 'release') locks.release(key(step[1]));
        else locks.acquire(key(step[2]), () => got.push(step[1]));
      }
      expect(got.join(' ')).toBe(granted);
      expect(locks.held).toBe(held);
    });
  }

  test('a release that nobody may make is a bug', () => {
    const locks = new FifoLockTable();
    expect(() => locks.release(key('x'))).toThrow('nobody holds');
  });

  test('a hundred thousand waiters that give up at once do not deepen the stack', () => {
    const locks = new FifoLockTable();
    let served = 0;
    let order = true;
    locks.acquire(key('x'), () => {});
    for (let waiter = 0; waiter < 100_000; waiter += 1) {
      locks.acquire(key('x'), () => {
        order &&= served === waiter;
        served += 1;
        locks.release(key('x'));
      });
    }
    locks.release(key('x'));
    expect({ served, order, held: locks.held }).toEqual({ served: 100_000, order: true, held: 0 });
  });

  test('one who is granted may ask for the same key again', () => {
    const locks = new FifoLockTable();
    const got: string[] = [];
    locks.acquire(key('x'), () => {
      got.push('a');
      locks.acquire(key('x'), () => got.push('b'));
      locks.release(key('x'));
    });
    expect(got).toEqual(['a', 'b']);
    expect(locks.held).toBe(1);
  });
});

/** A small generator that repeats itself for a seed (mulberry32). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Asks and releases at random; says what was wrong: two holders, or one served out of turn. */
function faultsOf(locks: LockTable, seed: number): string[] {
  const next = generator(seed);
  const faults: string[] = [];
  const holders = new Map<string, number>();
  const asked = new Map<string, number[]>();
  for (let step = 0; step < 2_000; step += 1) {
    const name = `page-${next(5)}`;
    const holder = holders.get(name);
    if (holder !== undefined && next(2) === 0) {
      holders.delete(name);
      locks.release(key(name));
      continue;
    }
    const queue = asked.get(name) ?? [];
    asked.set(name, [...queue, step]);
    locks.acquire(key(name), () => {
      if (holders.has(name)) faults.push(`two hold ${name}`);
      const first = asked.get(name)?.shift();
      if (first !== step) faults.push(`${step} was served before ${first}`);
      // Half of them let go within the call, as an edit does that is refused at once.
      if (next(2) === 0) locks.release(key(name));
      else holders.set(name, step);
    });
  }
  return faults;
}

/** Grants everybody at once: what a lock table must not be. */
class GrantAll implements LockTable {
  readonly held = 0;

  acquire(_key: unknown, granted: () => void): void {
    granted();
  }

  release(): void {}
}

/** Serves whoever came last. */
class LastFirst implements LockTable {
  readonly #waiting = new Map<string, (() => void)[]>();

  get held(): number {
    return this.#waiting.size;
  }

  acquire(key: string, granted: () => void): void {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return void waiting.push(granted);
    this.#waiting.set(key, []);
    granted();
  }

  release(key: string): void {
    const next = this.#waiting.get(key)?.pop();
    if (next === undefined) this.#waiting.delete(key);
    else next();
  }
}

describe('one holder, in order of arrival', () => {
  const seeds = Array.from({ length: 20 }, (_, index) => 0x1234 + index * 7919);

  for (const seed of seeds) {
    test(`seed ${seed}`, () => {
      expect(faultsOf(new FifoLockTable(), seed)).toEqual([]);
    });
  }

  test('the property sees a table that grants all, and one that is not fair', () => {
    expect(faultsOf(new GrantAll(), 1).join()).toContain('two hold');
    expect(faultsOf(new LastFirst(), 1).join()).toContain('was served before');
  });
});
