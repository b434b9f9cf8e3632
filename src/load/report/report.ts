/** What a load run found, as lines for a person: figures, latencies, and their distribution. */

import {
  type Latency,
  type LoadFailure,
  type LoadReport,
  lateMs,
  latencyOf,
  loadFailures,
} from '../load.ts';
import { drawChart } from './chart.ts';
import {
  bytesText,
  countText,
  elapsedText,
  latencyQuantity,
  latencyText,
  rateText,
  shareText,
} from './figures.ts';
import { type Line, type Span, span, wrapped } from './spans.ts';
import { type BrokenThreshold, endedOf } from './thresholds.ts';

export interface ReportStyle {
  /** Columns of the terminal, or those that a file shall have. */
  readonly columns: number;
  /** Whether the bars are drawn with `#` alone. */
  readonly ascii: boolean;
}

/** Columns of the labels, and of the gap behind them. */
const labelColumns = 8;
const gap = '   ';
/** Below this, text is rather cut by the terminal than broken into single words. */
const textColumnsMin = 20;

/**
 * The lines of `report`, a label and what is to be said of it each; those with nothing to say are
 * left out.
 *
 * @param broken the conditions that were broken, for the last lines
 */
export function formatReport(
  report: LoadReport,
  broken: readonly BrokenThreshold[],
  style: ReportStyle,
): Line[] {
  const textColumns = Math.max(textColumnsMin, style.columns - labelColumns - gap.length - 1);
  const lines: Line[] = [];
  const say = (label: string, text: string | undefined, tone: Span['tone'] = 'plain'): void => {
    if (text === undefined) return;
    for (const [at, part] of wrapped(text, textColumns).entries()) {
      lines.push(row(at === 0 ? label : '', span(part, tone)));
    }
  };
  say('requests', requestsSaid(report));
  lines.push(...outcomeRows(report, textColumns));
  for (const [kind, reason] of report.reasons) say('', `${failureWords[kind]}: ${reason}`);
  say('bytes', bytesSaid(report));
  say('connects', connectsSaid(report));
  say('surplus', surplusSaid(report));
  say('retried', retriedSaid(report));
  say('unsent', unsentSaid(report));
  say('waited', waitedSaid(report));
  say('late', lateSaid(report));
  say('unknown', unknownSaid(report));
  say('stopped', stoppedSaid(report), 'bad');
  const latency = latencyOf(report);
  if (latency !== undefined) {
    lines.push([], ...latencyRows(report, latency, textColumns));
    say('note', noteSaid(report, latency));
    const chart = drawChart(latency, chartHeading(report), { ...style, columns: textColumns });
    if (chart.length > 0) lines.push([], ...chart.map(labelled('spread')));
  }
  if (broken.length > 0) lines.push([]);
  if (endedOf(report) === 0) say('failed', 'no request that counts has ended', 'bad');
  for (const { said } of broken) say('failed', said, 'bad');
  return lines;
}

function row(label: string, ...spans: readonly Span[]): Line {
  return [span(label.padEnd(labelColumns) + gap, 'label'), ...spans];
}

/** The first of several lines gets the label, and the others the room for it. */
function labelled(label: string): (line: Line, at: number) => Line {
  return (line, at) => row(at === 0 ? label : '', ...line);
}

function requestsSaid(report: LoadReport): string {
  const { extent, elapsedMs, perSecond, rate } = report;
  const ended = endedOf(report);
  const ofCount = extent.kind === 'count' && ended !== extent.count;
  const count = ofCount ? `${countText(ended)} of ${countText(extent.count)}` : countText(ended);
  const short = extent.kind === 'duration' && (report.cancelled || report.gaveUp);
  const ofTime = short ? ` of ${elapsedText(extent.durationMs)}` : '';
  const ofRate = rate === undefined ? '' : ` of ${rateText(rate)} asked for`;
  const time = `${elapsedText(elapsedMs)}${ofTime}`;
  return `${count} in ${time}, ${rateText(perSecond)} per second${ofRate}`;
}

export const failureWords: Readonly<Record<LoadFailure, string>> = {
  connect: 'no connection',
  reset: 'connection reset',
  closed: 'closed before the end',
  timeout: 'timed out',
  parse: 'no HTTP',
  expectation: 'unexpected status',
};

/** A status from here on says that the request was not done. */
const refusedStatusMin = 400;

/** Statuses in numeric order, failures with the most frequent first. */
function outcomeRows({ byStatus, byFailure }: LoadReport, columns: number): Line[] {
  const rows: Line[] = [];
  const statuses = [...byStatus].sort(([a], [b]) => a - b);
  if (statuses.length > 0) {
    const spans = statuses.map(([status, times]) =>
      span(`${status} ×${countText(times)}`, status < refusedStatusMin ? 'good' : 'bad'),
    );
    rows.push(...inLines(spans, columns).map(labelled('statuses')));
  }
  const failures = loadFailures
    .map((kind) => ({ kind, times: byFailure.get(kind) ?? 0 }))
    .filter(({ times }) => times > 0)
    .sort((a, b) => b.times - a.times);
  if (failures.length > 0) {
    const spans = failures.map(({ kind, times }) =>
      span(`${failureWords[kind]} ×${countText(times)}`, 'bad'),
    );
    rows.push(...inLines(spans, columns).map(labelled('failures')));
  }
  return rows;
}

/** The spans with a gap between two, in as few lines of at most `columns` as they need. */
function inLines(spans: readonly Span[], columns: number): Line[] {
  const lines: Span[][] = [];
  let used = 0;
  for (const one of spans) {
    const line = lines.at(-1);
    if (line === undefined || used + gap.length + one.text.length > columns) {
      lines.push([one]);
      used = one.text.length;
    } else {
      line.push(span(gap), one);
      used += gap.length + one.text.length;
    }
  }
  return lines;
}

function bytesSaid({ bytesReceived, bytesSent, elapsedMs }: LoadReport): string | undefined {
  if (bytesReceived + bytesSent === 0) return undefined;
  const said = (bytes: number, verb: string): string => {
    const rate = elapsedMs > 0 ? ` (${bytesText((bytes * 1_000) / elapsedMs)}/s)` : '';
    return `${bytesText(bytes)} ${verb}${rate}`;
  };
  return `${said(bytesReceived, 'received')}, ${said(bytesSent, 'sent')}`;
}

/** With fewer than it had at once there is nothing to say of them. */
function connectsSaid({ connected, connections }: LoadReport): string | undefined {
  if (connected <= connections) return undefined;
  return `${countText(connected)} connections were made, ${countText(connections)} at once`;
}

function surplusSaid({ surplus }: LoadReport): string | undefined {
  if (surplus === 0) return undefined;
  return `${countText(surplus)} times bytes followed that belong to no response`;
}

function retriedSaid({ retried, replayed }: LoadReport): string | undefined {
  if (retried + replayed === 0) return undefined;
  const times = `${countText(retried)} ${retried === 1 ? 'time' : 'times'} tried again`;
  if (replayed === 0) return times;
  const answers = replayed === 1 ? 'answer was that' : 'answers were those';
  return `${times}; ${countText(replayed)} ${answers} of an earlier try (Idempotency-Replayed)`;
}

function unsentSaid({ unsent }: LoadReport): string | undefined {
  if (unsent === 0) return undefined;
  return `${countText(unsent)} were due and never sent, for no connection became free; see -c`;
}

function waitedSaid(report: LoadReport): string | undefined {
  const { waited } = report;
  if (waited === 0) return undefined;
  const share = shareText(waited / Math.max(waited, endedOf(report)));
  return `${countText(waited)} (${share}) until a connection was there and free`;
}

/** From this share of late requests on, the measurement itself is in doubt. */
const lateShareMin = 0.05;

function lateSaid(report: LoadReport): string | undefined {
  const { late } = report;
  if (late === 0) return undefined;
  const share = late / Math.max(late, endedOf(report));
  const said = `${countText(late)} (${shareText(share)}) were sent over ${lateMs} ms late`;
  if (share < lateShareMin) return `${said}, by this client's own doing`;
  return `${said}: this machine is too busy; try --threads, or a lower --rate`;
}

function unknownSaid({ dropped }: LoadReport): string | undefined {
  if (dropped === 0) return undefined;
  const were = dropped === 1 ? 'was' : 'were';
  return `${countText(dropped)} ${were} under way, and may have been done`;
}

function stoppedSaid({ gaveUp, cancelled, extent, elapsedMs }: LoadReport): string | undefined {
  if (gaveUp) return 'no connection comes about';
  if (!cancelled) return undefined;
  if (elapsedMs === 0) return 'during the warm-up';
  return extent.kind === 'count' ? 'before all requests were sent' : 'before the time was over';
}

const percentiles = [50, 75, 90, 99, 99.9] as const;

/** How the latencies are called that begin before the request is sent. */
function dueHeading(report: LoadReport): string {
  return report.rate === undefined ? 'with connecting' : 'from the schedule';
}

const sendHeading = 'from the send';

/** The same in a word, where there is no room for more. */
function dueWord(report: LoadReport): string {
  return report.rate === undefined ? 'connecting' : 'schedule';
}

const sendWord = 'send';

function chartHeading(report: LoadReport): string {
  return report.fromDue === undefined ? '' : dueHeading(report);
}

/** A line for each figure; side by side where a request can be late before it is sent. */
function latencyRows(report: LoadReport, latency: Latency, columns: number): Line[] {
  const names = ['min', 'mean', ...percentiles.map((percentile) => `p${percentile}`), 'max'];
  const nameColumns = Math.max(...names.map((name) => name.length));
  const shown = latencyColumns(report, latency, columns - nameColumns);
  const lines: Line[] = [];
  if (shown.some(({ heading }) => heading !== '')) {
    const headings = shown.map(({ heading, width }) => heading.padStart(width));
    lines.push([span([''.padEnd(nameColumns), ...headings].join(gap), 'faint')]);
  }
  for (const [at, name] of names.entries()) {
    const texts = shown.map(({ cells, width }) => (cells[at] ?? '').padStart(width));
    const values = texts.join(gap).trimEnd();
    lines.push([span(name.padEnd(nameColumns), 'faint'), span(gap + values)]);
  }
  return lines.map(labelled('latency'));
}

interface LatencyColumn {
  readonly heading: string;
  readonly cells: readonly string[];
  readonly width: number;
}

/**
 * As much of the columns as has room: with short headings where the whole ones have none, and where
 * two columns have none, only the one that users feel.
 */
function latencyColumns(report: LoadReport, latency: Latency, room: number): LatencyColumn[] {
  const { fromDue, fromSend } = report;
  if (fromDue === undefined || fromSend === undefined) {
    return [columnOf('', latency)];
  }
  const whole = [columnOf(dueHeading(report), fromDue), columnOf(sendHeading, fromSend)];
  const short = [columnOf(dueWord(report), fromDue), columnOf(sendWord, fromSend)];
  const ways = [whole, short, whole.slice(0, 1)];
  return ways.find((way) => columnsOf(way) <= room) ?? short.slice(0, 1);
}

function columnOf(heading: string, latency: Latency): LatencyColumn {
  const cells = figuresOf(latency);
  return { heading, cells, width: Math.max(heading.length, cells[0]?.length ?? 0) };
}

/** With the gap before each. */
function columnsOf(shown: readonly LatencyColumn[]): number {
  return shown.reduce((sum, { width }) => sum + gap.length + width, 0);
}

/** All figures of a column, their numbers and units aligned. */
function figuresOf(latency: Latency): string[] {
  const values = [
    latency.minMs,
    latency.meanMs,
    ...percentiles.map((percentile) => latency.percentileMs(percentile)),
    latency.maxMs,
  ].map(latencyQuantity);
  const width = Math.max(...values.map(({ number }) => number.length));
  return values.map(({ number, unit }) => `${number.padStart(width)} ${unit.padEnd(2)}`);
}

/** From this ratio of their p50 or p99 on, and this difference, two columns tell two stories. */
const differRatioMin = 1.5;
const differMsMin = 0.5;
/** A greatest latency so many times p99 is a stall, and not the end of the distribution. */
const stallRatioMin = 10;
/** A shorter one is what every machine does now and then. */
const stallMsMin = 10;

/** What a person should know who reads the latencies. */
function noteSaid({ rate, fromDue, fromSend }: LoadReport, latency: Latency): string | undefined {
  if (fromDue !== undefined && fromSend !== undefined) {
    const differs = [50, 99].some((percentile) => {
      const due = fromDue.percentileMs(percentile);
      const send = fromSend.percentileMs(percentile);
      return due > send * differRatioMin && due - send > differMsMin;
    });
    if (!differs) return undefined;
    return rate === undefined
      ? 'users feel the time with connecting, not that from the send'
      : 'requests waited to be sent: users feel the time from the schedule';
  }
  const { maxMs } = latency;
  const stalled = maxMs > stallRatioMin * latency.percentileMs(99) && maxMs >= stallMsMin;
  if (rate !== undefined || !stalled) return undefined;
  return `a stall of ${latencyText(maxMs)} counts once per connection; --rate counts it all`;
}
