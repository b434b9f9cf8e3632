/**
 * What a lane has to send before anything new: requests that wait for a connection, and those that
 * are tried again, for which the whole lane waits, as the person behind one connection would.
 */

import type { Clock, Timer } from '../base/clock.ts';
import type { Ticket } from './intake.ts';

export class Owed {
  #tickets: Ticket[] = [];
  #hold: Timer | undefined;
  #holdEndMs = 0;

  /** @param released is called when the wait of all is over */
  constructor(
    readonly clock: Clock,
    readonly released: () => void,
  ) {}

  get size(): number {
    return this.#tickets.length;
  }

  /** Whether nothing is to be sent yet. */
  get held(): boolean {
    return this.#hold !== undefined;
  }

  add(ticket: Ticket): void {
    this.#tickets.push(ticket);
  }

  /** `tickets` were taken before all that wait. */
  addFirst(tickets: readonly Ticket[]): void {
    this.#tickets.unshift(...tickets);
  }

  /** To be sent again, with all others, when `pauseMs` and the waits of the others are over. */
  addAgain(ticket: Ticket, pauseMs: number): void {
    this.#tickets.push(ticket);
    const endMs = this.clock.monotonicMs() + pauseMs;
    if (this.#hold !== undefined && endMs <= this.#holdEndMs) return;
    this.#hold?.cancel();
    this.#holdEndMs = endMs;
    this.#hold = this.clock.after(pauseMs, () => {
      this.#hold = undefined;
      this.released();
    });
  }

  /** The oldest of them. */
  take(): Ticket | undefined {
    return this.#tickets.shift();
  }

  takeAll(): readonly Ticket[] {
    const tickets = this.#tickets;
    this.#tickets = [];
    return tickets;
  }

  /** Nothing is released any more. */
  stop(): void {
    this.#hold?.cancel();
  }
}
