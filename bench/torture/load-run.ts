/** Requests over many connections that go on until they are stopped, or the server is gone. */

export class LoadRun {
  #answers = 0;
  #isStopped = false;
  #onAnswer: () => void = () => {};
  #ended: Promise<unknown> = Promise.resolve();

  /** @param lanes what runs side by side; each asks `isStopped` before it goes on */
  static start(lanes: (run: LoadRun) => readonly Promise<void>[]): LoadRun {
    const run = new LoadRun();
    run.#ended = Promise.all(lanes(run)).then(() => {
      run.#isStopped = true;
      run.#onAnswer();
    });
    return run;
  }

  /** Whether no further request is to be sent. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Another answer came of those that count. */
  countAnswer(): void {
    this.#answers += 1;
    this.#onAnswer();
  }

  /** Resolves in the moment in which the `count`th answer came, or when all has ended. */
  answered(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onAnswer = () => {
        if (this.#isStopped || this.#answers >= count) resolve();
      };
      this.#onAnswer();
    });
  }

  /** No further request is sent; resolves when the last connection has an answer, or none. */
  async end(): Promise<void> {
    this.#isStopped = true;
    await this.#ended;
  }
}
