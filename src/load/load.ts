/** The contract of the load runner: what it is asked, what it says while it runs, what it found. */

import type { Endpoint, FailureKind } from '../client/exchange.ts';
import type { RequestMessage } from '../http/message.ts';

export interface LoadPlan {
  readonly endpoint: Endpoint;
  /** Requests in all. */
  readonly count: number;
  /** Connections that send them, each one request at a time. */
  readonly connections: number;
  /** The request with number `n`, from 1 to `count`, each number once. */
  readonly request: (n: number) => RequestMessage;
  /** Longest wait for one response, milliseconds. */
  readonly timeoutMs: number;
}

export interface LoadProgress {
  /** Exchanges that ended, completed or failed. */
  readonly done: number;
  readonly count: number;
  readonly elapsedMs: number;
}

export interface LoadReport {
  readonly count: number;
  readonly completed: number;
  /** How many responses had each status. */
  readonly byStatus: ReadonlyMap<number, number>;
  readonly byFailure: ReadonlyMap<FailureKind, number>;
  /**
   * True when the person stopped it; `completed` and the failures then add up to less than `count`.
   */
  readonly cancelled: boolean;
  /** Requests that were under way when the run was stopped: what became of them is not known. */
  readonly dropped: number;
  /** True when the run stopped itself since the server could not be reached, again and again. */
  readonly gaveUp: boolean;
  readonly elapsedMs: number;
  /** Completed exchanges per second of `elapsedMs`. */
  readonly perSecond: number;
  /** From the send to the whole response, milliseconds; absent when nothing completed. */
  readonly latencyMs?: {
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly max: number;
  };
}

export interface LoadRun {
  readonly report: Promise<LoadReport>;
  progress(): LoadProgress;
  /**
   * Stops it: no further request is sent, running ones are dropped, the report says `cancelled`.
   */
  cancel(): void;
}
