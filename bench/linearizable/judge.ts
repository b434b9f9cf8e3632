/**
 * Judges the history of a page: whether one order of its operations, each done at one moment
 * between its beginning and its answer, explains every answer. That is linearizability; of several
 * pages it holds when it holds of each.
 */

import { assert } from '../../src/base/assert.ts';
import type { Mark } from '../../src/load/history/history.ts';
import { smallestConflict } from './conflict.ts';
import { conflictText } from './conflict-text.ts';
import { searchOrder } from './order-search.ts';
import type { Operation, PageHistory } from './page-history.ts';
import { Versions } from './versions.ts';

export type Verdict =
  | { readonly kind: 'linearizable' }
  | {
      readonly kind: 'impossible';
      /** They have no order, and without any one of them the others have one. */
      readonly conflict: readonly Operation[];
      /** The same for a person. */
      readonly text: string;
    }
  /** The search was given up: that says nothing, and is no success. */
  | { readonly kind: 'undecided'; readonly text: string };

/**
 * Points that a search may look at. A right server's history has about one for each operation; so
 * many take a few seconds, and some 100 MB.
 */
export const pointsMax = 500_000;

/** The same for one of the many searches that make an explanation short. */
const explanationPointsMax = 20_000;

/** Throws `AssertionFailed` for what is no history: two edits with one mark. */
export function judge(history: PageHistory, searchPointsMax = pointsMax): Verdict {
  const { steps, first, operations } = history;
  assertHistory(operations);
  const versions = new Versions(steps);
  const search = (some: readonly Operation[], limit: number) => {
    const taken = new Set(some);
    const aside = operations.filter((operation) => !taken.has(operation));
    return searchOrder({ versions, first, operations: some, aside }, limit);
  };
  const answer = search(operations, searchPointsMax);
  if (answer === 'found') return { kind: 'linearizable' };
  if (answer === 'undecided') {
    const text = `Not decided: ${searchPointsMax} points were not enough to find an order.`;
    return { kind: 'undecided', text };
  }
  const limit = Math.min(explanationPointsMax, searchPointsMax);
  const all = operations.length;
  const conflict = smallestConflict(operations, (some) => {
    return some.length < all && search(some, limit) !== 'impossible';
  });
  return { kind: 'impossible', conflict, text: conflictText(history, versions, conflict) };
}

function assertHistory(operations: readonly Operation[]): void {
  const marks = new Set<Mark>();
  for (const { request, invokedMs, ending } of operations) {
    const endMs = ending.kind === 'unknown' ? ending.lapsedMs : ending.atMs;
    assert(endMs === undefined || invokedMs <= endMs, 'an operation ended before it began');
    if (request.kind !== 'insert' && request.kind !== 'replace') continue;
    assert(!marks.has(request.mark), `two edits with the mark ${request.mark}`);
    marks.add(request.mark);
  }
}
