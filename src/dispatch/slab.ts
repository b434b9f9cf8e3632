/**
 * The slab of one store worker: a few slots of memory that both threads see. The worker fills one
 * when main asks, and main gives it back when it has sent what lies there. Who finds no slot free
 * waits, first come first served. A slot is never held for a client, only for as long as one
 * filling and one sending take; so a slow client keeps nobody waiting.
 */

import { assert } from '../base/assert.ts';
import { slotBytes, slotsPerWorker } from './limits.ts';

/** A wish for `bytes` bytes from `position` of something. */
export interface Wish {
  readonly position: number;
  readonly bytes: number;
  /** The slot that begins at `at` is its own from now on. */
  granted(at: number): void;
}

export class Slab<Wanted extends Wish> {
  readonly memory = new SharedArrayBuffer(slotsPerWorker * slotBytes);
  /** Where free slots begin; the last one is taken first, so that few are ever touched. */
  readonly #free = Array.from({ length: slotsPerWorker }, (_, slot) => slot * slotBytes).reverse();
  readonly #waiting = new Set<Wanted>();
  /** By where its slot begins: asked for, and not filled yet. */
  readonly #asked = new Map<number, Wanted>();
  /** When the worker was last given something to do, or has last done it. */
  #movedMs = 0;

  /** Whether the worker owes an answer since `sinceMs` or before. */
  isOwedSince(sinceMs: number): boolean {
    return this.#asked.size > 0 && this.#movedMs <= sinceMs;
  }

  ask(wish: Wanted, nowMs: number): void {
    assert(wish.bytes >= 1 && wish.bytes <= slotBytes, `a slot for ${wish.bytes} bytes`);
    const at = this.#free.pop();
    if (at === undefined) this.#waiting.add(wish);
    else this.#grant(wish, at, nowMs);
  }

  /** The worker has answered for the slot: whose wish it was, and whose slot it now is. */
  takeAnswered(at: number, nowMs: number): Wanted {
    const wish = this.#asked.get(at);
    assert(wish !== undefined, `a slot that nobody asked to be filled: ${at}`);
    this.#asked.delete(at);
    this.#movedMs = nowMs;
    return wish;
  }

  /** Takes a slot back, once for each grant. */
  give(at: number, nowMs: number): void {
    assert(!this.#free.includes(at), `the slot at ${at} was given back twice`);
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free.push(at);
    } else {
      this.#waiting.delete(next);
      this.#grant(next, at, nowMs);
    }
  }

  #grant(wish: Wanted, at: number, nowMs: number): void {
    this.#asked.set(at, wish);
    // Only an idle worker begins now; one that is behind has its time from its last answer.
    if (this.#asked.size === 1) this.#movedMs = nowMs;
    wish.granted(at);
  }
}
