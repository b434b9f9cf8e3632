/**
 * Which request comes next, when it is due, and whether it is counted: one thread's share of a run.
 * It reads no clock, and its times count from the start of the load.
 */

import type { LoadExtent, LoadPlan } from './load.ts';
import type { ReadyRequest, RequestSource } from './request-source.ts';
import { openSchedule, type Schedule } from './schedule.ts';

/** One request of the run, from the moment it is taken to its end. */
export interface Ticket {
  /** What `{{n}}` stands for: unique in the run, from 1 on. */
  readonly n: number;
  readonly request: ReadyRequest;
  /** When it was to be sent; without a schedule, when its turn came. */
  readonly dueMs: number;
  /** When it was last sent; 0 before. */
  sentMs: number;
  /** False in the warm-up. */
  readonly counted: boolean;
  /** How often it was sent again, or was to be when no connection came about. */
  repetitions: number;
  /** When it was first sent; absent where that is {@link sentMs}. */
  firstSentMs: number | undefined;
  /** What was sent, where it may be sent again: placeholders would have other values then. */
  bytes: Uint8Array | undefined;
}

/** The part of a run that one of its threads has, numbered from 0. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

export class Intake {
  readonly #schedule: Schedule | undefined;
  /** How many counted requests this share has; with a duration there is no end to them. */
  readonly #countMax: number;
  /** From here on nothing is due any more. */
  readonly #endMs: number;
  #taken = 0;
  #counted = 0;

  constructor(
    readonly plan: Pick<LoadPlan, 'extent' | 'rate' | 'rampMs' | 'warmupMs'>,
    readonly source: RequestSource,
    readonly share: Share,
  ) {
    const { extent, rate, rampMs, warmupMs } = plan;
    this.#schedule = rate === undefined ? undefined : openSchedule(rate, rampMs);
    this.#countMax = countOf(extent, share);
    const durationMs = extent.kind === 'duration' ? extent.durationMs : Number.POSITIVE_INFINITY;
    this.#endMs = warmupMs + durationMs;
  }

  /** How many counted requests were taken. */
  get counted(): number {
    return this.#counted;
  }

  /**
   * When the next request is due: in the closed model at any time, so -Infinity; Infinity when
   * there is none any more.
   *
   * @param nowMs the closed model has no schedule, so its end comes with the time
   */
  nextDueMs(nowMs: number): number {
    if (this.#counted >= this.#countMax) return Number.POSITIVE_INFINITY;
    const dueMs = this.#schedule?.dueMs(this.#place());
    if ((dueMs ?? nowMs) >= this.#endMs) return Number.POSITIVE_INFINITY;
    return dueMs ?? Number.NEGATIVE_INFINITY;
  }

  /** Takes the next request; `undefined` when none is due. */
  take(nowMs: number): Ticket | undefined {
    const nextMs = this.nextDueMs(nowMs);
    if (nextMs > nowMs) return undefined;
    const dueMs = this.#schedule === undefined ? nowMs : nextMs;
    const counted = dueMs >= this.plan.warmupMs;
    const n = this.#place() + 1;
    // Threads begin at different places of the cycle, so that each sends every kind of request.
    const offset = Math.floor((this.share.index * this.source.period) / this.share.of);
    const request = this.source.at(this.#taken + offset);
    this.#taken += 1;
    if (counted) this.#counted += 1;
    return {
      n,
      request,
      dueMs,
      sentMs: 0,
      counted,
      repetitions: 0,
      firstSentMs: undefined,
      bytes: undefined,
    };
  }

  /** How many requests that count were due before `nowMs` and were not taken; closed model: 0. */
  overdue(nowMs: number): number {
    const schedule = this.#schedule;
    if (schedule === undefined) return 0;
    const ownBefore = (ms: number): number => {
      const due = schedule.countBefore(ms);
      return Math.max(0, Math.ceil((due - this.share.index) / this.share.of));
    };
    const due = ownBefore(Math.min(nowMs, this.#endMs)) - ownBefore(this.plan.warmupMs);
    return Math.max(0, Math.min(due, this.#countMax) - this.#counted);
  }

  /** The place of the next request in the whole run, from 0 on: the shares take turns. */
  #place(): number {
    return this.share.index + this.#taken * this.share.of;
  }
}

function countOf(extent: LoadExtent, share: Share): number {
  if (extent.kind === 'duration') return Number.POSITIVE_INFINITY;
  return Math.ceil((extent.count - share.index) / share.of);
}
