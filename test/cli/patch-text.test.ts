/** Patches, and patches for a terminal. */

import { describe, expect, test } from 'bun:test';
import { utf8Bytes } from '../../src/base/bytes.ts';
import { patchOf, shownPatch } from '../../src/cli/patch-text.ts';

function patch(old: string | Uint8Array, changed: string | Uint8Array) {
  const side = (name: string, content: string | Uint8Array) => ({
    name,
    bytes: typeof content === 'string' ? utf8Bytes(content) : content,
  });
  return patchOf(side('a@1', old), side('a@2', changed));
}

describe('a patch', () => {
  test('is a unified one, with three lines around each change', () => {
    const old = ['1', '2', '3', '4', '5', '6', '7', '8', '9', ''].join('\n');
    expect(patch(old, old.replace('5', 'five'))).toEqual({
      kind: 'patch',
      text: '--- a@1\n+++ a@2\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n',
    });
  });

  test('says where the last line has no end, and keeps line ends apart', () => {
    expect(patch('a', 'a\r\n')).toEqual({
      kind: 'patch',
      text: '--- a@1\n+++ a@2\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\r\n',
    });
  });

  test('of a page to nothing', () => {
    expect(patch('a\n', '')).toEqual({
      kind: 'patch',
      text: '--- a@1\n+++ a@2\n@@ -1,1 +0,0 @@\n-a\n',
    });
  });

  test.each([
    ['a byte that no text has', Uint8Array.of(65, 0, 66)],
    ['what is not UTF-8', Uint8Array.of(0xff, 0xfe)],
  ])('is not made of %s', (_, bytes) => {
    expect(patch('a', bytes)).toEqual({ kind: 'no-text' });
    expect(patch(bytes, 'a')).toEqual({ kind: 'no-text' });
  });

  test('is made up to a bound of changes, and in time', () => {
    const lines = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => `${from + index}\n`).join('');
    expect(patch(lines(0, 1_000), lines(100_000, 1_000)).kind).toBe('patch');
    expect(patch(lines(0, 1_001), lines(100_000, 1_000)).kind).toBe('too-different');
    expect(patch(lines(0, 20_000), `${lines(0, 20_000)}x`).kind).toBe('patch');
  });
});

describe('for a terminal', () => {
  const text = '--- a@1\n+++ a@2\n@@ -1,1 +1,2 @@\n-a\x1b[2J\r\n+b\tc\n+\u202e\n same\n';

  test('what the page holds cannot drive it', () => {
    expect(shownPatch(text, false)).toBe(
      '--- a@1\n+++ a@2\n@@ -1,1 +1,2 @@\n-a\\x1b[2J\\r\n+b\tc\n+\\u{202e}\n same\n',
    );
  });

  test('what came is green, what went red; the names are as they are', () => {
    expect(shownPatch(text, true)).toBe(
      '--- a@1\n+++ a@2\n\x1b[36m@@ -1,1 +1,2 @@\x1b[39m\n\x1b[31m-a\\x1b[2J\\r\x1b[39m\n' +
        '\x1b[32m+b\tc\x1b[39m\n\x1b[32m+\\u{202e}\x1b[39m\n same\n',
    );
  });
});
