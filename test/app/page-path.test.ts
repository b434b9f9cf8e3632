/** From a path on the wire to the page it names, or why it names none. */

import { describe, expect, test } from 'bun:test';
import { takePagePath } from '../../src/app/page-path.ts';
import { pagePath } from '../../src/model/page-name.ts';

/** The key; behind it `folder` for a target that ends in a slash, `read-only` for what is that. */
const named: readonly [path: string, want: string][] = [
  ['/test.html', 'test.html'],
  ['/a/b/c.html', 'a/b/c.html'],
  ['/', 'index.html folder'],
  ['/dir/', 'dir/index.html folder'],
  ['/a/b/', 'a/b/index.html folder'],
  ['/index.html', 'index.html'],
  ['/a%20b.html', 'a b.html'],
  ['/%74est.html', 'test.html'],
  ['/%ED%95%9C%EA%B5%AD%EC%96%B4.html', '한국어.html'],
  ['/%ed%95%9c/%ea%b5%ad/', '한/국/index.html folder'],
  ['/%F0%9F%98%80', '😀'],
  ['/a+b', 'a+b'],
  ["/!$&'()*,;=:@~_-.html", "!$&'()*,;=:@~_-.html"],
  ['/%3Fq', '?q'],
  ['/%23', '#'],
  ['/%25', '%'],
  // Decoded once: what was encoded twice is a name with a percent sign in it.
  ['/%252e%252e', '%2e%2e'],
  ['/%252fetc', '%2fetc'],
  ['/%25zz', '%zz'],
  ['/a./b', 'a./b'],
  ['/a..b', 'a..b'],
  ['/CON', 'CON'],
  ['/TEST.HTML', 'TEST.HTML'],
  ['/%C2%85', '\u0085'],
  ['/.well-known/x', '.well-known/x read-only'],
  ['/.well-known/acme/y', '.well-known/acme/y read-only'],
  ['/.well-known/', '.well-known/index.html folder read-only'],
  ['/%2ewell-known/x', '.well-known/x read-only'],
];

/** Malformed: 400. */
const bad = [
  '/%2f',
  '/%2F',
  '/a%2fb',
  '/..%2f..%2fetc',
  '/.well-known%2fx',
  '/%00',
  '/a%00.html',
  '/%5c',
  '/..%5c..%5c',
  '/a\\b',
  '/%0a',
  '/%0d%0aX:y',
  '/%09',
  '/%1f',
  '/%7f',
  '/%',
  '/%2',
  '/%zz',
  '/a%',
  '/%e2%82',
  '/%ff',
  '/%80',
  '/%c0%af',
  '/%c0%ae%c0%ae/',
  '/%e0%80%af',
  '/%f0%80%80%af',
  '/%ed%a0%80',
  '/%f4%90%80%80',
  '/\0',
];

/** Well-formed, and never there: 404. */
const hidden = [
  '/.',
  '/..',
  '/./',
  '/../',
  '/../etc/passwd',
  '/a/../b',
  '/a/./b',
  '/a/..',
  '/%2e',
  '/%2e%2e',
  '/%2E%2e/x',
  '/.%2e/x',
  '/a/%2e%2e/b',
  '//',
  '//a',
  '/a//b',
  '/a//',
  '/.git/config',
  '/.inkwire',
  '/.inkwire/tmp/1',
  '/%2einkwire/tmp/1',
  '/.html',
  '/a/.hidden',
  '/a/.hidden/b',
  '/..a',
  '/...',
  '/.well-known',
  '/.well-known/.x',
  '/.well-known/../test.html',
  '/.well-known//x',
  '/a/.well-known/x',
  '/.WELL-KNOWN/x',
];

describe('a path names', () => {
  for (const [path, want] of named) {
    test(`${path} → ${want}`, () => {
      const got = takePagePath(path, false);
      if (typeof got === 'string') throw new Error(got);
      const marks = [got.folder ? ' folder' : '', got.readOnly ? ' read-only' : ''];
      expect(`${got.key}${marks.join('')}`).toBe(want);
    });
  }
});

describe('a path that is malformed', () => {
  for (const path of bad) {
    test(JSON.stringify(path), () => expect(takePagePath(path, false)).toBe('bad-path'));
  }
});

describe('a path of what is never there', () => {
  for (const path of hidden) {
    test(path, () => expect(takePagePath(path, false)).toBe('hidden-path'));
  }
});

test('a key as a path names the same key, and begins with one slash', () => {
  for (const [path] of named) {
    const page = takePagePath(path, false);
    if (typeof page === 'string') throw new Error(page);
    const written = pagePath(page.key);
    expect(written).toMatch(/^\/[!-~]*$/);
    expect(written).not.toMatch(/^\/\//);
    const again = takePagePath(written, false);
    if (typeof again === 'string') throw new Error(again);
    expect([again.key, again.readOnly]).toEqual([page.key, page.readOnly]);
  }
});

test('64 segments are a path, 65 are hidden', () => {
  expect(typeof takePagePath('/a'.repeat(64), false)).toBe('object');
  expect(takePagePath('/a'.repeat(65), false)).toBe('hidden-path');
});

test('where the file system folds case, all spellings of a name are one key', () => {
  const key = (path: string): string => {
    const page = takePagePath(path, true);
    return typeof page === 'string' ? page : page.key;
  };
  expect(key('/Test.HTML')).toBe('test.html');
  expect(key('/%54est.html')).toBe('test.html');
  // E with an acute accent, composed and decomposed, in both cases.
  const spellings = ['\u00c9', 'E\u0301', '\u00e9', 'e\u0301'];
  const keys = spellings.map((spelling) => key(`/${encodeURIComponent(spelling)}`));
  expect(new Set(keys)).toEqual(new Set(['\u00e9']));
  expect(key('/.INKWIRE/x')).toBe('hidden-path');
});
