/** Times as HTTP writes them: one form out, three forms in. */

import { describe, expect, test } from 'bun:test';
import { formatHttpDate, takeHttpDate } from '../../src/http/date.ts';

const now = Date.UTC(2026, 10, 22);
const example = Date.UTC(1994, 10, 6, 8, 49, 37);

const rows: readonly [text: string, want: number | undefined][] = [
  ['Sun, 06 Nov 1994 08:49:37 GMT', example],
  ['Sunday, 06-Nov-94 08:49:37 GMT', example],
  ['Sun Nov  6 08:49:37 1994', example],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['Thu, 29 Feb 2024 23:59:59 GMT', Date.UTC(2024, 1, 29, 23, 59, 59)],
  // A leap second is the next minute's first.
  ['Sat, 31 Dec 2016 23:59:60 GMT', Date.UTC(2017, 0, 1)],
  ['Wed Nov 16 08:49:37 1994', Date.UTC(1994, 10, 16, 8, 49, 37)],
  // A year of two digits: up to 50 years ahead it is to come, above it is gone.
  ['Friday, 01-Jan-26 00:00:00 GMT', Date.UTC(2026, 0, 1)],
  ['Friday, 01-Jan-76 00:00:00 GMT', Date.UTC(2076, 0, 1)],
  ['Friday, 01-Jan-77 00:00:00 GMT', Date.UTC(1977, 0, 1)],
  ['', undefined],
  ['yesterday', undefined],
  ['0', undefined],
  ['1994-11-06T08:49:37Z', undefined],
  ['Sun, 06 Nov 1994 08:49:37 UTC', undefined],
  ['Sun, 06 Nov 1994 08:49:37 +0000', undefined],
  ['Sun, 06 Nov 1994 08:49:37', undefined],
  ['Sun, 6 Nov 1994 08:49:37 GMT', undefined],
  ['sun, 06 nov 1994 08:49:37 gmt', undefined],
  ['Xyz, 06 Nov 1994 08:49:37 GMT', undefined],
  ['Sun, 06 Xyz 1994 08:49:37 GMT', undefined],
  ['Sun, 31 Feb 1994 08:49:37 GMT', undefined],
  ['Thu, 29 Feb 2023 00:00:00 GMT', undefined],
  ['Sun, 00 Nov 1994 08:49:37 GMT', undefined],
  ['Sun, 06 Nov 1994 24:00:00 GMT', undefined],
  ['Sun, 06 Nov 1994 08:60:00 GMT', undefined],
  ['Sun, 06 Nov 1994 08:49:61 GMT', undefined],
  [' Sun, 06 Nov 1994 08:49:37 GMT', undefined],
  ['Sun, 06 Nov 1994 08:49:37 GMT\n', undefined],
  ['Sun, 06-Nov-94 08:49:37 GMT', undefined],
  ['Sunday, 06-Nov-1994 08:49:37 GMT', undefined],
  ['Sunday Nov  6 08:49:37 1994', undefined],
];

describe('a date', () => {
  for (const [text, want] of rows) {
    test(`${JSON.stringify(text)}: ${want ?? 'is none'}`, () => {
      expect(takeHttpDate(text, now)).toBe(want);
    });
  }

  test('what is written is read again, to the second', () => {
    for (const ms of [0, 999, example, now, Date.UTC(2000, 1, 29), Date.UTC(2099, 11, 31)]) {
      const text = formatHttpDate(ms);
      expect(text).toMatch(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
      expect(takeHttpDate(text, now)).toBe(ms - (ms % 1_000));
    }
  });
});
