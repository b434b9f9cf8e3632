/** Histories as plain lists of marks, as a person writes them down and a generator changes them. */

import { judge } from '../../../src/load/history/checker.ts';
import type { History, Mark, Sighting } from '../../../src/load/history/history.ts';
import { Recorder } from '../../../src/load/history/recorder.ts';
import type { FaultKind, Verdict } from '../../../src/load/history/verdict.ts';

export type PlainPage = readonly Mark[] | 'torn';

export interface PlainEdit {
  readonly mark: Mark;
  readonly from: number;
  /** When it was answered; absent: its outcome is unknown. */
  readonly to?: number;
  /** Whether the answer was a refusal. */
  readonly refused?: true;
  /** The page in the answer. */
  readonly saw?: PlainPage;
  /** The page that it was to replace, and no other. */
  readonly on?: PlainPage;
}

export interface PlainRead {
  readonly from: number;
  readonly to: number;
  readonly saw: PlainPage;
}

export interface PlainHistory {
  readonly edits: readonly PlainEdit[];
  readonly reads: readonly PlainRead[];
  readonly final?: PlainPage;
}

/** As the load runner records it. */
export function recorded(plain: PlainHistory): History {
  const recorder = new Recorder();
  const sight = (page: PlainPage): Sighting =>
    page === 'torn' ? { kind: 'torn', why: 'the end is missing' } : recorder.sighting(page);
  for (const { mark, from, to, refused, saw, on } of plain.edits) {
    recorder.invoke(mark, from, on && sight(on));
    if (to === undefined) continue;
    if (refused) recorder.refuse(mark, to);
    else recorder.acknowledge(mark, to, saw && sight(saw));
  }
  for (const { from, to, saw } of plain.reads) recorder.read(from, to, sight(saw));
  return recorder.history(plain.final && sight(plain.final));
}

/** An acknowledged edit; without `to`, one of unknown outcome. */
export function edit(
  mark: Mark,
  from: number,
  to?: number,
  more: Partial<PlainEdit> = {},
): PlainEdit {
  return { mark, from, ...(to !== undefined && { to }), ...more };
}

export function read(from: number, to: number, saw: PlainPage): PlainRead {
  return { from, to, saw };
}

export function verdictOn(
  edits: readonly PlainEdit[],
  reads: readonly PlainRead[],
  final?: PlainPage,
): Verdict {
  return judge(recorded({ edits, reads, ...(final && { final }) }));
}

/** Only the kinds that occurred. */
export function countsOf({ counts }: Verdict): Partial<Record<FaultKind, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
