/** What a run counts, and the report that it makes. */

import { LatencyHistogram } from './latency.ts';
import type { LoadFailure, LoadPlan, LoadReport } from './load.ts';

/** How the status of a response stands to what its request expects. */
export type StatusVerdict =
  | 'right'
  /** 400 or more, where nothing was said. */
  | 'refused'
  /** None of those that were expected. */
  | 'unexpected';

/**
 * What hears of each counted exchange as it ends: the tally, or what sends it to another thread.
 */
export interface ExchangeSink {
  completed(status: number, verdict: StatusVerdict, fromSendMs: number, fromDueMs: number): void;
  /** @param reason in a few words, empty where the kind says all */
  failed(failure: LoadFailure, reason: string): void;
}

/** How one thread's share ended. */
export interface ShareEnding {
  readonly cancelled: boolean;
  readonly gaveUp: boolean;
  readonly dropped: number;
  readonly unsent: number;
  readonly waited: number;
  readonly late: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /** Connections that came about, those of the warm-up too. */
  readonly connections: number;
  /** Responses that were followed by bytes which belong to none. */
  readonly surplus: number;
  /** As in the report. */
  readonly retried: number;
  readonly replayed: number;
  readonly elapsedMs: number;
}

export class Tally implements ExchangeSink {
  readonly #fromSend = new LatencyHistogram();
  /** Absent where it would be the same as from the send. */
  readonly #fromDue: LatencyHistogram | undefined;
  readonly #byStatus = new Map<number, number>();
  readonly #byFailure = new Map<LoadFailure, number>();
  readonly #reasons = new Map<LoadFailure, string>();
  #completed = 0;
  #refused = 0;
  #failed = 0;

  constructor(readonly plan: LoadPlan) {
    const differs = plan.rate !== undefined || !plan.keepAlive;
    this.#fromDue = differs ? new LatencyHistogram() : undefined;
  }

  /** Exchanges that ended: an unexpected status is a failure and a response at once. */
  get done(): number {
    return this.#completed + this.#failed;
  }

  /** Failures of every kind. */
  get failures(): number {
    let failures = 0;
    for (const times of this.#byFailure.values()) failures += times;
    return failures;
  }

  /** The latency that a person is shown while it runs. */
  get latency(): LatencyHistogram | undefined {
    return this.#completed === 0 ? undefined : (this.#fromDue ?? this.#fromSend);
  }

  completed(status: number, verdict: StatusVerdict, fromSendMs: number, fromDueMs: number): void {
    this.#completed += 1;
    this.#byStatus.set(status, (this.#byStatus.get(status) ?? 0) + 1);
    this.#fromSend.record(fromSendMs);
    this.#fromDue?.record(fromDueMs);
    if (verdict === 'refused') this.#refused += 1;
    else if (verdict === 'unexpected') this.#count('expectation');
  }

  failed(failure: LoadFailure, reason: string): void {
    this.#failed += 1;
    if (reason !== '' && !this.#reasons.has(failure)) this.#reasons.set(failure, reason);
    this.#count(failure);
  }

  /** The report of a run whose shares ended so. */
  report(endings: readonly ShareEnding[]): LoadReport {
    const sum = (value: (ending: ShareEnding) => number): number =>
      endings.reduce((total, ending) => total + value(ending), 0);
    const { extent, connections, rate } = this.plan;
    const elapsedMs = Math.max(0, ...endings.map((ending) => ending.elapsedMs));
    return {
      extent,
      connections,
      ...(rate !== undefined && { rate }),
      completed: this.#completed,
      byStatus: new Map(this.#byStatus),
      byFailure: new Map(this.#byFailure),
      reasons: new Map(this.#reasons),
      refused: this.#refused,
      bytesReceived: sum((ending) => ending.bytesReceived),
      bytesSent: sum((ending) => ending.bytesSent),
      surplus: sum((ending) => ending.surplus),
      retried: sum((ending) => ending.retried),
      replayed: sum((ending) => ending.replayed),
      connected: sum((ending) => ending.connections),
      cancelled: endings.some((ending) => ending.cancelled),
      gaveUp: endings.some((ending) => ending.gaveUp),
      dropped: sum((ending) => ending.dropped),
      unsent: sum((ending) => ending.unsent),
      waited: sum((ending) => ending.waited),
      late: sum((ending) => ending.late),
      elapsedMs,
      perSecond: elapsedMs > 0 ? (this.#completed * 1000) / elapsedMs : 0,
      ...(this.#completed > 0 && {
        fromSend: this.#fromSend,
        ...(this.#fromDue !== undefined && { fromDue: this.#fromDue }),
      }),
    };
  }

  #count(failure: LoadFailure): void {
    this.#byFailure.set(failure, (this.#byFailure.get(failure) ?? 0) + 1);
  }
}
