/** Resource keys: which segments may stand in one, and that a key and its segments are one. */

import { describe, expect, test } from 'bun:test';
import { AssertionFailed } from '../../src/base/assert.ts';
import { isKeySegment, keySegments, resourceKey } from '../../src/model/resource-key.ts';

const good = [
  'a',
  'test.html',
  'a b',
  '...',
  '..a',
  'a..',
  '.hidden',
  '한국어',
  '😀',
  '%2f',
  '~',
  ' ',
];
const bad = ['', '.', '..', 'a\0', '\x01', 'a\nb', '\x1f', '\x7f', 'a\\b', '\\'];

describe('a segment', () => {
  for (const segment of good) {
    test(`${JSON.stringify(segment)} may stand in a key`, () => {
      expect(isKeySegment(segment)).toBe(true);
      expect(String(resourceKey([segment]))).toBe(segment);
    });
  }
  for (const segment of bad) {
    test(`${JSON.stringify(segment)} may not`, () => {
      expect(isKeySegment(segment)).toBe(false);
      expect(() => resourceKey(['a', segment])).toThrow(AssertionFailed);
    });
  }
  test('none holds a slash', () => expect(() => resourceKey(['a/b'])).toThrow(AssertionFailed));
});

test('a key gives back the segments it was made of; the root has none', () => {
  for (const segments of [[], ['a'], ['notes', 'a b.html'], ['한', '국', '어']]) {
    expect(keySegments(resourceKey(segments))).toEqual(segments);
  }
  expect(String(resourceKey([]))).toBe('');
});
