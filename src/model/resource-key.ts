/**
 * A resource key: the canonical path of a page below the served root, and so the name of its lock.
 */

import { assert } from '../base/assert.ts';

/**
 * Segments joined by `/`, with no leading slash: `test.html`, `notes/a b.html`; the root itself is
 * the empty string. No segment is empty, `.` or `..`, and none holds NUL, a control character or a
 * backslash. Whoever makes one has checked that (`app/path.ts`), so a thread that gets one only
 * asserts it.
 */
export type ResourceKey = string & { readonly brand: unique symbol };

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a key must not hold
const forbiddenCharacter = /[\0-\x1f\x7f\\]/;

/** Whether `segment` may stand in a key: not empty, no dot segment, no forbidden character. */
export function isKeySegment(segment: string): boolean {
  return segment !== '' && segment !== '.' && segment !== '..' && !forbiddenCharacter.test(segment);
}

/**
 * Joins checked segments to a key. Throws `AssertionFailed` on a segment that may not stand in one.
 */
export function resourceKey(segments: readonly string[]): ResourceKey {
  for (const segment of segments) {
    assert(isKeySegment(segment) && !segment.includes('/'), `not a key segment: ${segment}`);
  }
  return segments.join('/') as ResourceKey;
}

/** The segments of a key; none for the root. */
export function keySegments(key: ResourceKey): string[] {
  return key === '' ? [] : key.split('/');
}
