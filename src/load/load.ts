/** The contract of the load runner: what it is asked, what it says while it runs, what it found. */

import type { Endpoint } from '../client/exchange.ts';
import type { FieldLine } from '../http/message.ts';

/** The statuses that are right for a request, as ranges that include both ends. Never empty. */
export type StatusExpectation = readonly (readonly [from: number, to: number])[];

/** Content of a request: text may hold placeholders, bytes are sent as they are. */
export type TemplateContent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/**
 * One request of a run, as plain data, for it goes to other threads. The target, the values of the
 * fields and a text may hold `{{n}}`, `{{uuid}}` and `{{now}}`.
 */
export interface RequestTemplate {
  readonly method: string;
  /** Characters beyond ASCII are percent-encoded when it is sent. */
  readonly target: string;
  readonly fields: readonly FieldLine[];
  /** Absent: no content and no `Content-Length`. */
  readonly content?: TemplateContent;
  /** How often it comes, beside the weights of the others: a whole number from 1 on. */
  readonly weight: number;
  /** Any other status counts as a failure. Absent: every status is counted as it is. */
  readonly expects?: StatusExpectation;
  /**
   * How often it is sent again when no whole answer comes, or 503. A write that was sent is not,
   * unless a field holds an idempotency key. Absent: never.
   */
  readonly retry?: number;
}

/** How long a run goes on: for a number of requests, or for a time. */
export type LoadExtent =
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'duration'; readonly durationMs: number };

export interface LoadPlan {
  readonly endpoint: Endpoint;
  /** At least one; with several they are interleaved evenly by their weights. */
  readonly requests: readonly RequestTemplate[];
  readonly extent: LoadExtent;
  readonly connections: number;
  /**
   * Requests per second on a fixed schedule, whatever the server does (the open model). Absent:
   * each connection sends as soon as it has its answer (the closed model).
   */
  readonly rate?: number;
  /** The rate, or the number of connections, grows evenly from nothing over this time. */
  readonly rampMs: number;
  /** Requests that one connection may have under way at once. */
  readonly pipeline: number;
  /** The load runs for this time before anything is counted. */
  readonly warmupMs: number;
  /** False: each request has a connection of its own and says `Connection: close`. */
  readonly keepAlive: boolean;
  /** Longest wait for one response, milliseconds. */
  readonly timeoutMs: number;
  /** Threads that share the connections and the rate; with 1 it runs on the caller's. */
  readonly threads: number;
}

/** Why a request of a run failed, in the order in which they are listed. Closed. */
export const loadFailures = [
  /** No connection came about. */
  'connect',
  /** The connection was reset. */
  'reset',
  /** The server closed the connection before the response was whole. */
  'closed',
  /** No whole response within the time given. */
  'timeout',
  /** The server's bytes are no HTTP/1.1 response. */
  'parse',
  /** The response is whole, and its status is none of those expected. */
  'expectation',
] as const;

export type LoadFailure = (typeof loadFailures)[number];

/** A distribution of latencies, milliseconds. A value is at most 0.1 % too great or too small. */
export interface Latency {
  /** At least 1. */
  readonly count: number;
  readonly minMs: number;
  readonly meanMs: number;
  readonly maxMs: number;
  /** @param percentile above 0, up to 100 */
  percentileMs(percentile: number): number;
  /** How many were at most `ms`. */
  countUpTo(ms: number): number;
}

export interface LoadProgress {
  /** Exchanges that ended and are counted, completed or failed. */
  readonly done: number;
  readonly failed: number;
  readonly extent: LoadExtent;
  /** Of the counted part: the time of the warm-up is not in it. */
  readonly elapsedMs: number;
  /** Whether the warm-up still runs. */
  readonly warming: boolean;
  /** So far; of the latencies that the report shows first. Absent until one completed. */
  readonly latency?: Latency;
}

/** What became of a run. The warm-up is in none of it. */
export interface LoadReport {
  readonly extent: LoadExtent;
  /** Requests per second that were asked for; absent in the closed model. */
  readonly rate?: number;
  readonly connections: number;
  /** Responses that came whole, also those with a status that was not expected. */
  readonly completed: number;
  /** How many responses had each status. */
  readonly byStatus: ReadonlyMap<number, number>;
  /** Only kinds that occurred. */
  readonly byFailure: ReadonlyMap<LoadFailure, number>;
  /** Of some kinds, why the first of it failed, in words of the server's or the system's making. */
  readonly reasons: ReadonlyMap<LoadFailure, string>;
  /** Responses with a status of 400 or more to requests that expect nothing in particular. */
  readonly refused: number;
  /**
   * Bytes on the sockets from the end of the warm-up on, heads and framing included; answers to the
   * last requests of the warm-up are among them.
   */
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /** Times that a request was tried again: no answer, no connection, or 503. */
  readonly retried: number;
  /** Answers that said they are those of an earlier try, under the same idempotency key. */
  readonly replayed: number;
  /** Connections that came about, those of the warm-up too; `connections` are those at once. */
  readonly connected: number;
  /** Times that bytes followed which belong to no response; their connections were left. */
  readonly surplus: number;
  /** True when the person stopped it. */
  readonly cancelled: boolean;
  /** True when the run stopped itself since the server could not be reached, again and again. */
  readonly gaveUp: boolean;
  /** Requests that were under way when the run was stopped: what became of them is not known. */
  readonly dropped: number;
  /**
   * Open model: requests that were due before the end, or before the run was stopped, and for which
   * no connection became free in time.
   */
  readonly unsent: number;
  /** Open model: requests that had to wait for a free connection. */
  readonly waited: number;
  /**
   * Open model: requests that were sent more than {@link lateMs} after they were due although a
   * connection was free. That is the runner's own doing, or that of a machine that is too busy.
   */
  readonly late: number;
  /** From the end of the warm-up to the last answer; of a run for a time, at least that time. */
  readonly elapsedMs: number;
  /** Completed exchanges per second of `elapsedMs`. */
  readonly perSecond: number;
  /**
   * From the moment the request was sent, for the first time, to the whole response; absent when
   * none completed.
   */
  readonly fromSend?: Latency;
  /**
   * From the moment the request was due, so that no delay is left out: on the schedule in the open
   * model, and with `keepAlive: false` when its turn had come and it began to connect. Absent in
   * the closed model with kept connections, where both would be the same.
   */
  readonly fromDue?: Latency;
}

/** How late a send must be to be counted as late, milliseconds. */
export const lateMs = 1;

/**
 * Failures of every kind, responses with 400 or more where nothing was said of the status, and
 * requests that were due and never sent.
 */
export function errorsOf(report: Pick<LoadReport, 'byFailure' | 'refused' | 'unsent'>): number {
  let errors = report.refused + report.unsent;
  for (const times of report.byFailure.values()) errors += times;
  return errors;
}

/** The latency that judges the server: that from the schedule where there is one. */
export function latencyOf(report: Pick<LoadReport, 'fromDue' | 'fromSend'>): Latency | undefined {
  return report.fromDue ?? report.fromSend;
}

export interface LoadRun {
  /** Rejects only when the plan makes no HTTP request, or with a fault of this program. */
  readonly report: Promise<LoadReport>;
  progress(): LoadProgress;
  /**
   * Stops it: no further request is sent, running ones are dropped, the report says `cancelled`.
   */
  cancel(): void;
}
