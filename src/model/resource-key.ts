/**
 * A resource key: the canonical path of a page below the served root, and so the name of its lock.
 */

import { assert } from '../base/assert.ts';
import { latin1Text } from '../base/bytes.ts';

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

/** Deeper pages are few, and whoever asks for one can wait for a closer look. */
const plainDepthMax = 16;

const DOT = 0x2e;
const SLASH = 0x2f;

/** Which bytes stand for themselves in a path and in a name alike: letters, digits, `-._~`, `/`. */
const isPlainByte = new Uint8Array(256);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/') {
  isPlainByte[character.charCodeAt(0)] = 1;
}

/** A key in ASCII, as it stands in `bytes[start, end)`: whoever needs no text makes none. */
export interface KeyBytes {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/**
 * Whether the path behind its first slash is so plain that the key it names can be told at a
 * glance: it is that key, which the rules for names come to (`page-name.ts`). False for any other
 * path, good or bad.
 */
export function isPlainKey({ bytes, start, end }: KeyBytes): boolean {
  let depth = 1;
  let before = SLASH;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (isPlainByte[byte] !== 1) return false;
    // An empty segment, a dot segment, a hidden name.
    if (before === SLASH && (byte === SLASH || byte === DOT)) return false;
    if (byte === SLASH) depth += 1;
    before = byte;
  }
  return before !== SLASH && depth <= plainDepthMax;
}

/** The text of a key; `bytes` are a plain one. */
export function keyOf(key: ResourceKey | KeyBytes): ResourceKey {
  if (typeof key === 'string') return key;
  return latin1Text(key.bytes, key.start, key.end) as ResourceKey;
}

/** The segments of a key; none for the root. */
export function keySegments(key: ResourceKey): string[] {
  return key === '' ? [] : key.split('/');
}
