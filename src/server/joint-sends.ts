/**
 * Sends replies that are made in one turn of the event loop: the first at once, the others together
 * at the turn's end. A client that waits is woken by the first, and finds the others when it comes
 * to them; to wake it for each one takes longer than to read the page.
 */

import type { LoopTurn } from './loop-turn.ts';

export class JointSends {
  readonly #turn: LoopTurn;
  /** In which turn one was sent at once. */
  #sentIn = -1;
  #waiting: (() => void)[] = [];
  readonly #end = (): void => this.flush();

  constructor(turn: LoopTurn) {
    this.#turn = turn;
  }

  /** Calls `send`, now or at the end of this turn. */
  add(send: () => void): void {
    const { number } = this.#turn;
    if (number === this.#sentIn) {
      this.#waiting.push(send);
      return;
    }
    this.#sentIn = number;
    this.#turn.atEnd(this.#end);
    send();
  }

  /** Sends now what waits for the end of this turn. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const send of waiting) send();
  }
}
