/** What a load run counts: statuses, failures, and latencies in a native HDR histogram. */

import { createHistogram } from 'node:perf_hooks';
import type { FailureKind } from '../client/exchange.ts';
import type { LoadReport } from './load.ts';

const nanosecondsPerMs = 1_000_000;
/** An hour, the most that the histogram tells apart: far beyond every time limit in use. */
const latencyNsMax = 3_600_000 * nanosecondsPerMs;

export class Tally {
  readonly #latencyNs = createHistogram({ lowest: 1, highest: latencyNsMax, figures: 3 });
  readonly #byStatus = new Map<number, number>();
  readonly #byFailure = new Map<FailureKind, number>();
  #latencyMsMax = 0;
  #completed = 0;
  #failed = 0;

  /** Exchanges that ended, completed or failed. */
  get done(): number {
    return this.#completed + this.#failed;
  }

  addCompleted(status: number, latencyMs: number): void {
    this.#completed += 1;
    this.#byStatus.set(status, (this.#byStatus.get(status) ?? 0) + 1);
    const ns = Math.round(latencyMs * nanosecondsPerMs);
    this.#latencyNs.record(Math.min(Math.max(ns, 1), latencyNsMax));
    // The histogram rounds to three figures; the greatest is kept as it was.
    if (latencyMs > this.#latencyMsMax) this.#latencyMsMax = latencyMs;
  }

  addFailed(failure: FailureKind): void {
    this.#failed += 1;
    this.#byFailure.set(failure, (this.#byFailure.get(failure) ?? 0) + 1);
  }

  /** The report of a run for `count` exchanges that took `elapsedMs` and ended as `ending` says. */
  report(
    count: number,
    elapsedMs: number,
    ending: Pick<LoadReport, 'cancelled' | 'gaveUp' | 'dropped'>,
  ): LoadReport {
    const counts = {
      count,
      completed: this.#completed,
      byStatus: new Map(this.#byStatus),
      byFailure: new Map(this.#byFailure),
      ...ending,
      elapsedMs,
      perSecond: elapsedMs > 0 ? (this.#completed * 1000) / elapsedMs : 0,
    };
    if (this.#completed === 0) return counts;
    const latencyMs = {
      p50: this.#percentileMs(50),
      p90: this.#percentileMs(90),
      p99: this.#percentileMs(99),
      max: this.#latencyMsMax,
    };
    return { ...counts, latencyMs };
  }

  #percentileMs(percentile: number): number {
    const ms = this.#latencyNs.percentile(percentile) / nanosecondsPerMs;
    return Math.min(ms, this.#latencyMsMax);
  }
}
