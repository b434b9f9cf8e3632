/** What becomes of jobs, pages and the pool when a thread dies. */

import { describe, expect, test } from 'bun:test';
import { Bench, insert, losses, replaced, until, word, words } from './harness.ts';

describe('a store worker that dies, or nearly', () => {
  interface Row {
    readonly page: string;
    readonly read: string;
    readonly edit: string;
    /** Why workers were lost, over both. */
    readonly lost: readonly string[];
  }
  const rows: readonly Row[] = [
    { page: 'throw.html', read: 'internal-error', edit: 'internal-error', lost: [] },
    { page: 'late.html', read: 'x', edit: 'inserted', lost: ['error', 'error'] },
    { page: 'exit.html', read: 'worker-lost', edit: 'worker-lost', lost: ['exit', 'exit', 'exit'] },
    { page: 'exit-once.html', read: 'x', edit: 'inserted', lost: ['exit'] },
  ];
  for (const { page, read, edit, lost } of rows) {
    test(`${page}: a read is ${read}, an edit ${edit}, and the rest goes on`, async () => {
      await using bench = await Bench.open();
      bench.write(page, 'x');
      bench.write('a.html', 'a');
      const reading = bench.read(page);
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      // The other worker is there meanwhile.
      expect(word(await bench.read('a.html'))).toBe('a');
      expect(words(await bench.edit('a.html', insert('b')))).toBe('inserted');
      expect(word(await reading)).toBe(read);
      expect(words(await bench.edit(page, insert('y')))).toBe(edit);
      // A job may meet one dying worker, not two, so the deaths are waited for.
      await until(() => losses(bench).length >= lost.length);
      expect(word(await bench.read('a.html'))).toBe('ab');
      expect(losses(bench)).toEqual([...lost]);
      await until(() => replaced(bench) >= lost.length);
      expect(bench.content(page)).toBe(edit === 'inserted' ? 'xy' : 'x');
    });
  }

  test('a bug that is caught is told to the log, with its stack', async () => {
    await using bench = await Bench.open();
    await bench.read('throw.html');
    const [event] = bench.events;
    expect(event?.kind).toBe('bug-caught');
    expect(event?.kind === 'bug-caught' && event.text).toContain('a bug in the executor');
  });

  test('those that share its batch are done by another, edits too', async () => {
    await using bench = await Bench.open({ workers: 1 });
    bench.write('exit.html', 'x');
    for (const name of ['a.html', 'b.html']) bench.write(name, '-');
    const [lost, read, edit] = await Promise.all([
      bench.edit('exit.html', insert('x')),
      bench.read('a.html'),
      bench.edit('b.html', insert('b')),
    ]);
    expect([words(lost), word(read), words(edit)]).toEqual(['worker-lost', '-', 'inserted']);
    expect(bench.content('b.html')).toBe('-b');
    expect(bench.content('exit.html')).toBe('x');
  });
});

describe('a commit worker that dies', () => {
  for (const page of ['commit-exit.html', 'commit-throw.html']) {
    test(`${page}: what it may have had is unknown, then nothing is written any more`, async () => {
      await using bench = await Bench.open();
      bench.write(page, '');
      bench.write('a.html', 'a');
      const edits = await Promise.all([
        bench.edit(page, insert('1')),
        bench.edit(page, insert('2')),
      ]);
      expect(edits.map(words)).toEqual(['outcome-unknown', 'read-only']);
      expect(words(await bench.edit('a.html', insert('b')))).toBe('read-only');
      expect(word(await bench.read('a.html'))).toBe('a');
      expect(bench.events.map((event) => event.kind)).toEqual(['commit-lost']);
      expect(bench.content(page)).toBe('');
    });
  }

  test('an edit that is still with its store worker is unknown too, and its worker goes on', async () => {
    await using bench = await Bench.open();
    for (const name of ['gated.html', 'commit-exit.html']) bench.write(name, '-');
    const prepared = bench.edit('gated.html', insert('1'));
    const dying = bench.edit('commit-exit.html', insert('1'));
    expect([words(await dying), words(await prepared)]).toEqual([
      'outcome-unknown',
      'outcome-unknown',
    ]);
    bench.openGate();
    for (let round = 0; round < 4; round += 1) {
      expect(word(await bench.read('gated.html'))).toBe('-');
    }
  });

  test('edits of the group at which it died are unknown, those before it are known', async () => {
    await using bench = await Bench.open({ workers: 1 });
    for (const name of ['a.html', 'b.html', 'commit-throw.html']) bench.write(name, '');
    const before = await bench.edit('a.html', insert('1'));
    const ends = await Promise.all([
      bench.edit('b.html', insert('1')),
      bench.edit('commit-throw.html', insert('1')),
    ]);
    expect([before, ...ends].map(words)).toEqual([
      'inserted',
      'outcome-unknown',
      'outcome-unknown',
    ]);
    expect(bench.content('a.html')).toBe('1');
  });
});

describe('workers that die under load', () => {
  test('inserted means there once, worker-lost means not there', async () => {
    await using bench = await Bench.open({ limits: { batchJobsMax: 8 } });
    const pages = ['a.html', 'b.html', 'c.html', 'd.html', 'late.html'];
    for (const page of [...pages, 'exit.html']) bench.write(page, ';');
    const ends = await Promise.all(
      Array.from({ length: 120 }, async (_, index) => {
        const page = pages[index % pages.length] ?? '';
        // Some of the batches have one among them that kills their worker.
        if (index % 40 === 7) void bench.read('exit.html');
        const end = words(await bench.edit(page, insert(`${index};`)));
        return { page, index, end };
      }),
    );
    const wrong = ends.filter(({ page, index, end }) => {
      const copies = bench.content(page).split(`;${index};`).length - 1;
      if (end === 'inserted') return copies !== 1;
      return end !== 'worker-lost' || copies !== 0;
    });
    expect(wrong).toEqual([]);
    expect(ends.filter(({ end }) => end === 'inserted').length).toBeGreaterThan(80);
    expect(losses(bench)).toContain('exit');
    expect(losses(bench)).toContain('error');
  });
});
