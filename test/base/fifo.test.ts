/** The bounded queue against an array that does the same slowly. */

import { describe, expect, test } from 'bun:test';
import { AssertionFailed } from '../../src/base/assert.ts';
import { BoundedFifo } from '../../src/base/fifo.ts';
import { Seeded, seedOfRun } from '../store/seeded.ts';

const STEPS = 20_000;

describe('BoundedFifo', () => {
  test('at its capacity it takes, one past it it refuses, and loses nothing', () => {
    const queue = new BoundedFifo<number>(2);
    expect([queue.tryPush(1), queue.tryPush(2), queue.tryPush(3)]).toEqual([true, true, false]);
    expect([queue.size, queue.peek()]).toEqual([2, 1]);
    expect(queue.takeFirst()).toBe(1);
    expect(queue.tryPush(3)).toBe(true);
    expect(queue.takeAll()).toEqual([2, 3]);
    expect([queue.size, queue.peek(), queue.takeFirst()]).toEqual([0, undefined, undefined]);
  });

  test('an item that is undefined is an item', () => {
    const queue = new BoundedFifo<number | undefined>(2);
    queue.tryPush(undefined);
    queue.tryPush(1);
    expect([queue.takeFirst(), queue.size, queue.takeFirst()]).toEqual([undefined, 1, 1]);
  });

  test('a capacity below 1 is a bug', () => {
    expect(() => new BoundedFifo(0)).toThrow(AssertionFailed);
  });

  test('any order of calls gives what an array gives', () => {
    const random = new Seeded(seedOfRun());
    console.log(`fifo: INKWIRE_SEED=${random.seed}`);
    for (const capacity of [1, 2, 40, 200]) {
      const queue = new BoundedFifo<number>(capacity);
      const model: number[] = [];
      // It drifts between mostly filling and mostly emptying, so that both ends are met.
      for (let step = 0; step < STEPS; step += 1) {
        const filling = step % 1_000 < 500 ? 7 : 3;
        const roll = random.below(10);
        if (roll < filling) {
          expect(queue.tryPush(step)).toBe(model.length < capacity);
          if (model.length < capacity) model.push(step);
        } else if (roll === 9 && random.below(50) === 0) {
          expect(queue.takeAll()).toEqual(model.splice(0));
        } else {
          expect(queue.peek()).toBe(model[0]);
          expect(queue.takeFirst()).toBe(model.shift());
        }
        if (queue.size !== model.length) throw new Error(`size ${queue.size} at step ${step}`);
      }
    }
  });
});
