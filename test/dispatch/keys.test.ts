/** Edits with idempotency keys, with real threads: each is done once, whatever it waits with. */

import { describe, expect, test } from 'bun:test';
import type { Edit } from '../../src/model/operation.ts';
import {
  Bench,
  type EditEnd,
  insert,
  keyed,
  ManualClock,
  publications,
  until,
  words,
} from './harness.ts';

const remove: Edit = { kind: 'remove', conditions: {} };

function atOnce(bench: Bench, page: string, edits: readonly Edit[]): Promise<EditEnd[]> {
  return Promise.all(edits.map((edit) => bench.edit(page, edit)));
}

test('the same key twice: the second is replayed, and nothing is published', async () => {
  await using bench = await Bench.open();
  bench.write('a.html', '');
  expect(words(await bench.edit('a.html', keyed(insert('1'), 'k')))).toBe('inserted');
  expect(words(await bench.edit('a.html', keyed(insert('1'), 'k')))).toBe('replayed');
  expect(words(await bench.edit('a.html', keyed(insert('2'), 'k', 'another')))).toBe('key-reused');
  expect([bench.content('a.html'), publications(bench, 'a.html')]).toEqual(['1', [1]]);
});

test('at once: the second waits for what comes of the first', async () => {
  await using bench = await Bench.open();
  bench.write('a.html', '');
  const twice = [keyed(insert('1'), 'k'), keyed(insert('1'), 'k')];
  expect((await atOnce(bench, 'a.html', twice)).map(words)).toEqual(['inserted', 'replayed']);
  expect([bench.content('a.html'), publications(bench, 'a.html')]).toEqual(['1', [1]]);
});

test('a removal that was done is replayed, though the page is missing now', async () => {
  await using bench = await Bench.open();
  bench.write('a.html', '');
  expect(words(await bench.edit('a.html', keyed(remove, 'k')))).toBe('removed');
  expect(words(await bench.edit('a.html', keyed(remove, 'k')))).toBe('replayed');
  expect(words(await bench.edit('a.html', keyed(remove, 'other')))).toBe('not-found');
});

test('an edit that was refused is not known, and may be done later', async () => {
  await using bench = await Bench.open();
  expect(words(await bench.edit('a.html', keyed(insert('1'), 'k')))).toBe('not-found');
  bench.write('a.html', '');
  expect(words(await bench.edit('a.html', keyed(insert('1'), 'k')))).toBe('inserted');
  expect(bench.content('a.html')).toBe('1');
});

describe('among those that are done together', () => {
  /** What comes first has the page for itself; the others wait for it, and go together. */
  async function together(edits: readonly Edit[]) {
    await using bench = await Bench.open();
    const page = 'a.html';
    bench.write(page, '');
    expect(words(await bench.edit(page, keyed(insert('old;'), 'old')))).toBe('inserted');
    const ends = (await atOnce(bench, page, [insert('first;'), ...edits])).slice(1);
    const [, , ...published] = publications(bench, page);
    // The page is free, and its size is known: who waits now goes together again.
    const last = await atOnce(bench, page, ['1', '2', '3'].map(insert));
    expect(last.map(words)).toEqual(['inserted', 'inserted', 'inserted']);
    expect(publications(bench, page).slice(-2)).toEqual([1, 2]);
    const content = bench.content(page).replace('old;first;', '').replace('123', '');
    return { ends: ends.map(words), published, content };
  }

  const old = keyed(insert('old;'), 'old');
  const reused = keyed(insert('x;'), 'old', 'another');
  const rows: readonly {
    readonly name: string;
    readonly edits: readonly Edit[];
    readonly ends: readonly string[];
    readonly published: readonly number[];
    readonly content: string;
  }[] = [
    {
      name: 'one that was done before, first',
      edits: [old, insert('a;'), keyed(insert('b;'), 'new')],
      ends: ['replayed', 'inserted', 'inserted'],
      published: [2],
      content: 'a;b;',
    },
    {
      name: 'in the middle',
      edits: [insert('a;'), old, insert('b;')],
      ends: ['inserted', 'replayed', 'inserted'],
      published: [2],
      content: 'a;b;',
    },
    {
      name: 'last, and a key of another request',
      edits: [insert('a;'), insert('b;'), reused],
      ends: ['inserted', 'inserted', 'key-reused'],
      published: [2],
      content: 'a;b;',
    },
    {
      name: 'nothing else',
      edits: [old],
      ends: ['replayed'],
      published: [],
      content: '',
    },
    {
      name: 'twice, and then others: a replay says nothing of the size of the page',
      edits: [old, old, insert('a;'), insert('b;')],
      ends: ['replayed', 'replayed', 'inserted', 'inserted'],
      published: [2],
      content: 'a;b;',
    },
    {
      name: 'a key twice that nobody knew',
      edits: [
        keyed(insert('a;'), 'new'),
        insert('b;'),
        keyed(insert('a;'), 'new'),
        insert('c;'),
        keyed(insert('a;'), 'new'),
      ],
      ends: ['inserted', 'inserted', 'replayed', 'inserted', 'replayed'],
      published: [2, 1],
      content: 'a;b;c;',
    },
  ];
  for (const { name, edits, ...want } of rows) {
    test(name, async () =>
      expect(await together(edits)).toEqual({
        ...want,
        ends: [...want.ends],
        published: [...want.published],
      }),
    );
  }

  test('who is late meanwhile is not done over', async () => {
    const clock = new ManualClock();
    await using bench = await Bench.open({ limits: { jobDeadlineMs: 1_000 }, clock });
    const page = 'combined-commit-gated.html';
    bench.write(page, '');
    expect(words(await bench.edit(page, keyed(insert('1'), 'k')))).toBe('inserted');
    const first = bench.edit(page, insert('2'));
    const late = bench.edit(page, insert('3'));
    clock.nowMs = 500;
    const again = bench.edit(page, keyed(insert('1'), 'k'));
    const other = bench.edit(page, insert('4'));
    expect(words(await first)).toBe('inserted');
    await until(() => bench.has(`${page}.waits`));
    clock.nowMs = 1_000;
    clock.tick();
    expect(words(await late)).toBe('outcome-unknown');
    bench.openGate();
    expect(words(await again)).toBe('replayed');
    expect(words(await other)).toBe('inserted');
    expect(bench.content(page)).toBe('124');
    expect(publications(bench, page)).toEqual([1, 1, 1]);
  });
});
