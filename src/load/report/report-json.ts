/** What a load run found, as one plain object for programs: the names are stable, units in them. */

import { errorsOf, type Latency, type LoadReport } from '../load.ts';
import { bucketsOf } from './buckets.ts';
import { type BrokenThreshold, endedOf } from './thresholds.ts';

/** Milliseconds. */
export interface LatencyJson {
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p99: number;
  readonly 'p99.9': number;
  readonly max: number;
  /** How many were at most so long, and longer than the bucket before. */
  readonly histogram: readonly (readonly [toMs: number, count: number])[];
}

export interface BrokenJson {
  /** As it was written, without blanks. */
  readonly condition: string;
  /** Milliseconds, a count, percent or requests per second; absent when there was nothing. */
  readonly measured?: number;
}

export interface ReportJson {
  /** One of these two was asked for. */
  readonly countAsked?: number;
  readonly durationMsAsked?: number;
  /** Absent where each connection sends as soon as it has its answer. */
  readonly perSecondAsked?: number;
  readonly connections: number;
  /** Exchanges that ended, completed or failed, each once. */
  readonly ended: number;
  /** Whole responses, whatever their status. */
  readonly completed: number;
  readonly elapsedMs: number;
  /** Of the completed ones. */
  readonly perSecond: number;
  /** By status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** By kind: connect, reset, closed, timeout, parse, expectation. */
  readonly failures: Readonly<Record<string, number>>;
  /** Failures, and the refused. */
  readonly errors: number;
  /** Statuses of 400 or more where nothing in particular was expected. */
  readonly refused: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /** Due and never sent, late for want of a connection, and late by the client's own doing. */
  /** Of some kinds of failure, why the first of it failed. */
  readonly reasons: Readonly<Record<string, string>>;
  /** Times that bytes followed which belong to no response. */
  readonly surplus: number;
  /** Times that a request was tried again. */
  readonly retried: number;
  /** Answers that are those of an earlier try. */
  readonly replayed: number;
  /** Connections that were made in all. */
  readonly connected: number;
  readonly unsent: number;
  readonly waited: number;
  readonly late: number;
  /** Under way when the run was stopped. */
  readonly dropped: number;
  readonly cancelled: boolean;
  readonly gaveUp: boolean;
  /** From the schedule, or with connecting: what users feel where a request can be late. */
  readonly latencyFromDueMs?: LatencyJson;
  readonly latencyFromSendMs?: LatencyJson;
  /** Conditions that were broken. */
  readonly broken: readonly BrokenJson[];
}

export function reportJson(report: LoadReport, broken: readonly BrokenThreshold[]): ReportJson {
  const { extent, rate, fromDue, fromSend } = report;
  return {
    ...(extent.kind === 'count'
      ? { countAsked: extent.count }
      : { durationMsAsked: extent.durationMs }),
    ...(rate === undefined ? {} : { perSecondAsked: rate }),
    connections: report.connections,
    ended: endedOf(report),
    completed: report.completed,
    elapsedMs: rounded(report.elapsedMs),
    perSecond: rounded(report.perSecond),
    statuses: Object.fromEntries([...report.byStatus].map(([status, times]) => [status, times])),
    failures: Object.fromEntries(report.byFailure),
    errors: errorsOf(report),
    refused: report.refused,
    bytesReceived: report.bytesReceived,
    bytesSent: report.bytesSent,
    reasons: Object.fromEntries(report.reasons),
    surplus: report.surplus,
    retried: report.retried,
    replayed: report.replayed,
    connected: report.connected,
    unsent: report.unsent,
    waited: report.waited,
    late: report.late,
    dropped: report.dropped,
    cancelled: report.cancelled,
    gaveUp: report.gaveUp,
    ...(fromDue === undefined ? {} : { latencyFromDueMs: latencyJson(fromDue) }),
    ...(fromSend === undefined ? {} : { latencyFromSendMs: latencyJson(fromSend) }),
    broken: broken.map(({ threshold, measured }) => ({
      condition: threshold.text,
      ...(measured === undefined ? {} : { measured: rounded(measured) }),
    })),
  };
}

function latencyJson(latency: Latency): LatencyJson {
  const at = (percentile: number) => rounded(latency.percentileMs(percentile));
  return {
    min: rounded(latency.minMs),
    mean: rounded(latency.meanMs),
    p50: at(50),
    p75: at(75),
    p90: at(90),
    p99: at(99),
    'p99.9': at(99.9),
    max: rounded(latency.maxMs),
    histogram: bucketsOf(latency).map(({ toMs, count }) => [toMs, count]),
  };
}

/** To six decimals: of milliseconds that is what clocks tell, and more digits are dust. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
