/**
 * The turns of the event loop, shared by all that send large contents: each sends a few parts, all
 * together send a bounded number, and whoever has more to send goes on in a later turn, in order.
 * So between two parts of any download there is time for every other connection.
 */

/**
 * Parts that are sent in one turn by all downloads together: some millisecond of work, for which
 * the smallest request may have to wait.
 */
export const TURN_PARTS_MAX = 8;

export class StreamTurns {
  #left = TURN_PARTS_MAX;
  #waiting: (() => void)[] = [];
  #isPlanned = false;

  /** Whether one more part may be sent in this turn; it counts as sent. */
  tryTake(): boolean {
    // Whatever comes in before the next turn belongs to this one.
    this.#plan();
    if (this.#left === 0) return false;
    this.#left -= 1;
    return true;
  }

  /** Calls `goOn` in a later turn, when parts may be sent and all who asked before were called. */
  later(goOn: () => void): void {
    this.#waiting.push(goOn);
    this.#plan();
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(() => this.#begin());
  }

  #begin(): void {
    this.#isPlanned = false;
    this.#left = TURN_PARTS_MAX;
    const waiting = this.#waiting;
    this.#waiting = [];
    let count = 0;
    for (const goOn of waiting) {
      if (this.#left === 0) break;
      count += 1;
      goOn();
    }
    if (count === waiting.length) return;
    // They come before those who have just had their share.
    this.#waiting = [...waiting.slice(count), ...this.#waiting];
    this.#plan();
  }
}
