/** The cache: what it keeps, what it lets go, and what it never takes. */

import { describe, expect, test } from 'bun:test';
import { PageCache, pageRecordBytes } from '../../../src/dispatch/cache/page-cache.ts';
import { CHANGED_MS, Files, keyOf } from './pages.ts';

const SETTLED_MS = CHANGED_MS + 1_000_000;

function open(bytesMax: number) {
  const files = new Files();
  const cache = new PageCache(bytesMax, files.watch);
  const put = (name: string, bytes = 100, nowMs = SETTLED_MS): void => {
    const fill = cache.beginFill(keyOf(name), nowMs);
    const state = { size: bytes, modifiedMs: CHANGED_MS };
    cache.endFill(fill, { state, bytes: new Uint8Array(bytes), file: files.mark(name) });
  };
  const has = (...names: string[]): string[] =>
    names.filter((name) => cache.take(keyOf(name)) !== undefined);
  return { files, cache, put, has };
}

const COST = pageRecordBytes + 100;

describe('bytes', () => {
  test('what was used longest ago goes first', () => {
    const { cache, put, has } = open(3 * COST);
    for (const name of ['a', 'b', 'c']) put(name);
    expect(cache.bytes).toBe(3 * COST);
    expect(has('a')).toEqual(['a']);
    put('d');
    expect(has('a', 'b', 'c', 'd')).toEqual(['a', 'c', 'd']);
    expect([cache.size, cache.bytes]).toEqual([3, 3 * COST]);
  });

  test('one byte more than fits puts one out, and many for a large one', () => {
    const { put, has } = open(3 * COST);
    for (const name of ['a', 'b', 'c']) put(name);
    put('c', 101);
    expect(has('a', 'b', 'c')).toEqual(['b', 'c']);
    put('large', 2 * COST);
    expect(has('a', 'b', 'c', 'large')).toEqual(['large']);
  });

  test('a page that is larger than all of it is not kept, one that fills it is', () => {
    const { cache, put, has } = open(COST);
    put('a');
    expect(has('a')).toEqual(['a']);
    put('b', 101);
    expect(has('a', 'b')).toEqual(['a']);
    put('a', 101);
    expect([cache.size, cache.bytes]).toEqual([0, 0]);
  });

  test('what is booked with a page counts, and goes with it', () => {
    const { cache, put, has } = open(3 * COST);
    for (const name of ['a', 'b', 'c']) put(name);
    const page = cache.take(keyOf('c'));
    expect(page?.book(COST)).toBe(true);
    expect(has('a', 'b', 'c')).toEqual(['b', 'c']);
    expect(page?.book(2 * COST)).toBe(false);
    cache.forget(keyOf('c'));
    expect(cache.bytes).toBe(COST);
    expect(page?.book(1)).toBe(false);
    expect(cache.bytes).toBe(COST);
  });
});

describe('freshness', () => {
  test('each look is at the file, and a change drops the page for good', () => {
    const { files, cache, put, has } = open(10 * COST);
    put('a');
    expect(has('a')).toEqual(['a']);
    expect(has('a')).toEqual(['a']);
    expect(files.looks).toBe(2);
    const page = cache.take(keyOf('a'));
    files.change('a');
    expect(page?.isCurrent()).toBe(false);
    expect([cache.size, cache.bytes]).toEqual([0, 0]);
    expect(page?.isCurrent()).toBe(false);
  });

  test('what changed while it was read is not kept', () => {
    const { files, cache, has } = open(10 * COST);
    const fill = cache.beginFill(keyOf('a'), SETTLED_MS);
    const file = files.mark('a');
    files.change('a');
    const state = { size: 3, modifiedMs: CHANGED_MS };
    cache.endFill(fill, { state, bytes: new Uint8Array(3), file });
    expect(has('a')).toEqual([]);
  });

  for (const { name, fractionNs, granuleMs } of [
    { name: 'fine stamps', fractionNs: 1n, granuleMs: 20 },
    { name: 'whole seconds', fractionNs: 0n, granuleMs: 2_000 },
  ]) {
    test(`${name}: what was read within ${granuleMs} ms of its change is not trusted`, () => {
      const { files, put, has } = open(10 * COST);
      files.fractionNs = fractionNs;
      put('young', 100, CHANGED_MS + granuleMs - 1);
      put('old', 100, CHANGED_MS + granuleMs);
      put('future', 100, CHANGED_MS - 1);
      expect(has('young', 'old', 'future')).toEqual(['old']);
    });
  }
});

describe('edits', () => {
  test('a reading that began before an edit ended is refused, one after it is kept', () => {
    const { files, cache, put, has } = open(10 * COST);
    const key = keyOf('a');
    const early = [cache.beginFill(key, SETTLED_MS), cache.beginFill(key, SETTLED_MS)];
    cache.forget(key);
    const late = cache.beginFill(key, SETTLED_MS);
    const state = { size: 3, modifiedMs: CHANGED_MS };
    const read = { state, bytes: new Uint8Array(3), file: files.mark('a') };
    for (const fill of early) cache.endFill(fill, read);
    expect(has('a')).toEqual([]);
    cache.endFill(late, read);
    expect(has('a')).toEqual(['a']);
    cache.forget(key);
    put('b');
    expect(has('a', 'b')).toEqual(['b']);
  });

  test('a fill is ended once', () => {
    const { cache } = open(COST);
    const fill = cache.beginFill(keyOf('a'), SETTLED_MS);
    cache.endFill(fill);
    expect(() => cache.endFill(fill)).toThrow('a fill was ended twice');
  });
});
