/** Rules by path for `Cache-Control`. */

import { describe, expect, test } from 'bun:test';
import { cacheControl, matches } from '../../src/app/cache-rules.ts';

describe('a pattern', () => {
  const rows: readonly (readonly [pattern: string, path: string, want: boolean])[] = [
    ['/a.html', '/a.html', true],
    ['/a.html', '/b/a.html', false],
    ['/*', '/', true],
    ['/*', '/a/b', true],
    ['/assets/*', '/assets/', true],
    ['/assets/*', '/assets', false],
    ['/*.css', '/a/b.css', true],
    ['/*.css', '/a/b.css.map', false],
    ['/a/*/c', '/a/b/c', true],
    ['/a/*/c', '/a/c', false],
    ['/a*b*c', '/abc', true],
    ['/a*b*c', '/acb', false],
    ['/aa*aa', '/aaa', false],
    ['/**', '/x', true],
  ];
  for (const [pattern, path, want] of rows) {
    test(`${pattern} ${want ? 'matches' : 'does not match'} ${path}`, () => {
      expect(matches(pattern, path)).toBe(want);
    });
  }

  test('of many stars costs no more than its length', () => {
    expect(matches(`/${'*a'.repeat(2_000)}`, `/${'a'.repeat(2_000)}b`)).toBe(false);
  });
});

test('the first rule that matches counts, and none means no-cache', () => {
  const rules = [
    { pattern: '/a/*', value: 'no-store' },
    { pattern: '/*', value: 'max-age=60' },
  ];
  expect(cacheControl(rules, '/a/b')).toBe('no-store');
  expect(cacheControl(rules, '/b')).toBe('max-age=60');
  expect(cacheControl([], '/b')).toBe('no-cache');
});
