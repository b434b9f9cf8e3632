/** Exchanges on their way from the thread that made them to the one that counts them. */

import { assert } from '../base/assert.ts';
import type { LoadFailure } from './load.ts';
import type { ExchangeSink, StatusVerdict } from './tally.ts';

/** Plain data, for it crosses threads. */
export interface ExchangeBatch {
  /** {@link valuesEach} values an exchange: status, verdict, latency from send, from due. */
  readonly completed: Float64Array<ArrayBuffer>;
  readonly failed: readonly FailedExchange[];
}

export interface FailedExchange {
  readonly failure: LoadFailure;
  readonly reason: string;
}

const valuesEach = 4;
const verdicts: readonly StatusVerdict[] = ['right', 'refused', 'unexpected'];
/** Exchanges that there is room for at first: what one thread does in some milliseconds. */
const roomAtFirst = 1_024;

/** Gathers exchanges until they are taken. */
export class BatchingSink implements ExchangeSink {
  #values = new Float64Array(roomAtFirst * valuesEach);
  #used = 0;
  #failed: FailedExchange[] = [];

  completed(status: number, verdict: StatusVerdict, fromSendMs: number, fromDueMs: number): void {
    if (this.#used === this.#values.length) {
      const grown = new Float64Array(this.#used * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#used] = status;
    this.#values[this.#used + 1] = verdicts.indexOf(verdict);
    this.#values[this.#used + 2] = fromSendMs;
    this.#values[this.#used + 3] = fromDueMs;
    this.#used += valuesEach;
  }

  failed(failure: LoadFailure, reason: string): void {
    this.#failed.push({ failure, reason });
  }

  /** All that was gathered since the last call. */
  take(): ExchangeBatch {
    const completed = this.#values.slice(0, this.#used);
    const failed = this.#failed;
    this.#used = 0;
    this.#failed = [];
    return { completed, failed };
  }
}

/** Tells `sink` of every exchange in `batch`. */
export function unpackBatch(batch: ExchangeBatch, sink: ExchangeSink): void {
  const { completed } = batch;
  for (let at = 0; at < completed.length; at += valuesEach) {
    const verdict = verdicts[completed[at + 1] ?? -1];
    assert(verdict !== undefined, 'a verdict that both threads know');
    sink.completed(completed[at] ?? 0, verdict, completed[at + 2] ?? 0, completed[at + 3] ?? 0);
  }
  for (const { failure, reason } of batch.failed) sink.failed(failure, reason);
}
