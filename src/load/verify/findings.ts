/** What a run found, over all of its pages: their verdicts as one report. */

import { assert } from '../../base/assert.ts';
import { type FaultKind, faultKinds, type Verdict } from '../history/verdict.ts';
import type { EditTally } from './edit-tally.ts';
import type { MarkSpelling } from './marks.ts';
import type { TestedPage } from './tested-page.ts';
import type { VerifyExample, VerifyPlan, VerifyReport } from './verify.ts';

/** Faults of each kind that are told: the first few show the pattern, all are counted. */
const examplesMax = 3;

type FaultCounts = Record<FaultKind, number>;

export function findings(
  plan: VerifyPlan,
  pages: readonly TestedPage[],
  tally: EditTally,
  spelling: MarkSpelling,
  ending: Pick<VerifyReport, 'notes' | 'cancelled' | 'elapsedMs' | 'retried'>,
): VerifyReport {
  const counts: FaultCounts = {
    lost: 0,
    doubled: 0,
    torn: 0,
    reordered: 0,
    phantom: 0,
    stale: 0,
  };
  const examples = new Map<FaultKind, VerifyExample[]>(faultKinds.map((kind) => [kind, []]));
  let [acknowledged, unknownStanding, unconfirmed] = [0, 0, 0];
  let [confirmed, allSeen] = [true, true];
  for (const page of pages) {
    const verdict = page.judged();
    for (const kind of faultKinds) counts[kind] += verdict.counts[kind];
    addExamples(examples, page, verdict, spelling);
    acknowledged += verdict.figures.acknowledged;
    unknownStanding += verdict.figures.unknownDone;
    unconfirmed += verdict.figures.unconfirmed;
    confirmed &&= verdict.confirmed;
    allSeen &&= verdict.figures.judgedBy === 'final';
  }
  const { ended, byStatus, byFailure, conflicts, reads, readsFailed } = tally;
  assert(acknowledged === ended.acknowledged, 'the histories lack an acknowledged edit');
  const unread = ending.notes.some(({ kind }) => kind === 'final-unread');
  return {
    kind: 'report',
    plan,
    pages: pages.length,
    connections: tally.connectionsUsed,
    figures: {
      acknowledged,
      refused: ended.refused,
      unknown: ended.unknown,
      ...(allSeen && { unknownStanding }),
      givenUp: ended['given-up'],
      conflicts,
      reads,
      readsFailed,
      unconfirmed,
    },
    byStatus,
    byFailure,
    counts,
    examples: faultKinds.flatMap((kind) => examples.get(kind) ?? []),
    ...ending,
    perSecond: ending.elapsedMs > 0 ? (acknowledged * 1000) / ending.elapsedMs : 0,
    confirmed: confirmed && acknowledged > 0 && !unread,
  };
}

function addExamples(
  examples: ReadonlyMap<FaultKind, VerifyExample[]>,
  { target }: TestedPage,
  verdict: Verdict,
  spelling: MarkSpelling,
): void {
  for (const { kind, text, marks } of verdict.examples) {
    const told = examples.get(kind);
    if (told === undefined || told.length >= examplesMax) continue;
    told.push({ kind, target, text, marks: marks.map((mark) => spelling.text(mark)) });
  }
}
