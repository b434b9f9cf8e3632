/** What is measured in `bun run bench writes`, and what a measurement gives. */

/** One measurement. */
export interface Sample {
  /** Writes per second. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Contestant {
  readonly name: string;
  /** Rejects when a write failed, and when `signal` is aborted. */
  measure(signal: AbortSignal): Promise<Sample>;
}
