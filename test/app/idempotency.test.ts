/** `Idempotency-Key`: which fields give which key, and what makes a request another one. */

import { describe, expect, test } from 'bun:test';
import { idempotencyOf, takeKeyedFields } from '../../src/app/idempotency.ts';
import type { Method } from '../../src/app/semantics.ts';
import { latin1Bytes } from '../../src/base/bytes.ts';
import { resourceKey } from '../../src/model/resource-key.ts';
import { requestHead } from '../http/fields.ts';

const uuid = '6f2d7a9e-3c41-4b3e-9a7c-0d5b1e8f2c64';
const long = 'k'.repeat(255);
const escaped = '\\"'.repeat(255);

function taken(...lines: readonly string[]) {
  const keyed = takeKeyedFields(requestHead(lines).fields);
  return typeof keyed === 'object' ? keyed.key : keyed;
}

describe('a key', () => {
  const rows: readonly [value: string, want: string][] = [
    ['abc', 'abc'],
    ['"abc"', 'abc'],
    ['ABC', 'ABC'],
    [uuid, uuid],
    [`"${uuid}"`, uuid],
    ['0', '0'],
    ['"0"', '0'],
    ['malformed', 'malformed'],
    ["!#$%&'*+-.^_`|~", "!#$%&'*+-.^_`|~"],
    ['" a, b; c=d "', ' a, b; c=d '],
    ['"a\\"b"', 'a"b'],
    ['"a\\\\b"', 'a\\b'],
    ['"\\\\"', '\\'],
    ['"[]"', '[]'],
    ['"~"', '~'],
    ['"x"  ', 'x'],
    [long, long],
    [`"${long}"`, long],
    [`"${escaped}"`, '"'.repeat(255)],
  ];
  for (const [value, want] of rows) {
    test(value.slice(0, 60), () => expect(taken(`Idempotency-Key: ${value}`)).toBe(want));
  }

  test('the name of the field in any case', () => {
    expect(taken('IDEMPOTENCY-KEY: abc')).toBe('abc');
  });

  test('none', () => expect(taken('If-Match: *')).toBeUndefined());
});

describe('malformed', () => {
  const rows: readonly [name: string, ...lines: readonly string[]][] = [
    ['nothing', 'Idempotency-Key:'],
    ['an empty string', 'Idempotency-Key: ""'],
    ['a string without its end', 'Idempotency-Key: "abc'],
    ['a string that ends in an escape', 'Idempotency-Key: "abc\\"'],
    ['a quote', 'Idempotency-Key: "'],
    ['a string without its begin', 'Idempotency-Key: abc"'],
    ['a quote inside', 'Idempotency-Key: "a"b"'],
    ['an escape of another character', 'Idempotency-Key: "a\\bc"'],
    ['a tab in a string', 'Idempotency-Key: "a\tb"'],
    ['a character beyond ASCII', 'Idempotency-Key: "é"'],
    ['the same in a token', 'Idempotency-Key: é'],
    ['a token with a blank', 'Idempotency-Key: a b'],
    ['a token with a slash', 'Idempotency-Key: a/b'],
    ['a sequence of bytes', 'Idempotency-Key: :YWJj:'],
    ['a boolean', 'Idempotency-Key: ?1'],
    ['a list', 'Idempotency-Key: a, b'],
    ['a list of strings', 'Idempotency-Key: "a", "b"'],
    ['a parameter', 'Idempotency-Key: "abc";v=1'],
    ['a parameter of a token', 'Idempotency-Key: abc;v=1'],
    ['two fields', 'Idempotency-Key: a', 'Idempotency-Key: b'],
    ['two fields that say the same', 'Idempotency-Key: a', 'idempotency-key: a'],
    ['256 characters', `Idempotency-Key: k${long}`],
    ['256 characters in quotes', `Idempotency-Key: "k${long}"`],
    ['256 characters, escaped', `Idempotency-Key: "k${escaped}"`],
    ['as many as a field can have', `Idempotency-Key: "${'\\"'.repeat(8_000)}"`],
  ];
  for (const [name, ...lines] of rows) {
    test(name, () => expect(taken(...lines)).toBe('malformed'));
  }
});

interface Asked {
  readonly method?: Method;
  readonly page?: string;
  readonly lines?: readonly string[];
  readonly content?: string;
}

function fingerprint({
  method = 'PUT',
  page = 'a.html',
  lines = [],
  content = 'x',
}: Asked): string {
  const keyed = takeKeyedFields(requestHead(['Idempotency-Key: k', ...lines]).fields);
  if (keyed === undefined || keyed === 'malformed') throw new Error(lines.join());
  const key = resourceKey(page.split('/'));
  const { fingerprint } = idempotencyOf(keyed, method, key, latin1Bytes(content));
  return fingerprint;
}

describe('a fingerprint', () => {
  test('128 bits in base64url', () => {
    expect(fingerprint({})).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });

  /** Requests that must not be taken for one another. */
  const different: readonly Asked[] = [
    {},
    { method: 'PATCH' },
    { method: 'DELETE', content: '' },
    { page: 'b.html' },
    { page: 'a.htm', content: 'lx' },
    { page: 'ä.html' },
    { content: '' },
    { content: 'y' },
    { content: 'xx' },
    { content: 'x'.repeat(10) },
    { lines: ['Content-Type: text/html'] },
    { lines: ['Content-Type: text/plain'] },
    { lines: ['Content-Type:'] },
    { lines: ['If-Match: "a"'] },
    { lines: ['If-Match: "a", "b"'] },
    { lines: ['If-Match: W/"a"'] },
    { lines: ['If-Match: *'] },
    { lines: ['If-None-Match: "a"'] },
    { lines: ['If-None-Match: *'] },
    { lines: ['If-Match: *', 'If-None-Match: *'] },
    { lines: ['If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT'] },
    { lines: ['If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT'] },
    { lines: ['If-Range: "a"'] },
    // What would be the same bytes, had the parts no lengths.
    { lines: ['If-Range: 1:x'], content: '' },
    { lines: ['Content-Type: -'] },
    { lines: ['If-Match: -'] },
  ];
  test('is another for each of these', () => {
    const prints = different.map(fingerprint);
    expect(new Set(prints).size).toBe(different.length);
  });

  test('is the same for what is sent again', () => {
    expect(different.map(fingerprint)).toEqual(different.map(fingerprint));
  });

  test('does not change with what does not make another request', () => {
    for (const line of ['Prefer: return=minimal', 'User-Agent: x', 'Connection: close', 'X: y']) {
      expect(fingerprint({ lines: [line] })).toBe(fingerprint({}));
    }
    const lists = ['If-Match: "a"', 'If-Match: "b"'];
    expect(fingerprint({ lines: lists })).toBe(fingerprint({ lines: ['If-Match: "a", "b"'] }));
  });
});
