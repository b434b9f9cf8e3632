/**
 * Sends replies that are made in one turn of the event loop: the first at once, the others together
 * at the turn's end. A client that waits is woken by the first, and finds the others when it comes
 * to them; to wake it for each one takes longer than to read the page.
 */

export class JointSends {
  #waiting: (() => void)[] = [];
  #isPlanned = false;

  /** Calls `send`, now or at the end of this turn. */
  add(send: () => void): void {
    if (this.#isPlanned) {
      this.#waiting.push(send);
      return;
    }
    this.#isPlanned = true;
    setImmediate(() => this.#end());
    send();
  }

  #end(): void {
    this.#isPlanned = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const send of waiting) send();
  }
}
