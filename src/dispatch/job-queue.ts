/**
 * The jobs that wait for a worker: those to be done again, then first tries in order of arrival,
 * then suspects.
 */

import { BoundedFifo } from '../base/fifo.ts';
import type { Job } from './job.ts';

export class JobQueue {
  readonly #first: BoundedFifo<Job>;
  /** Bounded by the edits under way and the batches of lost workers: nothing else comes again. */
  readonly #again: Job[] = [];
  /** Each was what a lost worker was at. */
  readonly #suspects: Job[] = [];

  /** @param capacity the most first tries that may wait */
  constructor(capacity: number) {
    this.#first = new BoundedFifo(capacity);
  }

  get size(): number {
    return this.#first.size + this.#again.length + this.#suspects.length;
  }

  tryPush(job: Job): boolean {
    return this.#first.tryPush(job);
  }

  /** For a job that a worker had already: it is not refused, and it goes alone. */
  pushAgain(job: Job, isSuspect: boolean): void {
    (isSuspect ? this.#suspects : this.#again).push(job);
  }

  /**
   * The next batch for one of `idle` workers: one to be done again alone, so that it takes no other
   * with it if it was what killed its worker; else an even share of the first tries, at most
   * `jobsMax`. Jobs that `isWanted` refuses are dropped. Empty when nothing is left, or suspects
   * only and these are not to be had yet.
   */
  takeBatch(
    idle: number,
    jobsMax: number,
    isWanted: (job: Job) => boolean,
    mayTakeSuspect: () => boolean,
  ): Job[] {
    const again = takeWanted(this.#again, isWanted);
    if (again !== undefined) return [again];
    const share = Math.min(jobsMax, Math.ceil(this.#first.size / idle));
    const batch: Job[] = [];
    while (batch.length < share) {
      const job = this.#first.takeFirst();
      if (job === undefined) break;
      if (isWanted(job)) batch.push(job);
    }
    if (batch.length > 0) return batch;
    if (this.#suspects.length === 0 || !mayTakeSuspect()) return [];
    const suspect = takeWanted(this.#suspects, isWanted);
    return suspect === undefined ? [] : [suspect];
  }
}

function takeWanted(jobs: Job[], isWanted: (job: Job) => boolean): Job | undefined {
  for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
    if (isWanted(job)) return job;
  }
  return undefined;
}
