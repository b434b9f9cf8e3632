/** A clock whose single timers go off when a test says so. */

import { type Clock, systemClock, type Timer } from '../../src/base/clock.ts';

/** Single timers wait until the test lets them go off. */
export class WaitingClock implements Clock {
  readonly #tasks = new Set<() => void>();
  readonly monotonicMs = systemClock.monotonicMs;
  readonly wallMs = systemClock.wallMs;
  readonly every = systemClock.every;

  after(_delayMs: number, task: () => void): Timer {
    this.#tasks.add(task);
    return { cancel: () => this.#tasks.delete(task) };
  }

  /** How many wait. */
  get timers(): number {
    return this.#tasks.size;
  }

  goOff(): void {
    const tasks = [...this.#tasks];
    this.#tasks.clear();
    for (const task of tasks) task();
  }
}
