/** A clock whose deadlines pass when the test says so, to the millisecond. */

import { type Clock, systemClock, type Timer } from '../../src/base/clock.ts';

export class ManualClock implements Clock {
  #nowMs = 0;
  readonly #tasks = new Set<() => void>();

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return systemClock.wallMs();
  }

  /** Single timers are the machine's. */
  after(delayMs: number, task: () => void): Timer {
    return systemClock.after(delayMs, task);
  }

  every(_periodMs: number, task: () => void): Timer {
    this.#tasks.add(task);
    return { cancel: () => this.#tasks.delete(task) };
  }

  /** Lets time pass, and everything that is done again and again be done once. */
  advance(ms: number): void {
    this.#nowMs += ms;
    for (const task of [...this.#tasks]) task();
  }
}
