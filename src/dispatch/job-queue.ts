/** The jobs that wait for a worker: first tries in order of arrival, and second tries before them. */

import { BoundedFifo } from '../base/fifo.ts';
import type { Job } from './job.ts';

export class JobQueue {
  readonly #first: BoundedFifo<Job>;
  /** Bounded by the batches of the workers that were lost, for nothing else gets a second try. */
  readonly #second: Job[] = [];

  /** @param capacity the most first tries that may wait */
  constructor(capacity: number) {
    this.#first = new BoundedFifo(capacity);
  }

  get size(): number {
    return this.#first.size + this.#second.length;
  }

  tryPush(job: Job): boolean {
    return this.#first.tryPush(job);
  }

  /** For a job whose worker was lost: it is not refused, and it goes alone. */
  pushSecondTry(job: Job): void {
    this.#second.push(job);
  }

  /**
   * The next batch for one of `idle` workers: a second try alone, so that whichever job it was that
   * killed a worker takes no other with it again; else an even share, at most `jobsMax`. Jobs that
   * `isWanted` refuses are dropped. Empty when nothing is left.
   */
  takeBatch(idle: number, jobsMax: number, isWanted: (job: Job) => boolean): Job[] {
    for (let job = this.#second.shift(); job !== undefined; job = this.#second.shift()) {
      if (isWanted(job)) return [job];
    }
    const share = Math.min(jobsMax, Math.ceil(this.#first.size / idle));
    const batch: Job[] = [];
    while (batch.length < share) {
      const job = this.#first.takeFirst();
      if (job === undefined) break;
      if (isWanted(job)) batch.push(job);
    }
    return batch;
  }
}
