/**
 * When the pages of a run are looked at: by each reader after some further edits, for reading
 * without a pause would starve the writers; and by a writer when the readers have fallen behind,
 * for a run that was hardly looked at says little.
 */

/** Edits that are answered between two looks of one reader. */
const editsPerRead = 8;
/** Edits for which there is a look at least, by whomever, … */
const editsPerOwedLook = 2;
/** … up to so many looks: each carries the whole page, so those of a long run cost the most. */
export const owedLooksMax = 1_000;

export class ReadPacer {
  readonly #waiting: (() => void)[] = [];
  /** Looks that are due and that no reader has taken. */
  #due = 0;
  #edits = 0;
  /** Looks that were begun. */
  #looks = 0;
  #ended = false;

  /** @param readers without any, nobody looks */
  constructor(readonly readers: number) {}

  get ended(): boolean {
    return this.#ended;
  }

  /** An edit was answered. */
  answered(): void {
    this.#edits += 1;
    // What nobody was free to take is not made up for, except by the writers.
    this.#due = Math.min(this.readers, this.#due + this.readers / editsPerRead);
    while (this.#due >= 1 && this.#waiting.length > 0) {
      this.#take();
      this.#waiting.shift()?.();
    }
  }

  /** Whether a look is missing; whoever is told so has to look. */
  takeOverdue(): boolean {
    const owed = Math.min(owedLooksMax, Math.floor(this.#edits / editsPerOwedLook));
    if (this.readers === 0 || this.#looks >= owed) return false;
    this.#take();
    return true;
  }

  /** Resolves when it is time to look, or when all is over. */
  next(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    if (this.#due >= 1) {
      this.#take();
      return Promise.resolve();
    }
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  /** Wakes all: no edit follows. */
  end(): void {
    this.#ended = true;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #take(): void {
    this.#due = Math.max(0, this.#due - 1);
    this.#looks += 1;
  }
}
