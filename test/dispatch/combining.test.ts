/** Inserts that are done together, with real threads: publications, results, deadlines, deaths. */

import { describe, expect, test } from 'bun:test';
import type { Edit } from '../../src/model/operation.ts';
import {
  Bench,
  type EditEnd,
  insert,
  losses,
  ManualClock,
  publications,
  until,
  words,
} from './harness.ts';

const gated = 'commit-gated.html';

/** Two turns of the event loop: what was submitted is with a worker that was idle. */
async function turns(): Promise<void> {
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

function remove(): Edit {
  return { kind: 'remove', conditions: {} };
}

/** Has one edit hold the page at the gate, and the others wait for it; then lets them go. */
async function behindGate(bench: Bench, edits: readonly Edit[]): Promise<EditEnd[]> {
  bench.write(gated, '');
  const ends = [insert(''), ...edits].map((edit) => bench.edit(gated, edit));
  bench.openGate();
  return (await Promise.all(ends)).slice(1);
}

function pagesOf(ends: readonly EditEnd[]): string[] {
  return ends.flatMap(({ results }) =>
    results.map((result) => ('page' in result ? Buffer.from(result.page).toString() : '')),
  );
}

describe('publications', () => {
  test('64 inserts at once take two: the first goes alone, for nobody waited then', async () => {
    await using bench = await Bench.open();
    bench.write('a.html', '');
    const texts = Array.from({ length: 64 }, (_, index) => `${index};`);
    const ends = await Promise.all(texts.map((text) => bench.edit('a.html', insert(text))));
    expect(publications(bench, 'a.html')).toEqual([1, 63]);
    const pages = texts.map((_, index) => texts.slice(0, index + 1).join(''));
    expect(pagesOf(ends)).toEqual(pages);
    expect(bench.content('a.html')).toBe(pages.at(-1) ?? '');
  });

  test('each page has its own', async () => {
    await using bench = await Bench.open();
    for (const name of ['a.html', 'b.html']) bench.write(name, '');
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        bench.edit(index % 2 === 0 ? 'a.html' : 'b.html', insert(`${index};`)),
      ),
    );
    expect(publications(bench, 'a.html')).toEqual([1, 9]);
    expect(publications(bench, 'b.html')).toEqual([1, 9]);
    expect(bench.content('b.html')).toBe('1;3;5;7;9;11;13;15;17;19;');
  });

  interface Row {
    readonly name: string;
    readonly edits: readonly Edit[];
    /** Edits of each publication behind the first one. */
    readonly published: readonly number[];
  }
  const mib = 1 << 20;
  const many = (count: number): Edit[] => Array.from({ length: count }, () => insert('x'));
  const rows: readonly Row[] = [
    { name: '256', edits: many(256), published: [256] },
    { name: '257', edits: many(257), published: [256, 1] },
    {
      name: '4 MiB',
      edits: [insert('x'.repeat(4 * mib - 1)), insert('x')],
      published: [2],
    },
    {
      name: '4 MiB and a byte',
      edits: [insert('x'.repeat(4 * mib - 1)), insert('xx')],
      published: [1, 1],
    },
  ];
  for (const { name, edits, published } of rows) {
    test(`${name} that wait`, async () => {
      await using bench = await Bench.open();
      const ends = await behindGate(bench, edits);
      expect(ends.map(words)).toEqual(edits.map(() => 'inserted'));
      expect(publications(bench, gated)).toEqual([1, ...published]);
    });
  }

  test('a remove between, then inserts into what is no more', async () => {
    await using bench = await Bench.open();
    const edits = [insert('1'), insert('2'), remove(), insert('3'), insert('4')];
    const ends = await behindGate(bench, edits);
    expect(ends.map(words).join(' ')).toBe('inserted inserted removed not-found not-found');
    expect(publications(bench, gated)).toEqual([1, 2, 1]);
  });

  test('whoever was combined leaves its place to others', async () => {
    await using bench = await Bench.open({ limits: { jobsQueuedMax: 9 } });
    for (let round = 1; round <= 3; round += 1) {
      bench.write('a.html', '');
      const ends = await Promise.all(
        Array.from({ length: 10 }, () => bench.edit('a.html', insert('x'))),
      );
      expect(ends.map(words)).toEqual([...Array(9).fill('inserted'), 'busy']);
      expect(publications(bench, 'a.html')).toEqual(Array(round).fill([1, 8]).flat());
    }
  });
});

describe('deadlines', () => {
  const limits = { jobDeadlineMs: 1_000 };

  test('one that is late before its operation was sent is not done; the others are', async () => {
    const clock = new ManualClock();
    await using bench = await Bench.open({ limits, clock, workers: 1 });
    for (const name of [gated, 'gated.html']) bench.write(name, '');
    const holding = bench.edit(gated, insert('1'));
    const late = bench.edit(gated, insert('2'));
    await turns();
    clock.nowMs = 500;
    const others = ['3', '4'].map((text) => bench.edit(gated, insert(text)));
    const occupying = bench.read('gated.html');
    await until(() => bench.has('gated.html.waits'));
    // The first is done, so the rest have their lock; but the only worker is at a read.
    bench.openGate(gated);
    expect(words(await holding)).toBe('inserted');
    clock.nowMs = 1_000;
    clock.tick();
    expect(words(await late)).toBe('busy');
    bench.openGate();
    expect((await Promise.all(others)).map(words)).toEqual(['inserted', 'inserted']);
    await occupying;
    expect(bench.content(gated)).toBe('134');
    expect(publications(bench, gated)).toEqual([1, 2]);
  });

  test('one that is late after that is unknown; the others have their results', async () => {
    const clock = new ManualClock();
    await using bench = await Bench.open({ limits, clock });
    const page = 'combined-gated.html';
    bench.write(page, '');
    const first = bench.edit(page, insert('1'));
    const late = bench.edit(page, insert('2'));
    clock.nowMs = 500;
    const other = bench.edit(page, insert('3'));
    expect(words(await first)).toBe('inserted');
    await until(() => bench.has(`${page}.waits`));
    clock.nowMs = 1_000;
    clock.tick();
    expect(words(await late)).toBe('outcome-unknown');
    bench.openGate();
    const end = await other;
    expect(words(end)).toBe('inserted');
    expect(pagesOf([end])).toEqual(['123']);
    expect(bench.content(page)).toBe('123');
  });

  test('when all are late nothing is done, and the page is free', async () => {
    const clock = new ManualClock();
    await using bench = await Bench.open({ limits, clock });
    bench.write(gated, '');
    const ends = ['1', '2', '3'].map((text) => bench.edit(gated, insert(text)));
    await until(() => bench.has(`${gated}.waits`));
    clock.nowMs = 1_000;
    clock.tick();
    expect((await Promise.all(ends)).map(words)).toEqual(['outcome-unknown', 'busy', 'busy']);
    bench.openGate();
    expect(words(await bench.edit(gated, insert('4')))).toBe('inserted');
    expect(bench.content(gated)).toBe('14');
  });
});

describe('a worker that dies', () => {
  test('at a combined operation: all its members are lost, and none is done', async () => {
    await using bench = await Bench.open();
    const edits = ['1', '!exit', '2'].map(insert);
    const ends = await behindGate(bench, edits);
    expect(ends.map(words)).toEqual(['worker-lost', 'worker-lost', 'worker-lost']);
    expect(bench.content(gated)).toBe('');
    expect(losses(bench)).toEqual(['exit']);
    expect(words(await bench.edit(gated, insert('3')))).toBe('inserted');
    expect(bench.content(gated)).toBe('3');
  });

  test('at another job of the batch: it is done again, whole and once', async () => {
    await using bench = await Bench.open({ workers: 1 });
    for (const name of [gated, 'gated.html', 'exit.html']) bench.write(name, '');
    const holding = bench.edit(gated, insert('1'));
    const members = ['2', '3'].map((text) => bench.edit(gated, insert(text)));
    await turns();
    const occupying = bench.read('gated.html');
    await until(() => bench.has('gated.html.waits'));
    bench.openGate(gated);
    await holding;
    // Now the combined operation waits for the worker, and this comes into its batch behind it.
    const killer = bench.edit('exit.html', insert('x'));
    bench.openGate();
    expect(words(await killer)).toBe('worker-lost');
    expect((await Promise.all(members)).map(words)).toEqual(['inserted', 'inserted']);
    await occupying;
    expect(bench.content(gated)).toBe('123');
    expect(publications(bench, gated)).toEqual([1, 2]);
  });

  test('after it was handed over: the commit worker answers for all', async () => {
    await using bench = await Bench.open();
    bench.write('late.html', '');
    const texts = ['1', '2', '3', '4'];
    const ends = await Promise.all(texts.map((text) => bench.edit('late.html', insert(text))));
    expect(ends.map(words)).toEqual(texts.map(() => 'inserted'));
    expect(bench.content('late.html')).toBe('1234');
    expect(publications(bench, 'late.html')).toEqual([1, 3]);
    await until(() => losses(bench).length === 2);
  });

  test('the commit worker: all members are unknown, and whoever waits is refused', async () => {
    await using bench = await Bench.open();
    const page = 'commit-exit-combined.html';
    bench.write(page, '');
    const edits = [insert('1'), insert('2'), insert('3'), remove()];
    const ends = await Promise.all(edits.map((edit) => bench.edit(page, edit)));
    expect(ends.map(words)).toEqual([
      'inserted',
      'outcome-unknown',
      'outcome-unknown',
      'read-only',
    ]);
    expect(bench.content(page)).toBe('1');
  });
});
