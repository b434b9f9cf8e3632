/**
 * Turns of the event loop. The kernel says once a turn which connections have something to read,
 * and then each is read. So what is read of a connection first in a turn had begun to arrive before
 * the turn did; what comes later in it, or on a connection that is taken in it, may be younger.
 */

import type { Clock } from '../base/clock.ts';

export class LoopTurn {
  readonly #clock: Clock;
  #number = 0;
  #beganMs = 0;
  #isOn = false;
  #atEnd: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The number of this turn, and of no other. */
  get number(): number {
    if (!this.#isOn) this.#begin();
    return this.#number;
  }

  /** When it was first asked for, monotonic milliseconds. */
  get beganMs(): number {
    if (!this.#isOn) this.#begin();
    return this.#beganMs;
  }

  /** Has `act` called at the end of this turn, before the kernel is asked again. */
  atEnd(act: () => void): void {
    if (!this.#isOn) this.#begin();
    this.#atEnd.push(act);
  }

  #begin(): void {
    this.#isOn = true;
    this.#beganMs = this.#clock.monotonicMs();
    setImmediate(() => this.#end());
  }

  #end(): void {
    this.#isOn = false;
    this.#number += 1;
    const acts = this.#atEnd;
    this.#atEnd = [];
    for (const act of acts) act();
  }
}
