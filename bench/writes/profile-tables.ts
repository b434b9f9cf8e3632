/** What a profile of writes found, as Markdown. */

import { perSecond } from '../figures.ts';
import type { Sample } from './contestant.ts';
import type { SystemCallCounts } from './system-call-counts.ts';
import type { ThreadTimes } from './thread-times.ts';

/** Threads with less of a microsecond for each edit are left out, and calls that are rarer. */
const shownMicrosecondsMin = 0.5;
const shownCallsMin = 0.02;

/** What was measured during one load. */
export interface Observed {
  readonly sample: Sample;
  readonly edits: number;
  readonly elapsedMs: number;
  readonly threads: readonly ThreadTimes[];
  readonly disk: DiskCounts;
}

/** Of a block device, since it came to be. */
export interface DiskCounts {
  readonly bytesWritten: number;
  readonly writes: number;
  readonly flushes: number;
}

/** What was measured of `name`, as Markdown. */
export function observedTables(
  name: string,
  { sample, edits, elapsedMs, threads, disk }: Observed,
): string[] {
  const byName = [...mergedByName(threads, edits)]
    .filter((row) => row.ranMicroseconds >= shownMicrosecondsMin)
    .sort((a, b) => b.ranMicroseconds - a.ranMicroseconds);
  const total = byName.reduce((sum, row) => sum + row.ranMicroseconds, 0);
  const rows = byName.map((row) => {
    const busy = (row.ranMicroseconds * edits) / 10 / elapsedMs;
    const part = `${busy.toFixed(0)} %`;
    const figures = [row.ranMicroseconds, row.systemMicroseconds, row.waitedMicroseconds];
    return `| ${row.name} | ${figures.map((one) => one.toFixed(1)).join(' | ')} | ${part} |`;
  });
  const { bytesWritten, writes, flushes } = disk;
  const kib = (bytesWritten / 1024 / edits).toFixed(2);
  return [
    `${name}: ${perSecond(sample.perSecond)} per second, p50 ${sample.p50Ms.toFixed(2)} ms, ` +
      `p99 ${sample.p99Ms.toFixed(2)} ms, ${total.toFixed(0)} µs of processor time each.`,
    [
      '| thread | µs an edit | of that in the kernel | waited for a core | of one core |',
      '|---|---|---|---|---|',
      ...rows,
    ].join('\n'),
    `To the disk, for each edit: ${kib} KiB in ${(writes / edits).toFixed(2)} writes; ` +
      `${(edits / Math.max(1, flushes)).toFixed(1)} edits for each flush.`,
  ];
}

interface Row {
  readonly name: string;
  ranMicroseconds: number;
  systemMicroseconds: number;
  waitedMicroseconds: number;
}

/** Helpers of one kind as one row; times for each edit. */
function mergedByName(threads: readonly ThreadTimes[], edits: number): Iterable<Row> {
  const rows = new Map<string, Row>();
  for (const { process, name, ranMs, systemPart, waitedMs } of threads) {
    const label = `${process}: ${process === 'kernel' ? name.replace(/[-:/].*/, '') : name}`;
    const none = { ranMicroseconds: 0, systemMicroseconds: 0, waitedMicroseconds: 0 };
    const row = rows.get(label) ?? { name: label, ...none };
    row.ranMicroseconds += (ranMs * 1_000) / edits;
    row.systemMicroseconds += (ranMs * 1_000 * systemPart) / edits;
    row.waitedMicroseconds += (waitedMs * 1_000) / edits;
    rows.set(label, row);
  }
  return rows.values();
}

/** @param seconds how long the load took */
export function callsTable({ sample, byThread }: SystemCallCounts, seconds: number): string {
  const edits = sample.perSecond * seconds;
  const rows = [...byThread].flatMap(([thread, counts]) => {
    const calls = [...counts]
      .map(([call, count]) => ({ call, each: count / edits }))
      .filter(({ each }) => each >= shownCallsMin)
      .sort((a, b) => b.each - a.each);
    if (calls.length === 0) return [];
    const all = calls.reduce((sum, { each }) => sum + each, 0);
    const list = calls.map(({ call, each }) => `${call} ${each.toFixed(2)}`).join(', ');
    return [`| ${thread} | ${all.toFixed(1)} | ${list} |`];
  });
  return ['| thread | system calls an edit | which |', '|---|---|---|', ...rows].join('\n');
}
