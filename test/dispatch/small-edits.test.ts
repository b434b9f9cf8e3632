/** Which edits the commit worker prepares itself, and what becomes of those that it declines. */

import { describe, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { utf8Bytes } from '../../src/base/bytes.ts';
import { isSmall, smallContentBytesMax, smallEditsMax } from '../../src/dispatch/small-edits.ts';
import { noConditions } from '../../src/model/conditions.ts';
import type { Edit, InsertForm } from '../../src/model/operation.ts';
import { Bench, key, preparingCommit, until, word, words } from './harness.ts';
import { openReal } from './real-bench.ts';

const page = '<!DOCTYPE html>\n<html><body>\n</body></html>';
/** What the commit worker reads of a page at most. */
const readMax = 64 * 1024;

function insert(text: string, form: InsertForm = 'text'): Edit {
  const content = utf8Bytes(text);
  return { kind: 'insert', form, content, conditions: noConditions, answer: 'minimal' };
}

function replace(bytes: number): Edit {
  const content = new Uint8Array(bytes).fill(0x61);
  return { kind: 'replace', content, create: true, conditions: noConditions, answer: 'minimal' };
}

const remove: Edit = { kind: 'remove', conditions: noConditions };
const half = smallContentBytesMax / 2;

describe('small is', () => {
  const rows: { name: string; edits: Edit[]; small: boolean }[] = [
    { name: 'text', edits: [insert('a < b')], small: true },
    { name: 'markup without a tag', edits: [insert('a &lt; b', 'markup')], small: true },
    { name: 'a heading without a tag', edits: [insert('a', 'heading')], small: true },
    { name: 'markup', edits: [insert('a <b>b</b>', 'markup')], small: false },
    { name: 'a heading with a tag', edits: [insert('<i>a', 'heading')], small: false },
    { name: 'a page with tags', edits: [{ ...replace(1), content: utf8Bytes(page) }], small: true },
    { name: 'a removal', edits: [remove], small: true },
    { name: 'as much content as may be', edits: [replace(half), replace(half)], small: true },
    { name: 'a byte more', edits: [replace(half), replace(half + 1)], small: false },
    { name: 'as many as may be', edits: Array(smallEditsMax).fill(insert('a')), small: true },
    { name: 'one more', edits: Array(smallEditsMax + 1).fill(insert('a')), small: false },
    { name: 'small, but for one', edits: [insert('a'), insert('<p>', 'markup')], small: false },
  ];
  test.each(rows)('$name: $small', ({ edits, small }) => {
    expect(isSmall({ kind: 'edit', id: 1, key: key('a.html'), edits })).toBe(small);
  });
});

describe('prepared by the commit worker', () => {
  test('every kind of edit, and what it refuses', async () => {
    await using bench = await openReal();
    const ends = [
      await bench.edit('a.html', insert('too early')),
      await bench.edit('a.html', { ...replace(1), content: utf8Bytes(page) } as Edit),
      await bench.edit('a.html', insert('one')),
      await bench.edit('a.html', { ...insert('never'), conditions: { ifMatch: { tags: [] } } }),
      await bench.edit('a.html', remove),
    ];
    expect(ends.map((end) => words(end))).toEqual([
      'not-found',
      'created',
      'inserted',
      'precondition-failed',
      'removed',
    ]);
    expect(ends.map(({ worker }) => worker)).toEqual(Array(5).fill('commit'));
    expect(bench.events).toEqual([]);
  });

  test('nothing that takes long: a store worker does that', async () => {
    await using bench = await openReal();
    bench.write('a.html', page);
    bench.write('large.html', page.replace('<body>', `<body>${'x'.repeat(readMax)}`));
    const ends = [
      await bench.edit('a.html', insert('<p>one</p>', 'markup')),
      await bench.edit('new.html', replace(smallContentBytesMax + 1)),
      await bench.edit('large.html', insert('declined')),
    ];
    expect(ends.map((end) => words(end))).toEqual(['inserted', 'created', 'inserted']);
    expect(ends.map(({ worker }) => typeof worker)).toEqual(['number', 'number', 'number']);
    expect(bench.content('large.html')).toContain('<h2> declined </h2>');
  });

  test('a page of any size that is not read, for it is replaced unseen', async () => {
    await using bench = await openReal();
    bench.write('large.html', 'x'.repeat(readMax + 1));
    const end = await bench.edit('large.html', replace(1));
    expect([words(end), end.worker]).toEqual(['replaced', 'commit']);
  });

  test('many pages at once, while other edits of the same pages are handed over', async () => {
    await using bench = await openReal();
    const pages = Array.from({ length: 40 }, (_, index) => `p${index}.html`);
    for (const name of pages) bench.write(name, page);
    const ends = await Promise.all(
      pages.flatMap((name) => [
        bench.edit(name, insert('first')),
        bench.edit(name, insert('<p>second</p>', 'markup')),
        bench.edit(name, insert('third')),
      ]),
    );
    expect(ends.map((end) => words(end))).toEqual(Array(120).fill('inserted'));
    for (const name of pages) {
      expect(bench.content(name)).toMatch(/ third .*second.* first /s);
    }
  });

  test('nothing on a root that takes no more jobs than wait: it is busy', async () => {
    await using bench = await openReal({ limits: { jobsQueuedMax: 2 } });
    for (const name of ['a', 'b', 'c']) writeFileSync(join(bench.root, `${name}.html`), page);
    const ends = await Promise.all(
      ['a', 'b', 'c'].map((name) => bench.edit(`${name}.html`, insert('one'))),
    );
    expect(ends.map((end) => words(end))).toEqual(['inserted', 'inserted', 'busy']);
  });
});

describe('a commit worker that has small edits of its own', () => {
  const commitWorkerUrl = preparingCommit;

  test('is late: it is not known whether they happened, and the page stays locked', async () => {
    await using bench = await Bench.open({ commitWorkerUrl, limits: { jobDeadlineMs: 100 } });
    bench.write('commit-gated.html', '');
    const ends = await Promise.all([
      bench.edit('commit-gated.html', insert('1')),
      bench.edit('commit-gated.html', remove),
    ]);
    // The second waited for the first one's page, so nobody had it.
    expect(ends.map((end) => words(end))).toEqual(['outcome-unknown', 'busy']);
    bench.openGate();
    await until(() => bench.content('commit-gated.html') === '1');
  });

  test('is lost: they are unknown, and what waits behind them is not even sent', async () => {
    await using bench = await Bench.open({ commitWorkerUrl });
    for (const name of ['commit-exit.html', 'other.html']) bench.write(name, '');
    const ends = await Promise.all([
      bench.edit('commit-exit.html', insert('1')),
      bench.edit('commit-exit.html', remove),
    ]);
    expect(ends.map((end) => words(end))).toEqual(['outcome-unknown', 'read-only']);
    expect(words(await bench.edit('other.html', insert('1')))).toBe('read-only');
    expect(bench.content('commit-exit.html')).toBe('');
  });

  test('loses none of them when a store worker is lost', async () => {
    await using bench = await Bench.open({ commitWorkerUrl });
    for (const name of ['commit-gated.html', 'exit-read.html']) bench.write(name, '');
    const small = bench.edit('commit-gated.html', insert('1'));
    await until(() => bench.has('commit-gated.html.waits'));
    expect(word(await bench.read('exit-read.html'))).toBe('worker-lost');
    bench.openGate();
    expect(words(await small)).toBe('inserted');
    expect(bench.content('commit-gated.html')).toBe('1');
  });

  test('finds the page changed: a store worker prepares what is done again', async () => {
    await using bench = await Bench.open({ commitWorkerUrl });
    bench.write('commit-unstable-2.html', '');
    const end = await bench.edit('commit-unstable-2.html', insert('1'));
    expect([words(end), typeof end.worker]).toEqual(['inserted', 'number']);
    expect(bench.content('commit-unstable-2.html')).toBe('1');
  });
});
