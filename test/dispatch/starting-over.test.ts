/** Edits whose page another program changed meanwhile: how often they are done, and what then. */

import { describe, expect, test } from 'bun:test';
import { Bench, insert, ManualClock, publications, until, words } from './harness.ts';

function tries(bench: Bench, page: string): number {
  return bench.has(`${page}.tries`) ? bench.content(`${page}.tries`).length : 0;
}

describe('an edit is done again', () => {
  // The store is told to say so the first seven times, and so on; by a store worker, which saw the
  // page change as it read, or by the commit worker, which saw it at the publication.
  const rows = [
    { page: 'unstable-0.html', end: 'inserted', tries: 1 },
    { page: 'unstable-1.html', end: 'inserted', tries: 2 },
    { page: 'unstable-7.html', end: 'inserted', tries: 8 },
    { page: 'unstable-8.html', end: 'unstable', tries: 8 },
    { page: 'commit-unstable-1.html', end: 'inserted', tries: 2 },
    { page: 'commit-unstable-7.html', end: 'inserted', tries: 8 },
    { page: 'commit-unstable-8.html', end: 'unstable', tries: 8 },
  ];
  for (const row of rows) {
    test(`${row.page}: ${row.end} after ${row.tries}`, async () => {
      await using bench = await Bench.open();
      bench.write(row.page, '-');
      expect(words(await bench.edit(row.page, insert('1')))).toBe(row.end);
      expect(tries(bench, row.page)).toBe(row.tries);
      expect(bench.content(row.page)).toBe(row.end === 'inserted' ? '-1' : '-');
      // Nothing is left of it: the page takes the next one.
      expect(words(await bench.edit(row.page, insert('2')))).toBe('inserted');
    });
  }

  test('under the same lock: who waits does not come before it', async () => {
    await using bench = await Bench.open();
    const page = 'commit-unstable-7.html';
    bench.write(page, '');
    const remove = { kind: 'remove', conditions: {} } as const;
    const ends = await Promise.all([
      bench.edit(page, insert('1')),
      bench.edit(page, remove),
      bench.edit(page, insert('2')),
    ]);
    expect(ends.map(words)).toEqual(['inserted', 'removed', 'not-found']);
    expect(tries(bench, page)).toBe(9);
  });

  for (const [page, end] of [
    ['combined-unstable-7.html', 'inserted'],
    ['combined-unstable-8.html', 'unstable'],
    ['combined-commit-unstable-7.html', 'inserted'],
    ['combined-commit-unstable-8.html', 'unstable'],
  ] as const) {
    test(`${page}: those that are done together are done again together`, async () => {
      await using bench = await Bench.open();
      bench.write(page, '');
      const ends = await Promise.all(['1', '2', '3'].map((text) => bench.edit(page, insert(text))));
      expect(ends.map(words)).toEqual(['inserted', end, end]);
      expect(tries(bench, page)).toBe(8);
      expect(bench.content(page)).toBe(end === 'inserted' ? '123' : '1');
      expect(publications(bench, page)).toEqual(end === 'inserted' ? [1, 2] : [1]);
    });
  }
});

describe('deadlines', () => {
  const limits = { jobDeadlineMs: 1_000 };

  test('one that was answered by then is not done again', async () => {
    const clock = new ManualClock();
    await using bench = await Bench.open({ limits, clock });
    const page = 'commit-gated-unstable-3.html';
    bench.write(page, '');
    const late = bench.edit(page, insert('1'));
    await until(() => bench.has(`${page}.waits`));
    clock.nowMs = 500;
    const other = bench.edit(page, insert('2'));
    clock.nowMs = 1_000;
    clock.tick();
    expect(words(await late)).toBe('outcome-unknown');
    bench.openGate();
    expect(words(await other)).toBe('inserted');
    expect([tries(bench, page), bench.content(page)]).toEqual([4, '2']);
  });

  test('of those that are done together only the others are done again', async () => {
    const clock = new ManualClock();
    await using bench = await Bench.open({ limits, clock });
    const page = 'combined-commit-gated-unstable-1.html';
    bench.write(page, '');
    const first = bench.edit(page, insert('1'));
    const late = bench.edit(page, insert('2'));
    clock.nowMs = 500;
    const others = ['3', '4'].map((text) => bench.edit(page, insert(text)));
    expect(words(await first)).toBe('inserted');
    await until(() => bench.has(`${page}.waits`));
    clock.nowMs = 1_000;
    clock.tick();
    expect(words(await late)).toBe('outcome-unknown');
    bench.openGate();
    expect((await Promise.all(others)).map(words)).toEqual(['inserted', 'inserted']);
    expect([tries(bench, page), bench.content(page)]).toEqual([2, '134']);
    expect(publications(bench, page)).toEqual([1, 2]);
  });
});
