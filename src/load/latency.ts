/**
 * Latencies in the native HDR histogram, with what it does not have: how many were at most so long.
 */

import { createHistogram } from 'node:perf_hooks';
import { assert } from '../base/assert.ts';
import type { Latency } from './load.ts';

const nanosecondsPerMs = 1_000_000;
/** An hour, the most that the histogram tells apart: far beyond every time limit in use. */
const latencyNsMax = 3_600_000 * nanosecondsPerMs;
/** Significant figures: a value is off by one in a thousand at most. */
const figures = 3;

export class LatencyHistogram implements Latency {
  readonly #nanoseconds = createHistogram({ lowest: 1, highest: latencyNsMax, figures });
  /** The histogram rounds to three figures; the least and the greatest are kept as they were. */
  #minMs = Number.POSITIVE_INFINITY;
  #maxMs = 0;

  /**
   * Takes one in. A negative one, which only a clock that was set back could give, counts as none.
   */
  record(ms: number): void {
    const ns = Math.round(ms * nanosecondsPerMs);
    this.#nanoseconds.record(Math.min(Math.max(ns, 1), latencyNsMax));
    if (ms < this.#minMs) this.#minMs = ms;
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  get count(): number {
    return this.#nanoseconds.count;
  }

  get minMs(): number {
    return Math.max(0, this.#minMs);
  }

  get meanMs(): number {
    return this.#nanoseconds.mean / nanosecondsPerMs;
  }

  get maxMs(): number {
    return this.#maxMs;
  }

  percentileMs(percentile: number): number {
    assert(percentile > 0 && percentile <= 100, `percentile ${percentile}`);
    // The nearest rank: at least that share of the values is at most the one told.
    return this.#atRank(Math.ceil((this.count * percentile) / 100));
  }

  /**
   * The histogram tells a value for a rank and not the other way round, so the rank is searched:
   * the percentile grows with it.
   */
  countUpTo(ms: number): number {
    if (ms >= this.#maxMs) return this.count;
    let known = 0;
    let above = this.count;
    while (above - known > 1) {
      const rank = Math.floor((known + above) / 2);
      if (this.#atRank(rank) <= ms) known = rank;
      else above = rank;
    }
    return known === 0 && this.minMs <= ms ? 1 : known;
  }

  /** The value of this rank, from 1 on. The histogram rounds the rank that a percentile means. */
  #atRank(rank: number): number {
    const percentile = ((rank - 0.25) / this.count) * 100;
    const ms = this.#nanoseconds.percentile(percentile) / nanosecondsPerMs;
    return Math.min(Math.max(ms, this.minMs), this.#maxMs);
  }
}
