/**
 * What a read comes to once the page is in hand: its conditions judged, its ranges cut out. A store
 * and a cache share it, so that nobody can tell which of them has answered.
 */

import { judge } from './judge.ts';
import { type PageState, type ReadOperation, type ReadResult, refused } from './operation.ts';
import { partOf, selectContent } from './selection.ts';

/** What a reader asks of a page. */
export type PageQuestion = Pick<ReadOperation, 'want' | 'conditions' | 'range'>;

/** The answer where the conditions keep the page back; `undefined` when they let it go. */
export function judgeRead(
  { conditions }: PageQuestion,
  state: PageState,
): Exclude<ReadResult, { kind: 'found' }> | undefined {
  switch (judge(conditions, state, 'read')) {
    case 'proceed':
      return undefined;
    case 'not-modified':
      return { kind: 'not-modified', state };
    case 'precondition-failed':
      return refused('precondition-failed');
  }
}

/** @param nowMs the wall clock */
export function readInHand(
  question: PageQuestion,
  state: PageState,
  bytes: Uint8Array,
  nowMs: number,
): ReadResult {
  const early = judgeRead(question, state);
  if (early !== undefined) return early;
  if (question.want === 'metadata') return { kind: 'found', state, content: { kind: 'none' } };
  return partOf(bytes, selectContent(question, state, nowMs), state);
}
