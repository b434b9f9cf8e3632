/** The drawn distribution of latencies: a bar for each bucket, with its count and its share. */

import type { Latency } from '../load.ts';
import { type Bucket, bucketsOf } from './buckets.ts';
import { countText, type Quantity, shareText } from './figures.ts';
import { type Line, span } from './spans.ts';

/** Fewer latencies than this make no distribution: the percentiles say it all. */
export const chartCountMin = 20;
/** Columns of the longest bar: enough to compare, and one look takes it in. */
const barColumnsMax = 50;
/** Below this the bars say nothing. */
const barColumnsMin = 8;

/** From one eighth of a column to seven. */
const eighths = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** The percentiles whose place is marked beside the bars. */
const marked = [50, 90, 99] as const;

export interface ChartStyle {
  /** Columns that a line may have. */
  readonly columns: number;
  /** Whether the bars are drawn with `#` alone. */
  readonly ascii: boolean;
}

/**
 * The heading and a line for each bucket; nothing where there is no distribution to see, or no room
 * for it. Bars and marks are left out where the figures leave them none.
 */
export function drawChart(latency: Latency, heading: string, style: ChartStyle): Line[] {
  const buckets = bucketsOf(latency);
  if (latency.count < chartCountMin || buckets.length < 2) return [];
  const rows = buckets.map((bucket) => rowOf(bucket, latency.count));
  const figures = alignedRows([{ edge: 'up to', count: 'count', share: 'share' }, ...rows]);
  const [head = '', ...starts] = figures;
  // Broken by the terminal, it would be no picture.
  if (head.length > style.columns) return [];
  const allMarks = marksOf(buckets, latency);
  const allMarksColumns = Math.max(0, ...allMarks.map((mark) => mark.length));
  const marks = head.length + 1 + allMarksColumns <= style.columns ? allMarks : [];
  const marksColumns = marks.length === 0 ? 0 : allMarksColumns;
  const room = Math.min(barColumnsMax, style.columns - head.length - 2 - marksColumns - 1);
  const greatest = Math.max(...buckets.map(({ count }) => count));
  const whole = `${head}  ${heading}`.trimEnd();
  // A heading that is broken by the terminal would stand among the bars.
  const lines: Line[] = [[span(whole.length <= style.columns ? whole : head, 'faint')]];
  for (const [at, { count }] of buckets.entries()) {
    const bar = room < barColumnsMin ? '' : barText(count / greatest, room, style.ascii);
    const mark = marks[at] ?? '';
    const start = `${starts[at] ?? ''}${bar === '' ? '' : '  '}`;
    lines.push([span(start), span(bar, 'bar'), span(mark === '' ? '' : ` ${mark}`, 'faint')]);
  }
  return lines;
}

/** A bar of the given share of `columns`; what is there at all can be seen. */
export function barText(share: number, columns: number, ascii: boolean): string {
  if (share <= 0) return '';
  if (ascii) return '#'.repeat(Math.max(1, Math.round(share * columns)));
  const parts = Math.max(1, Math.round(share * columns * 8));
  return `${'█'.repeat(Math.floor(parts / 8))}${eighths[(parts % 8) - 1] ?? ''}`;
}

interface Row {
  readonly edge: string;
  readonly count: string;
  readonly share: string;
}

function rowOf({ toMs, count }: Bucket, total: number): Row {
  const { number, unit } = edgeQuantity(toMs);
  return {
    edge: `${number} ${unit.padEnd(2)}`,
    count: countText(count),
    share: shareText(count / total),
  };
}

/** Edges are round, so they are shown whole and without zeros at their end. */
function edgeQuantity(ms: number): Quantity {
  if (ms < 1) return { number: edgeText(ms * 1_000), unit: 'µs' };
  if (ms < 1_000) return { number: edgeText(ms), unit: 'ms' };
  return { number: edgeText(ms / 1_000), unit: 's' };
}

const edges = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 6 });

function edgeText(value: number): string {
  return edges.format(value);
}

function alignedRows(rows: readonly Row[]): string[] {
  const width = (text: (row: Row) => string) => Math.max(...rows.map((row) => text(row).length));
  const edgeColumns = width(({ edge }) => edge);
  const countColumns = width(({ count }) => count);
  const shareColumns = width(({ share }) => share);
  return rows.map(({ edge, count, share }) =>
    [edge.padStart(edgeColumns), count.padStart(countColumns), share.padStart(shareColumns)].join(
      '   ',
    ),
  );
}

/** For each bucket the names of the percentiles that lie in it. */
function marksOf(buckets: readonly Bucket[], latency: Latency): string[] {
  const names: string[] = [];
  let upTo = 0;
  for (const { count } of buckets) {
    const before = upTo;
    upTo += count;
    const within = marked.filter((percentile) => {
      // By rank and not by value, so that a mark never stands beside an empty bar.
      const rank = Math.max(1, Math.ceil((percentile / 100) * latency.count));
      return rank > before && rank <= upTo;
    });
    names.push(within.map((percentile) => `p${percentile}`).join(' '));
  }
  return names;
}
