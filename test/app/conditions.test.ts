/** `If-*` fields as conditions: what is read, what takes precedence, and what is malformed. */

import { describe, expect, test } from 'bun:test';
import { takeConditions } from '../../src/app/conditions.ts';
import type { Conditions } from '../../src/model/conditions.ts';
import { requestHead } from '../http/fields.ts';

const now = Date.UTC(2026, 10, 22);
const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
const dateMs = Date.UTC(1994, 10, 6, 8, 49, 37);
const strong = (opaque: string) => ({ weak: false, opaque });
const weak = (opaque: string) => ({ weak: true, opaque });

const rows: readonly [name: string, lines: readonly string[], want: Conditions | undefined][] = [
  ['none', [], {}],
  ['If-Match: *', ['If-Match: *'], { ifMatch: { any: true } }],
  ['one tag', ['If-Match: "a"'], { ifMatch: { tags: [strong('a')] } }],
  ['an empty tag', ['If-Match: ""'], { ifMatch: { tags: [strong('')] } }],
  ['a weak tag', ['If-None-Match: W/"a"'], { ifNoneMatch: { tags: [weak('a')] } }],
  [
    'a list',
    ['If-Match: "a", W/"b" ,"c"'],
    { ifMatch: { tags: [strong('a'), weak('b'), strong('c')] } },
  ],
  [
    'a list over two lines',
    ['If-Match: "a"', 'If-Match: "b"'],
    { ifMatch: { tags: [strong('a'), strong('b')] } },
  ],
  ['empty members', ['If-Match: , "a",, '], { ifMatch: { tags: [strong('a')] } }],
  ['a comma in a tag', ['If-Match: "a,b"'], { ifMatch: { tags: [strong('a,b')] } }],
  ['a byte above 127', ['If-Match: "\xe9"'], { ifMatch: { tags: [strong('\xe9')] } }],
  [
    'both tag fields',
    ['If-Match: "a"', 'If-None-Match: *'],
    {
      ifMatch: { tags: [strong('a')] },
      ifNoneMatch: { any: true },
    },
  ],
  ['a date', [`If-Modified-Since: ${date}`], { ifModifiedSinceMs: dateMs }],
  ['the other date', [`If-Unmodified-Since: ${date}`], { ifUnmodifiedSinceMs: dateMs }],
  [
    'If-None-Match comes before If-Modified-Since',
    ['If-None-Match: "a"', `If-Modified-Since: ${date}`],
    { ifNoneMatch: { tags: [strong('a')] } },
  ],
  [
    'If-Match comes before If-Unmodified-Since',
    ['If-Match: "a"', `If-Unmodified-Since: ${date}`],
    { ifMatch: { tags: [strong('a')] } },
  ],
  [
    'a tag beside the date of the other kind',
    ['If-Match: "a"', `If-Modified-Since: ${date}`],
    { ifMatch: { tags: [strong('a')] }, ifModifiedSinceMs: dateMs },
  ],
  ['a malformed date is ignored', ['If-Modified-Since: yesterday'], {}],
  ['two dates are malformed', [`If-Unmodified-Since: ${date}`, `If-Unmodified-Since: ${date}`], {}],
  ['a tag without quotes', ['If-Match: a'], undefined],
  ['an open quote', ['If-Match: "a'], undefined],
  ['no comma between', ['If-Match: "a" "b"'], undefined],
  ['a blank in a tag', ['If-Match: "a b"'], undefined],
  ['a small w', ['If-Match: w/"a"'], undefined],
  ['* in a list', ['If-Match: "a", *'], undefined],
  ['* twice', ['If-None-Match: *', 'If-None-Match: *'], undefined],
  ['an empty field', ['If-Match:'], undefined],
  ['only commas', ['If-None-Match: , ,'], undefined],
  ['one of two is malformed', ['If-Match: "a"', 'If-None-Match: b'], undefined],
];

describe('conditions', () => {
  for (const [name, lines, want] of rows) {
    test(name, () => expect(takeConditions(requestHead(lines).fields, now)).toEqual(want));
  }

  test('a long list takes time in proportion to its length', () => {
    const list = Array.from({ length: 2_000 }, (_, at) => `"${at}"`).join(',');
    const taken = takeConditions(requestHead([`If-Match: ${list}`]).fields, now);
    expect(taken).toEqual({
      ifMatch: { tags: Array.from({ length: 2_000 }, (_, at) => strong(String(at))) },
    });
  });
});
