/** Which ranges of a content are selected: RFC 9110 section 14, and where ranges are ignored. */

import { describe, expect, test } from 'bun:test';
import { type RangeSelection, type RangeSpec, selectRanges } from '../../src/model/byte-range.ts';

/** `0-9`, `5-`, `-3`, separated by commas. */
function specs(text: string): RangeSpec[] {
  return text.split(',').map((spec): RangeSpec => {
    const [first = '', last = ''] = spec.split('-');
    if (first === '') return { suffix: Number(last) };
    return last === '' ? { first: Number(first) } : { first: Number(first), last: Number(last) };
  });
}

function shown(selection: RangeSelection): string {
  if (typeof selection === 'string') return selection;
  return selection.map(({ start, end }) => `${start}-${end - 1}`).join(',');
}

describe('of 10 bytes', () => {
  const rows: readonly (readonly [asked: string, want: string])[] = [
    ['0-9', '0-9'],
    ['0-0', '0-0'],
    ['9-9', '9-9'],
    ['9-', '9-9'],
    ['0-', '0-9'],
    ['5-100', '5-9'],
    ['-3', '7-9'],
    ['-10', '0-9'],
    ['-11', '0-9'],
    ['-0', 'unsatisfiable'],
    ['10-', 'unsatisfiable'],
    ['10-20', 'unsatisfiable'],
    ['10-,-0', 'unsatisfiable'],
    ['10-,0-1', '0-1'],
    ['8-9,0-1', '8-9,0-1'],
    ['0-4,4-9', '0-4,4-9'],
    ['0-,0-', '0-9,0-9'],
    ['0-,0-,0-', '0-9,0-9,0-9'],
    ['0-,0-,0-,0-', 'whole'],
    ['0-5,1-6,2-7,3-8', 'whole'],
    [Array.from({ length: 16 }, () => '0-0').join(), 'whole'],
  ];
  for (const [asked, want] of rows) {
    test(`${asked} gives ${want}`, () => expect(shown(selectRanges(specs(asked), 10))).toBe(want));
  }
});

test('16 ranges are taken, 17 are ignored', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ first: 2 * n, last: 2 * n }));
  expect(selectRanges(many(16), 100)).toHaveLength(16);
  expect(selectRanges(many(17), 100)).toBe('whole');
});

test('an empty content has no ranges', () => {
  expect(selectRanges(specs('0-'), 0)).toBe('whole');
});
