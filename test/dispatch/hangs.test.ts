/** What becomes of jobs, pages and the pool when a thread hangs, or is late. */

import { describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { leavingWorkersMax } from '../../src/dispatch/limits.ts';
import { Bench, insert, losses, replaced, until, word, words } from './harness.ts';

/** Long enough for a thread's start on a busy machine, short enough to wait for. */
const shortDeadline = { jobDeadlineMs: 200 };

/** A FIFO that nobody writes to, until `unblock` is called. */
function fifo(bench: Bench): { unblock(): void; [Symbol.dispose](): void } {
  const path = join(bench.root, 'fifo');
  expect(spawnSync('mkfifo', [path]).status).toBe(0);
  let descriptor: number | undefined;
  const unblock = () => {
    descriptor ??= openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  };
  return {
    unblock,
    [Symbol.dispose]() {
      unblock();
      if (descriptor !== undefined) closeSync(descriptor);
    },
  };
}

describe('a store worker that hangs', () => {
  const rows = [
    { page: 'hang.html', read: 'deadline', edit: 'outcome-unknown', content: 'x' },
    // It only fails to say so: the commit worker has the edit, and answers it.
    { page: 'silent.html', read: 'deadline', edit: 'inserted', content: 'xy' },
  ];
  for (const { page, read, edit, content } of rows) {
    test(`${page}: a read is ${read}, an edit ${edit}, and the rest goes on`, async () => {
      await using bench = await Bench.open({ limits: shortDeadline });
      bench.write(page, 'x');
      bench.write('a.html', 'a');
      const reading = bench.read(page);
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      // The other worker is there meanwhile.
      expect(word(await bench.read('a.html'))).toBe('a');
      expect(words(await bench.edit('a.html', insert('b')))).toBe('inserted');
      expect(losses(bench)).toEqual([]);
      expect(word(await reading)).toBe(read);
      expect(words(await bench.edit(page, insert('y')))).toBe(edit);
      expect(word(await bench.read('a.html'))).toBe('ab');
      await until(() => replaced(bench) === 2);
      expect(losses(bench)).toEqual(['job-deadline', 'job-deadline']);
      expect(bench.content(page)).toBe(content);
    });
  }

  test('those that share a batch with one that hangs are done within the deadline', async () => {
    // Half of the deadline goes to the hang, and a loaded machine takes its time to start a thread.
    await using bench = await Bench.open({ workers: 1, limits: { jobDeadlineMs: 2_000 } });
    for (const name of ['hang.html', 'a.html', 'b.html']) bench.write(name, '-');
    const hanging = bench.read('hang.html');
    const others = await Promise.all([bench.edit('b.html', insert('b')), bench.read('a.html')]);
    expect([words(others[0]), word(others[1])]).toEqual(['inserted', '-']);
    expect(word(await hanging)).toBe('deadline');
  });

  test('the page of an edit that hung takes edits again once its worker is gone', async () => {
    await using bench = await Bench.open({ limits: shortDeadline });
    bench.write('hang-once.html', '');
    expect(words(await bench.edit('hang-once.html', insert('1')))).toBe('outcome-unknown');
    expect(words(await bench.edit('hang-once.html', insert('2')))).toBe('inserted');
    expect(bench.content('hang-once.html')).toBe('2');
  });

  test('a page whose edit is stuck in the kernel stays locked until it is out of there', async () => {
    await using bench = await Bench.open({ limits: shortDeadline });
    using pipe = fifo(bench);
    bench.write('blocked-once.html', '');
    bench.write('a.html', 'a');
    expect(words(await bench.edit('blocked-once.html', insert('1')))).toBe('outcome-unknown');
    await until(() => replaced(bench) === 1);
    const late = await bench.edit('blocked-once.html', insert('2'));
    expect([words(late), bench.content('blocked-once.html')]).toEqual(['busy', '']);
    expect(word(await bench.read('a.html'))).toBe('a');
    pipe.unblock();
    expect(words(await bench.edit('blocked-once.html', insert('3')))).toBe('inserted');
    // The first was answered as unknown, so both are right; the second was said not to happen.
    expect(['3', '13']).toContain(bench.content('blocked-once.html'));
  });

  test('storage that blocks every worker does not collect threads without end', async () => {
    await using bench = await Bench.open({ workers: 1, limits: { jobDeadlineMs: 100 } });
    using pipe = fifo(bench);
    bench.write('a.html', 'a');
    for (let round = 1; round <= leavingWorkersMax; round += 1) {
      // The one before it has been replaced, so that it is this one that gets stuck.
      await until(() => replaced(bench) === round - 1);
      // A batch that was finished, so that the next replacement comes at once.
      expect(word(await bench.read('a.html'))).toBe('a');
      expect(word(await bench.read('blocked.html'))).toBe('deadline');
      await until(() => losses(bench).length === round);
    }
    expect(word(await bench.read('a.html'))).toBe('deadline');
    expect([losses(bench).length, replaced(bench)]).toEqual([
      leavingWorkersMax,
      leavingWorkersMax - 1,
    ]);
    pipe.unblock();
    await until(() => replaced(bench) === leavingWorkersMax);
    expect(word(await bench.read('a.html'))).toBe('a');
  });
});

describe('deadlines', () => {
  test('an edit that waits for its lock for too long is refused, and never happens', async () => {
    await using bench = await Bench.open({ limits: shortDeadline });
    bench.write('commit-gated.html', '');
    const [first, second] = await Promise.all([
      bench.edit('commit-gated.html', insert('1')),
      bench.edit('commit-gated.html', insert('2'), insert('3')),
    ]);
    // The first one is with the commit worker; nobody knows how far it came.
    expect([words(first), words(second)]).toEqual(['outcome-unknown', 'busy busy']);
    bench.openGate();
    expect(words(await bench.edit('commit-gated.html', insert('4')))).toBe('inserted');
    expect(bench.content('commit-gated.html')).toBe('14');
  });

  test('a read that waits for a worker for too long is refused', async () => {
    await using bench = await Bench.open({ workers: 1, limits: { jobDeadlineMs: 60 } });
    bench.write('gated.html', 'g');
    bench.write('a.html', 'a');
    const gated = bench.read('gated.html');
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(word(await bench.read('a.html'))).toBe('deadline');
    expect(word(await gated)).toBe('deadline');
    bench.openGate();
    await until(() => bench.events.some((event) => event.kind === 'worker-replaced'));
    expect(word(await bench.read('a.html'))).toBe('a');
  });
});
