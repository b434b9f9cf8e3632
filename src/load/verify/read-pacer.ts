/**
 * When the readers of a run look again: each after some further edits, for reading without a pause
 * would starve the writers.
 */

/** Edits that are answered between two looks of one reader. */
const editsPerRead = 8;

export class ReadPacer {
  readonly #waiting: (() => void)[] = [];
  /** Looks that are due and that no reader has taken. */
  #due = 0;
  #ended = false;

  constructor(readonly readers: number) {}

  get ended(): boolean {
    return this.#ended;
  }

  /** An edit was answered. */
  answered(): void {
    // What nobody was free to take is not made up for.
    this.#due = Math.min(this.readers, this.#due + this.readers / editsPerRead);
    while (this.#due >= 1 && this.#waiting.length > 0) {
      this.#due -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** Resolves when it is time to look, or when all is over. */
  next(): Promise<void> {
    if (this.#due >= 1 || this.#ended) {
      this.#due -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  /** Wakes all: no edit follows. */
  end(): void {
    this.#ended = true;
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
