/**
 * A first-in first-out queue with a bound: a full one refuses at once, so that its owner can say
 * so.
 */

import { assert } from './assert.ts';

export class BoundedFifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  /** @param capacity the most items it may hold, at least 1 */
  constructor(readonly capacity: number) {
    assert(capacity >= 1, `a queue of capacity ${capacity}`);
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  /** Takes `item` and returns true, or returns false when the queue is full. */
  tryPush(item: T): boolean {
    if (this.size >= this.capacity) return false;
    this.#items.push(item);
    return true;
  }

  /** The oldest item, without taking it. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** Takes the oldest item; `undefined` when there is none. */
  takeFirst(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head += 1;
    // The dead front is cut off once it is half of the array: amortised constant time, bounded
    // waste.
    if (this.#head * 2 >= this.#items.length && this.#head >= 32) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    } else if (this.size === 0) {
      this.#items.length = 0;
      this.#head = 0;
    }
    return item;
  }

  /** Takes every item, oldest first. */
  takeAll(): T[] {
    const items: T[] = [];
    for (let item = this.takeFirst(); item !== undefined; item = this.takeFirst()) items.push(item);
    return items;
  }
}
