/**
 * The conditions under which a run counts as failed, as `p99>20ms,errors>0`: read, and judged by a
 * report. The metrics are a closed set.
 */

import { unreachable } from '../../base/assert.ts';
import { errorsOf, type LoadReport, latencyOf } from '../load.ts';
import { countText, latencyText, rateText } from './figures.ts';

/** Conditions of one run: more than anybody reads. */
export const thresholdsMax = 32;

type Metric =
  /** 0 is the least, 100 the greatest latency. */
  | { readonly kind: 'percentile'; readonly percentile: number }
  | { readonly kind: 'mean' }
  /** Failures, and statuses from 400 on where nothing is expected. */
  | { readonly kind: 'errors' }
  /** The same in percent of the exchanges that ended. */
  | { readonly kind: 'error-percent' }
  /** Completed exchanges per second. */
  | { readonly kind: 'rate' }
  /** Responses with a status in the range, both ends in it. */
  | { readonly kind: 'status'; readonly from: number; readonly to: number };

/** Told when it holds: the run is then a failure. */
type Operator = '>' | '>=' | '<' | '<=';

export interface Threshold {
  /** As it was written, without blanks. */
  readonly text: string;
  /** The metric's own part of the text. */
  readonly name: string;
  readonly metric: Metric;
  readonly operator: Operator;
  /** Milliseconds, a count, percent or requests per second, as the metric is measured. */
  readonly limit: number;
  /** The limit as a person reads it. */
  readonly limitText: string;
}

export interface BrokenThreshold {
  readonly threshold: Threshold;
  /** In the unit of the limit; absent when there was nothing to measure. */
  readonly measured?: number;
  /** `p99 was 23.4 ms, over 20 ms`. */
  readonly said: string;
}

const expectedMetrics =
  'expected p50, p99.9 (p0 to p100), min, mean, max, errors, errors%, rate, 4xx, 5xx or 404';

/**
 * Reads conditions with commas between; a string is what is wrong. It may quote `text` as it is, so
 * the caller makes it safe to show.
 */
export function parseThresholds(text: string): readonly Threshold[] | string {
  const thresholds: Threshold[] = [];
  for (const piece of text.split(',')) {
    const threshold = parseThreshold(piece);
    if (typeof threshold === 'string') return threshold;
    thresholds.push(threshold);
  }
  if (thresholds.length <= thresholdsMax) return thresholds;
  return `${thresholds.length} conditions are too many; at most ${thresholdsMax}`;
}

function parseThreshold(piece: string): Threshold | string {
  const text = piece.replace(/[ \t]+/g, '').toLowerCase();
  const parts = /^([^<>=]+)(>=|<=|>|<)([^<>=]+)$/.exec(text);
  const operator = operators.find((candidate) => candidate === parts?.[2]);
  if (parts === null || operator === undefined) {
    const expected = 'expected a metric, >, >=, < or <=, and a limit, as p99>20ms';
    return `"${piece.trim()}" is no condition; ${expected}`;
  }
  const [, name = '', , limitText = ''] = parts;
  const metric = takeMetric(name);
  if (metric === undefined) return `there is no metric "${name}"; ${expectedMetrics}`;
  const limit = readLimit(metric, limitText);
  if (typeof limit === 'string') return `${text}: ${limit}`;
  return { text, name, metric, operator, ...limit };
}

const operators: readonly Operator[] = ['>', '>=', '<', '<='];

function takeMetric(name: string): Metric | undefined {
  const percentile = /^p(\d{1,3}(?:\.\d{1,6})?)$/.exec(name)?.[1];
  if (percentile !== undefined) {
    const value = Number(percentile);
    return value <= 100 ? { kind: 'percentile', percentile: value } : undefined;
  }
  const statusClass = /^([1-5])xx$/.exec(name)?.[1];
  if (statusClass !== undefined) {
    const from = Number(statusClass) * 100;
    return { kind: 'status', from, to: from + 99 };
  }
  if (/^[1-5]\d\d$/.test(name)) return { kind: 'status', from: Number(name), to: Number(name) };
  switch (name) {
    case 'min':
      return { kind: 'percentile', percentile: 0 };
    case 'max':
      return { kind: 'percentile', percentile: 100 };
    case 'mean':
    case 'errors':
    case 'rate':
      return { kind: name };
    case 'errors%':
      return { kind: 'error-percent' };
    default:
      return undefined;
  }
}

const msOf: ReadonlyMap<string, number> = new Map([
  ['us', 0.001],
  ['µs', 0.001],
  ['ms', 1],
  ['s', 1_000],
]);

/** The limit of a condition; a string is what was expected in its place. */
function readLimit(metric: Metric, text: string): Pick<Threshold, 'limit' | 'limitText'> | string {
  const found = /^(\d{1,12}(?:\.\d{1,6})?)(.*)$/.exec(text);
  const [, digits = '', unit = ''] = found ?? [];
  const value = Number(digits);
  switch (metric.kind) {
    case 'percentile':
    case 'mean': {
      const factor = msOf.get(unit);
      if (found === null || factor === undefined) {
        return 'expected a time with its unit, as 500us, 20ms or 1.5s';
      }
      return { limit: value * factor, limitText: `${digits} ${unit.replace('us', 'µs')}` };
    }
    case 'errors':
    case 'status':
      if (!/^\d{1,12}$/.test(text)) return 'expected a count in digits';
      return { limit: Number(text), limitText: countText(Number(text)) };
    case 'error-percent':
      if (found === null || (unit !== '' && unit !== '%') || value > 100) {
        return 'expected percent from 0 to 100';
      }
      return { limit: value, limitText: `${digits}%` };
    case 'rate':
      if (found === null || (unit !== '' && unit !== '/s')) {
        return 'expected a number of requests per second';
      }
      return {
        limit: value,
        limitText: `${Number.isInteger(value) ? countText(value) : digits}/s`,
      };
    default:
      return unreachable(metric);
  }
}

/**
 * Those of `thresholds` that `report` breaks, in their order. Where there is nothing to measure, as
 * without any response, a condition is broken: it was not shown to hold.
 */
export function brokenThresholds(
  thresholds: readonly Threshold[],
  report: LoadReport,
): BrokenThreshold[] {
  const broken: BrokenThreshold[] = [];
  for (const threshold of thresholds) {
    const measured = takeMeasure(threshold.metric, report);
    if (measured === undefined) {
      broken.push({ threshold, said: `${threshold.name} is not known: no response came` });
    } else if (holds(measured, threshold)) {
      broken.push({ threshold, measured, said: sentence(threshold, measured) });
    }
  }
  return broken;
}

/**
 * Whether a run as a whole counts as failed: it broke a condition, it did not come to its end, it
 * measured nothing, or, where no condition says how many errors are too many, there was one.
 *
 * @param refusedCounts whether a status of 400 or more is an error where nothing is expected
 */
export function hasFailed(
  report: LoadReport,
  thresholds: readonly Threshold[],
  refusedCounts: boolean,
): boolean {
  if (report.cancelled || report.gaveUp || endedOf(report) === 0) return true;
  if (brokenThresholds(thresholds, report).length > 0) return true;
  if (thresholds.some(({ metric }) => errorMetrics.has(metric.kind))) return false;
  return report.byFailure.size > 0 || report.unsent > 0 || (refusedCounts && report.refused > 0);
}

const errorMetrics: ReadonlySet<Metric['kind']> = new Set(['errors', 'error-percent']);

/** Exchanges that ended, each once: an answer that was not expected is also a completed one. */
export function endedOf(report: Pick<LoadReport, 'completed' | 'byFailure'>): number {
  let ended = report.completed;
  for (const [kind, times] of report.byFailure) if (kind !== 'expectation') ended += times;
  return ended;
}

function takeMeasure(metric: Metric, report: LoadReport): number | undefined {
  switch (metric.kind) {
    case 'percentile': {
      const latency = latencyOf(report);
      if (metric.percentile === 0) return latency?.minMs;
      if (metric.percentile === 100) return latency?.maxMs;
      return latency?.percentileMs(metric.percentile);
    }
    case 'mean':
      return latencyOf(report)?.meanMs;
    case 'errors':
      return errorsOf(report);
    case 'error-percent': {
      const due = endedOf(report) + report.unsent;
      return due === 0 ? undefined : (errorsOf(report) / due) * 100;
    }
    case 'rate':
      return report.perSecond;
    case 'status': {
      let times = 0;
      for (const [status, count] of report.byStatus) {
        if (status >= metric.from && status <= metric.to) times += count;
      }
      return times;
    }
    default:
      return unreachable(metric);
  }
}

function holds(measured: number, { operator, limit }: Threshold): boolean {
  switch (operator) {
    case '>':
      return measured > limit;
    case '>=':
      return measured >= limit;
    case '<':
      return measured < limit;
    case '<=':
      return measured <= limit;
    default:
      return unreachable(operator);
  }
}

const relations: Readonly<Record<Operator, string>> = {
  '>': 'over',
  '>=': 'not under',
  '<': 'under',
  '<=': 'not over',
};

function sentence({ name, metric, operator, limit, limitText }: Threshold, measured: number) {
  const were = metric.kind === 'errors' || metric.kind === 'status' ? 'were' : 'was';
  let shown = valueText(metric, measured);
  // A value so near to the limit that it reads the same is shown in full.
  if (shown === valueText(metric, limit)) shown = valueText(metric, measured, exactText);
  return `${name} ${were} ${shown}, ${relations[operator]} ${limitText}`;
}

function exactText(value: number): string {
  return String(Number(value.toPrecision(7)));
}

/** @param exact writes the bare number, where three digits are too few */
function valueText(metric: Metric, value: number, exact?: (value: number) => string): string {
  switch (metric.kind) {
    case 'percentile':
    case 'mean':
      return exact === undefined ? latencyText(value) : `${exact(value)} ms`;
    case 'errors':
    case 'status':
      return countText(value);
    case 'error-percent':
      return `${exact === undefined ? Number(value.toPrecision(3)) : exact(value)}%`;
    case 'rate':
      return `${exact === undefined ? rateText(value) : exact(value)}/s`;
    default:
      return unreachable(metric);
  }
}
