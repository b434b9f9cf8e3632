/** What a load run found, as lines for a person. */

import type { LoadReport } from './load.ts';

const numbers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/**
 * The lines of `report`, a label and its values each, aligned; rows with nothing to say are left
 * out. Statuses come in numeric order, failures with the most frequent first.
 */
export function formatReport(report: LoadReport): string[] {
  const rows: [label: string, value: string][] = [['requests', totals(report)]];
  if (report.byStatus.size > 0) rows.push(['statuses', statuses(report)]);
  if (report.byFailure.size > 0) rows.push(['failures', failures(report)]);
  if (report.latencyMs !== undefined) {
    const { p50, p90, p99, max } = report.latencyMs;
    const values = [`p50 ${duration(p50)}`, `p90 ${duration(p90)}`, `p99 ${duration(p99)}`];
    rows.push(['latency', [...values, `max ${duration(max)}`].join('   ')]);
  }
  if (report.dropped > 0) {
    const were = report.dropped === 1 ? 'was' : 'were';
    rows.push(['unknown', `${count(report.dropped)} ${were} under way, and may have been done`]);
  }
  if (report.gaveUp) rows.push(['stopped', 'the server cannot be reached any more']);
  else if (report.cancelled) rows.push(['stopped', 'before all requests were sent']);
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}   ${value}`);
}

function totals(report: LoadReport): string {
  let done = report.completed;
  for (const times of report.byFailure.values()) done += times;
  const share = done === report.count ? count(done) : `${count(done)} of ${count(report.count)}`;
  const rate = report.perSecond < 10 ? report.perSecond.toFixed(1) : count(report.perSecond);
  return `${share} in ${(report.elapsedMs / 1000).toFixed(2)} s, ${rate} per second`;
}

function statuses(report: LoadReport): string {
  const sorted = [...report.byStatus].sort(([a], [b]) => a - b);
  return sorted.map(([status, times]) => `${status} ×${count(times)}`).join('   ');
}

function failures(report: LoadReport): string {
  const sorted = [...report.byFailure].sort(
    ([kindA, a], [kindB, b]) => b - a || kindA.localeCompare(kindB),
  );
  return sorted.map(([kind, times]) => `${kind} ×${count(times)}`).join('   ');
}

function count(value: number): string {
  return numbers.format(value);
}

/** Milliseconds with about three significant digits; from ten seconds on, seconds. */
function duration(ms: number): string {
  // The thresholds are those at which the digits would round up into the next form.
  if (ms < 9.995) return `${ms.toFixed(2)} ms`;
  if (ms < 99.95) return `${ms.toFixed(1)} ms`;
  if (ms < 9_999.5) return `${count(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}
