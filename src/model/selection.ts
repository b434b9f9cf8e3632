/** Which part of a page's content a read gets (RFC 9110 sections 13.1.5 and 14.2). */

import { concatBytes } from '../base/bytes.ts';
import type { RangeSelection, RangeValidator } from './byte-range.ts';
import { selectRanges } from './byte-range.ts';
import type { PageState, ReadOperation, ReadResult } from './operation.ts';

/** A date tells versions apart only when the page has not changed for this long (8.8.2.2). */
const dateStrongAfterMs = 1_000;

/** @param nowMs the wall clock */
export function selectContent(
  { range }: Pick<ReadOperation, 'range'>,
  state: PageState,
  nowMs: number,
): RangeSelection {
  if (range === undefined) return 'whole';
  if (range.validator !== undefined && !holds(range.validator, state, nowMs)) return 'whole';
  return selectRanges(range.specs, state.size);
}

/** Whether the page is still, and surely, the version that the reader has a part of. */
function holds(validator: RangeValidator, state: PageState, nowMs: number): boolean {
  if ('tag' in validator) {
    const { tag } = state;
    // Strong comparison: bytes of two versions must never be put together.
    return tag?.opaque === validator.tag.opaque && !tag.weak && !validator.tag.weak;
  }
  const modifiedMs = Math.floor(state.modifiedMs / 1_000) * 1_000;
  return validator.modifiedMs === modifiedMs && nowMs - state.modifiedMs >= dateStrongAfterMs;
}

/** The part of a content that is in hand, in memory of its own where it is not all of it. */
export function partOf(bytes: Uint8Array, selection: RangeSelection, state: PageState): ReadResult {
  if (selection === 'unsatisfiable') return { kind: 'unsatisfiable', state };
  if (selection === 'whole') return { kind: 'found', state, content: { kind: 'whole', bytes } };
  const part = concatBytes(selection.map(({ start, end }) => bytes.subarray(start, end)));
  return { kind: 'found', state, content: { kind: 'whole', bytes: part }, ranges: selection };
}
