/** From the `Range` and `If-Range` fields to ranges as values (RFC 9110 14.2 and 13.1.5). */

import { takeHttpDate } from '../http/date.ts';
import type { Fields } from '../http/message.ts';
import type { RangeRequest, RangeSpec, RangeValidator } from '../model/byte-range.ts';
import { takeEntityTags } from './conditions.ts';

/** 15 digits count every content below 2^53 bytes; a larger position lies behind every end. */
const POSITION_DIGITS_MAX = 15;

/**
 * What a GET asks for a part of; `undefined` when it asks for the whole, or in a form that is not
 * understood, which is to be ignored (14.2).
 */
export function takeRange(fields: Fields, nowMs: number): RangeRequest | undefined {
  const field = fields.only('range');
  const specs = field === undefined ? undefined : takeSpecs(field);
  if (specs === undefined) return undefined;
  if (fields.countOf('if-range') === 0) return { specs };
  const validator = takeValidator(fields.only('if-range') ?? '', nowMs);
  // A guard that cannot be read guards nothing: the whole page is always right.
  return validator === undefined ? undefined : { specs, validator };
}

function takeSpecs(field: string): RangeSpec[] | undefined {
  const match = /^bytes=(.*)$/i.exec(field);
  if (match === null) return undefined;
  const specs: RangeSpec[] = [];
  for (const member of (match[1] ?? '').split(',')) {
    const text = member.replace(/^[ \t]+|[ \t]+$/g, '');
    // A list may hold empty members (5.6.1.2).
    if (text === '') continue;
    const spec = takeSpec(text);
    if (spec === undefined) return undefined;
    specs.push(spec);
  }
  return specs.length === 0 ? undefined : specs;
}

function takeSpec(text: string): RangeSpec | undefined {
  const match = /^([0-9]*)-([0-9]*)$/.exec(text);
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') return last === '' ? undefined : { suffix: position(last) };
  if (last === '') return { first: position(first) };
  if (position(last) < position(first)) return undefined;
  return { first: position(first), last: position(last) };
}

function position(digits: string): number {
  const significant = digits.replace(/^0+(?=.)/, '');
  return significant.length > POSITION_DIGITS_MAX
    ? Number.MAX_SAFE_INTEGER - 1
    : Number(significant);
}

function takeValidator(field: string, nowMs: number): RangeValidator | undefined {
  const [tag, ...more] = takeEntityTags(field) ?? [];
  if (tag !== undefined) return more.length === 0 ? { tag } : undefined;
  const modifiedMs = takeHttpDate(field, nowMs);
  return modifiedMs === undefined ? undefined : { modifiedMs };
}
