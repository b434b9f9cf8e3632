/** The lock table: one editor a page, first come first served. */

import { assert } from '../base/assert.ts';
import type { ResourceKey } from '../model/resource-key.ts';

/** Locks by resource key. Bounds on who may wait are the caller's. */
export interface LockTable {
  /** Calls `granted` once the lock is the caller's: at once where it is free, else in turn. */
  acquire(key: ResourceKey, granted: () => void): void;
  /** Gives a held lock back; the one who waits longest gets it, perhaps before this returns. */
  release(key: ResourceKey): void;
  /** Keys that somebody holds. */
  readonly held: number;
}

interface Entry {
  isHeld: boolean;
  /** True while a loop further up the stack grants this lock, so that no second one starts. */
  isGranting: boolean;
  readonly waiting: (() => void)[];
  /** Index of the longest waiter; the front is cut off when the entry goes or is half dead. */
  head: number;
}

const deadFrontMin = 64;

export class FifoLockTable implements LockTable {
  readonly #entries = new Map<ResourceKey, Entry>();

  get held(): number {
    return this.#entries.size;
  }

  acquire(key: ResourceKey, granted: () => void): void {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      known.waiting.push(granted);
      return;
    }
    const entry: Entry = { isHeld: false, isGranting: false, waiting: [granted], head: 0 };
    this.#entries.set(key, entry);
    this.#grant(key, entry);
  }

  /** Throws `AssertionFailed` when nobody holds the lock. */
  release(key: ResourceKey): void {
    const entry = this.#entries.get(key);
    assert(entry?.isHeld === true, 'a lock that nobody holds was released');
    entry.isHeld = false;
    this.#grant(key, entry);
  }

  /**
   * Grants to one waiter after the other until one keeps the lock. A loop, for each of ten thousand
   * waiters may release within its own `granted`, and that must not deepen the stack.
   */
  #grant(key: ResourceKey, entry: Entry): void {
    if (entry.isGranting) return;
    entry.isGranting = true;
    try {
      while (!entry.isHeld) {
        const granted = entry.waiting[entry.head];
        if (granted === undefined) break;
        entry.head += 1;
        if (entry.head >= deadFrontMin && entry.head * 2 >= entry.waiting.length) {
          entry.waiting.splice(0, entry.head);
          entry.head = 0;
        }
        entry.isHeld = true;
        granted();
      }
    } finally {
      entry.isGranting = false;
    }
    if (!entry.isHeld) this.#entries.delete(key);
  }
}
