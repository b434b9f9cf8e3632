/** What a person sees of `:verify`: how far it is, and the verdict, as lines or as JSON. */

import { unreachable } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { FailureKind } from '../client/exchange.ts';
import { faultKinds } from '../load/history/verdict.ts';
import { countText, elapsedText, rateText } from '../load/report/figures.ts';
import { failureWords } from '../load/report/report.ts';
import { wrapped } from '../load/report/spans.ts';
import { targetsText } from '../load/verify/made-pages.ts';
import type {
  VerifyExample,
  VerifyNote,
  VerifyPhase,
  VerifyProblem,
  VerifyProgress,
  VerifyReport,
  VerifyRun,
} from '../load/verify/verify.ts';
import { visibleLine } from './display.ts';
import type { Output } from './output.ts';
import { showUntil } from './status-line.ts';

const phaseWords: Readonly<Record<VerifyPhase, string>> = {
  preparing: 'preparing the pages',
  editing: 'editing',
  reading: 'reading the pages a last time',
  judging: 'judging what was seen',
  cleaning: 'removing the copies',
};

/** Waits for the verdict and meanwhile shows how far it is, when a person looks on. */
export function watchVerify(
  run: VerifyRun,
  output: Output,
  clock: Clock,
): Promise<VerifyReport | VerifyProblem> {
  const text = (columns: number): string =>
    verifyProgressText(run.progress()).slice(0, Math.max(0, columns - 1));
  return showUntil(run.report, text, output, clock);
}

export function verifyProgressText(progress: VerifyProgress): string {
  const { phase, done, edits, failed, elapsedMs, stopping } = progress;
  if (stopping !== 'no') return stoppingText(phase, stopping);
  if (phase !== 'editing') return phaseWords[phase];
  const perSecond = elapsedMs > 0 ? (done * 1_000) / elapsedMs : 0;
  const share = `${Math.floor((done / edits) * 100)}%`;
  const parts = [share, `${countText(done)}/${countText(edits)}`, `${rateText(perSecond)}/s`];
  if (failed > 0) parts.push(`${countText(failed)} failed`);
  return parts.join('  ');
}

/** That Ctrl-C was heard, and what another one would do. */
function stoppingText(phase: VerifyPhase, stopping: 'asked' | 'dropping'): string {
  const cleaning = phase === 'cleaning';
  if (stopping === 'dropping') return cleaning ? 'leaving the other copies' : 'stopping';
  return cleaning
    ? 'removing the copies; Ctrl-C again leaves the others'
    : 'stopping; Ctrl-C again drops what is under way';
}

/** Whether the promise was kept, wholly and to the end. */
export function hasHeld(report: VerifyReport): boolean {
  return report.confirmed && isWhole(report);
}

function isWhole({ cancelled, notes }: VerifyReport): boolean {
  return !cancelled && notes.every(({ kind }) => kind !== 'gave-up');
}

/** Between the labels and what is said. */
const gap = '   ';
/** Below this, text is rather cut by the terminal than broken into single words. */
const textColumnsMin = 20;

/** @param columns those of the terminal; no line for a person is wider but for a long word */
export function verdictText(report: VerifyReport, json: boolean, columns: number): string {
  if (json) return `${JSON.stringify(jsonOf(report))}\n`;
  const rows = [...figureRows(report), ...noteRows(report), verdictRow(report)];
  rows.push(...report.examples.map(exampleRow));
  const width = Math.max(...rows.map(([label]) => label.length));
  const textColumns = Math.max(textColumnsMin, columns - width - gap.length - 1);
  const lines = rows.flatMap(([label, text]) =>
    wrapped(visibleLine(text), textColumns).map((part, at) =>
      `${(at === 0 ? label : '').padEnd(width)}${gap}${part}`.trimEnd(),
    ),
  );
  return lines.map((line) => `${line}\n`).join('');
}

type Row = readonly [label: string, text: string];

function figureRows(report: VerifyReport): Row[] {
  const { plan, figures, pages, connections, byStatus, byFailure } = report;
  const { acknowledged, unknown, unknownStanding, givenUp, conflicts, readsFailed } = figures;
  const done = `${countText(acknowledged)} of ${countText(plan.edits)} done`;
  const pace = `in ${elapsedText(report.elapsedMs)}, ${rateText(report.perSecond)} per second`;
  const rows: Row[] = [
    ['edits', `${done} over ${plural(connections, 'connection')} ${pace}`],
    [
      'pages',
      plan.copies === undefined ? plan.target : `${plural(pages, 'copy')} of ${plan.target}`,
    ],
    [
      'reads',
      `${countText(figures.reads)}${readsFailed > 0 ? `, ${countText(readsFailed)} failed` : ''}`,
    ],
  ];
  if ([...byStatus.keys()].some((status) => status < 200 || status > 299)) {
    rows.push(['statuses', timesText([...byStatus].sort(([a], [b]) => a - b))]);
  }
  if (byFailure.size > 0) {
    const failures = [...byFailure].sort(([, a], [, b]) => b - a);
    rows.push(['failures', timesText(failures.map(([kind, times]) => [failureText(kind), times]))]);
  }
  if (unknown > 0) {
    const standing =
      unknownStanding === undefined
        ? 'how many of them are in the page is not known'
        : `${countText(unknownStanding)} of them in the page`;
    rows.push(['unknown', `${plural(unknown, 'outcome')}; ${standing}`]);
  }
  if (report.retried > 0)
    rows.push(['retried', `${plural(report.retried, 'time')}, for no answer came`]);
  if (conflicts > 0) {
    rows.push(['conflicts', `${countText(conflicts)} times 412, and tried again on a fresh page`]);
  }
  if (givenUp > 0) rows.push(['given up', `${plural(givenUp, 'edit')} not done`]);
  return rows;
}

/** As `:repeat` calls them. */
function failureText(kind: FailureKind): string {
  if (kind === 'cancelled') return 'stopped';
  return failureWords[kind === 'protocol' ? 'parse' : kind];
}

function timesText(counts: readonly (readonly [name: string | number, times: number])[]): string {
  return counts.map(([name, times]) => `${name} ×${countText(times)}`).join(gap);
}

function noteRows(report: VerifyReport): Row[] {
  const rows: Row[] = report.notes.map((note) => ['note', noteText(note)]);
  if (!report.cancelled) return rows;
  return [...rows, ['stopped', 'before all edits were made: the verdict is about those that were']];
}

function noteText(note: VerifyNote): string {
  switch (note.kind) {
    case 'if-match-ignored':
      return 'If-Match is ignored: an edit was done although its condition could not hold';
    case 'if-match-unclear':
      return `an If-Match that cannot hold was answered ${note.status}, and not 412`;
    case 'no-entity-tag': {
      const what = note.weak ? 'only a weak entity tag' : 'no entity tag';
      return `${what}, so no condition can be sent: edits are sent without`;
    }
    case 'gave-up':
      return `given up: ${note.why}`;
    case 'final-unread':
      return `not read at the end: ${targetsText(note.targets)} (${note.why})`;
    case 'copies-kept':
      return `the copies are kept, to be looked at: ${targetsText(note.targets)}`;
    case 'copies-left':
      return `copies could not be removed: ${targetsText(note.targets)} (${note.why})`;
    default:
      return unreachable(note);
  }
}

function verdictRow(report: VerifyReport): Row {
  const wrong = faultKinds.filter((kind) => report.counts[kind] > 0);
  if (wrong.length > 0) {
    const counts = wrong.map((kind) => `${countText(report.counts[kind])} ${kind}`);
    return ['verdict', `WRONG: ${counts.join(', ')}`];
  }
  const { acknowledged, unconfirmed, reads, readsFailed } = report.figures;
  if (acknowledged === 0) return ['verdict', 'nothing verified: no edit was acknowledged'];
  if (!report.confirmed) {
    const unseen = `${plural(unconfirmed, 'acknowledged edit')} that nobody saw`;
    return ['verdict', `unclear: nothing is wrong so far, but pages were not read; ${unseen}`];
  }
  const order = 'in an order that agrees with time';
  const stale = `none of ${plural(reads - readsFailed, 'read')} was stale`;
  return ['verdict', `consistent: every acknowledged edit stands once, ${order}, and ${stale}`];
}

function exampleRow({ kind, target, text, marks }: VerifyExample): Row {
  const named = marks.length === 0 ? '' : ` (${marks.join(', ')})`;
  return [kind, `${target}: ${text}${named}`];
}

function plural(count: number, noun: string): string {
  const ending = count === 1 ? noun : noun.replace(/y$/, 'ie').concat('s');
  return `${countText(count)} ${ending}`;
}

function jsonOf(report: VerifyReport): object {
  const { plan, figures, pages, connections, counts, examples, notes, cancelled } = report;
  const { elapsedMs, perSecond } = report;
  return {
    held: hasHeld(report),
    page: plan.target,
    pages,
    edits: plan.edits,
    connections,
    elapsedMs,
    perSecond,
    cancelled,
    retried: report.retried,
    ...figures,
    statuses: Object.fromEntries(report.byStatus),
    failures: Object.fromEntries(report.byFailure),
    faults: counts,
    examples,
    notes,
  };
}
