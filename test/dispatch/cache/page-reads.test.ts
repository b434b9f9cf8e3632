/** Reads in front of the pool: who shares a load, who asks anew, and what is asked of a worker. */

import { describe, expect, test } from 'bun:test';
import { PageCache } from '../../../src/dispatch/cache/page-cache.ts';
import {
  type PageLoader,
  PageReads,
  type PageRequest,
} from '../../../src/dispatch/cache/page-reads.ts';
import { type ReadResult, refused } from '../../../src/model/operation.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { CHANGED_MS, Files, keyOf } from './pages.ts';

interface Asked {
  readonly whole: boolean;
  isBegun: boolean;
  readonly takenMs: number;
  end(result: ReadResult): void;
}

const plain: PageRequest = { key: keyOf('a'), want: 'content', conditions: {} };
const metadata: PageRequest = { ...plain, want: 'metadata' };
const part: PageRequest = { ...plain, range: { specs: [{ first: 1, last: 1 }] } };
const never: PageRequest = { ...plain, conditions: { ifMatch: { tags: [] } } };

function open() {
  const clock = new ManualClock();
  const files = new Files();
  const asked: Asked[] = [];
  const loader: PageLoader = {
    load: (_request, pageBytesMax, takenMs, done) => {
      const end = (result: ReadResult): void => done(result, 1);
      const load = { whole: pageBytesMax === 1_000, isBegun: false, takenMs, end };
      asked.push(load);
      return load;
    },
  };
  const cache = new PageCache(1_000_000, files.watch);
  const reads = new PageReads(cache, loader, clock, 1_000);
  const told: string[] = [];
  const read = (name: string, request: PageRequest = plain): void => {
    reads.read(request, (result, worker, page) => {
      const from = page === undefined ? `worker ${worker}` : 'cache';
      told.push(`${name}: ${word(result)}, ${from}`);
    });
  };
  const page = (bytes = [1, 2, 3]): ReadResult => ({
    kind: 'found',
    state: { size: bytes.length, modifiedMs: CHANGED_MS },
    content: { kind: 'whole', bytes: Uint8Array.from(bytes) },
    file: files.mark('a'),
  });
  return { clock, files, asked, reads, told, read, page };
}

function word(result: ReadResult): string {
  if (result.kind === 'refused') return result.code;
  if (result.kind !== 'found') return result.kind;
  return result.content.kind === 'whole' ? [...result.content.bytes].join('') : result.content.kind;
}

describe('one load', () => {
  test('for all who ask before a worker has begun, each answered for itself', () => {
    const { asked, told, read, page } = open();
    read('first');
    read('head', metadata);
    read('part', part);
    read('never', never);
    expect(asked.map(({ whole }) => whole)).toEqual([true]);
    asked[0]?.end(page());
    expect(told).toEqual([
      'first: 123, worker 1',
      'head: none, worker 1',
      'part: 2, worker 1',
      'never: precondition-failed, worker 1',
    ]);
    read('later');
    expect(told.at(-1)).toBe('later: 123, cache');
    expect(asked.length).toBe(1);
  });

  test('who comes while a worker reads asks anew, and sees what changed meanwhile', () => {
    const { files, asked, told, read, page } = open();
    read('first');
    const old = page();
    const [load] = asked;
    if (load !== undefined) load.isBegun = true;
    files.change('a');
    read('second');
    read('third', part);
    expect(asked.length).toBe(1);
    load?.end(old);
    expect(told).toEqual(['first: 123, worker 1']);
    expect(asked.map(({ whole }) => whole)).toEqual([true, true]);
    asked[1]?.end(page([4, 5, 6]));
    expect(told.slice(1)).toEqual(['second: 456, worker 1', 'third: 5, worker 1']);
  });

  test('who comes while a worker reads gets the page from memory where it did not change', () => {
    const { asked, told, read, page } = open();
    read('first');
    const [load] = asked;
    if (load !== undefined) load.isBegun = true;
    read('second');
    load?.end(page());
    expect(told).toEqual(['first: 123, worker 1', 'second: 123, cache']);
  });

  test('who asks anew keeps the time of the first question', () => {
    const { clock, files, asked, read, page } = open();
    read('first');
    const [load] = asked;
    if (load !== undefined) load.isBegun = true;
    clock.advance(5);
    const old = page();
    files.change('a');
    read('second');
    clock.advance(100);
    load?.end(old);
    expect((asked[1]?.takenMs ?? 0) - (load?.takenMs ?? 0)).toBe(5);
  });
});

describe('what is no page to keep', () => {
  test('a refusal is for all', () => {
    const { asked, told, read } = open();
    read('first', never);
    read('second');
    asked[0]?.end(refused('not-found'));
    expect(told).toEqual(['first: not-found, worker 1', 'second: not-found, worker 1']);
  });

  test('what depends on the question is for who asked it; the others ask for themselves', () => {
    const { asked, told, read } = open();
    read('first', never);
    read('second');
    asked[0]?.end(refused('precondition-failed'));
    expect(told).toEqual(['first: precondition-failed, worker 1']);
    expect(asked.map(({ whole }) => whole)).toEqual([true, false]);
  });

  test('a page that is too large is asked for plainly for some seconds, or until an edit', () => {
    const { clock, asked, reads, read } = open();
    const large: ReadResult = {
      kind: 'found',
      state: { size: 5_000, modifiedMs: CHANGED_MS },
      content: { kind: 'open', stream: 1 },
    };
    const ask = (): boolean | undefined => {
      read('one');
      const load = asked.at(-1);
      load?.end(large);
      return load?.whole;
    };
    expect([ask(), ask()]).toEqual([true, false]);
    reads.forget(keyOf('a'));
    expect([ask(), ask()]).toEqual([true, false]);
    clock.advance(5_000);
    expect([ask(), ask()]).toEqual([true, false]);
  });

  test('what was read before an edit ended answers who asked, and is not kept', () => {
    const { asked, reads, told, read, page } = open();
    read('first');
    reads.forget(keyOf('a'));
    asked[0]?.end(page());
    read('second');
    expect(told).toEqual(['first: 123, worker 1']);
    expect(asked.length).toBe(2);
  });
});
