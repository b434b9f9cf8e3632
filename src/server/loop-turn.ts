/**
 * Turns of the event loop. The kernel says once a turn which connections have something to read,
 * and then each is read. So what is read of a connection first in a turn had begun to arrive before
 * the turn did; what comes later in it, or on a connection that is taken in it, may be younger.
 */
export class LoopTurn {
  #number = 0;
  #isOn = false;
  #atEnd: (() => void)[] = [];

  /** The number of this turn, and of no other. */
  get number(): number {
    if (!this.#isOn) {
      this.#isOn = true;
      setImmediate(() => this.#end());
    }
    return this.#number;
  }

  /** Has `act` called at the end of this turn, before the kernel is asked again. */
  atEnd(act: () => void): void {
    void this.number;
    this.#atEnd.push(act);
  }

  #end(): void {
    this.#isOn = false;
    this.#number += 1;
    const acts = this.#atEnd;
    this.#atEnd = [];
    for (const act of acts) act();
  }
}
