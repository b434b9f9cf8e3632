/** Resource keys: which segments may stand in one, and that a key and its segments are one. */

import { describe, expect, test } from 'bun:test';
import { takePagePath } from '../../src/app/page-path.ts';
import { AssertionFailed } from '../../src/base/assert.ts';
import { latin1Bytes } from '../../src/base/bytes.ts';
import {
  isKeySegment,
  isPlainKey,
  keyOf,
  keySegments,
  resourceKey,
} from '../../src/model/resource-key.ts';
import { Seeded, seedOfRun } from '../store/seeded.ts';

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

const seed = seedOfRun();

test(`a plain path has the key that the rules come to, or none: INKWIRE_SEED=${seed}`, () => {
  const random = new Seeded(seed);
  const pieces = ['a', 'B1', '.', '..', '/', '/', '-_~', '%61', ' ', 'é', '.x', '?', '\\', '\0'];
  let plain = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const count = random.below(8);
    const path = Array.from({ length: count }, () => random.pick(pieces)).join('');
    const bytes = { bytes: latin1Bytes(`<${path}>`), start: 1, end: path.length + 1 };
    if (!isPlainKey(bytes)) continue;
    const key = keyOf(bytes);
    plain += 1;
    expect(takePagePath(`/${path}`, false)).toEqual({ key, folder: false, readOnly: false });
  }
  expect(plain).toBeGreaterThan(500);
  const isPlain = (depth: number): boolean => {
    const bytes = latin1Bytes(Array.from({ length: depth }, () => 'a').join('/'));
    return isPlainKey({ bytes, start: 0, end: bytes.length });
  };
  expect([isPlain(16), isPlain(17)]).toEqual([true, false]);
});
