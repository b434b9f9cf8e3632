/** Ranges of a content in bytes (RFC 9110 section 14), as values: no header syntax. */

import type { EntityTag } from './entity-tag.ts';

/** A range as it is asked for: `first` to `last` inclusive, or to the end; or the last bytes. */
export type RangeSpec =
  | { readonly first: number; readonly last?: number }
  | { readonly suffix: number };

/** A range of a content whose size is known: `[start, end)`, not empty. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What `If-Range` names: a version of the content, outside of which ranges are ignored. */
export type RangeValidator =
  | { readonly tag: EntityTag }
  /** Milliseconds since 1970, whole seconds. */
  | { readonly modifiedMs: number };

/** Which part of a content a read asks for. */
export interface RangeRequest {
  readonly specs: readonly RangeSpec[];
  readonly validator?: RangeValidator;
}

/** A reader of a page needs a handful; more are an attack (RFC 9110 section 14.2). */
export const RANGES_MAX = 16;
/** Each overlap sends bytes twice; a few may be an honest mistake. */
export const OVERLAPS_MAX = 2;

/** The parts of a content to send; `whole` where the ranges are to be ignored. */
export type RangeSelection = readonly ByteRange[] | 'whole' | 'unsatisfiable';

/** The ranges that `specs` select of a content of `size` bytes, in the order of the request. */
export function selectRanges(specs: readonly RangeSpec[], size: number): RangeSelection {
  // No range of an empty content can be said (14.4), and refusing it would help nobody.
  if (size === 0 || specs.length > RANGES_MAX) return 'whole';
  const ranges = specs.map((spec) => rangeOf(spec, size)).filter((range) => range !== undefined);
  if (ranges.length === 0) return 'unsatisfiable';
  return overlaps(ranges) > OVERLAPS_MAX ? 'whole' : ranges;
}

/** Bytes in all ranges together. */
export function rangeBytes(ranges: readonly ByteRange[]): number {
  let bytes = 0;
  for (const { start, end } of ranges) bytes += end - start;
  return bytes;
}

function rangeOf(spec: RangeSpec, size: number): ByteRange | undefined {
  if ('suffix' in spec) {
    return spec.suffix === 0 ? undefined : { start: Math.max(0, size - spec.suffix), end: size };
  }
  if (spec.first >= size) return undefined;
  return { start: spec.first, end: Math.min(size, (spec.last ?? size - 1) + 1) };
}

/** How many ranges begin inside one that begins before them. */
function overlaps(ranges: readonly ByteRange[]): number {
  const sorted = [...ranges].sort((a, b) => a.start - b.start);
  let count = 0;
  let end = 0;
  for (const range of sorted) {
    if (range.start < end) count += 1;
    end = Math.max(end, range.end);
  }
  return count;
}
