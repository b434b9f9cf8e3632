/** The pool with real threads: batches, order, second tries and the end. */

import { describe, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { systemClock } from '../../src/base/clock.ts';
import { type Dispatcher, startDispatcher } from '../../src/dispatch/dispatcher.ts';
import { FifoLockTable, type LockTable } from '../../src/dispatch/lock-table.ts';
import { closeLeftFile } from '../../src/store/page-cache.ts';
import {
  Bench,
  faultyCommit,
  faultyStore,
  insert,
  key,
  storeOptions,
  until,
  word,
  words,
} from './harness.ts';

/** Threads of this process, where the system tells (Linux). */
function threadCount(): number | undefined {
  try {
    return readdirSync('/proc/self/task').length;
  } catch {
    return undefined;
  }
}

describe('a pool that works', () => {
  test('a page is read by a worker that has a number', async () => {
    await using bench = await Bench.open();
    bench.write('a.html', 'content of a');
    const end = await bench.read('a.html');
    expect(word(end)).toBe('content of a');
    expect([1, 2]).toContain(end.worker ?? 0);
    expect(word(await bench.read('missing.html'))).toBe('not-found');
    expect(word(await bench.read('a.html', 'metadata'))).toBe('found');
  });

  test('the work of one turn goes to all workers, and in batches of at most the limit', async () => {
    await using bench = await Bench.open({ limits: { batchJobsMax: 8 } });
    bench.write('a.html', 'a');
    const ends = await Promise.all(Array.from({ length: 100 }, () => bench.read('a.html')));
    expect(ends.every((end) => word(end) === 'a')).toBe(true);
    const first = ends.slice(0, 16).map((end) => end.worker);
    expect(first.slice(0, 8).every((worker) => worker === first[0])).toBe(true);
    expect(first.slice(8).every((worker) => worker === first[8])).toBe(true);
    expect(first[8]).not.toBe(first[0]);
  });

  test('one job after the other goes round the workers', async () => {
    await using bench = await Bench.open();
    bench.write('a.html', 'a');
    const workers: unknown[] = [];
    for (let round = 0; round < 4; round += 1) workers.push((await bench.read('a.html')).worker);
    expect(workers.slice(0, 2).sort()).toEqual([1, 2]);
    expect(workers.slice(2)).toEqual(workers.slice(0, 2));
  });

  test('edits of one page happen in order of arrival, and none is lost', async () => {
    await using bench = await Bench.open();
    bench.write('a.html', '');
    const count = 200;
    const answered: number[] = [];
    await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        expect(words(await bench.edit('a.html', insert(`${index};`)))).toBe('inserted');
        answered.push(index);
      }),
    );
    const order = Array.from({ length: count }, (_, index) => index);
    expect(bench.content('a.html')).toBe(order.map((index) => `${index};`).join(''));
    expect(answered).toEqual(order);
  });

  test('without the lock edits are lost, so it is the lock that keeps them', async () => {
    const grantAll: LockTable = {
      held: 0,
      acquire: (_key, granted) => granted(),
      release() {},
    };
    await using bench = await Bench.open({ locks: grantAll });
    bench.write('a.html', '');
    await Promise.all(Array.from({ length: 200 }, () => bench.edit('a.html', insert('x'))));
    expect(bench.content('a.html').length).toBeLessThan(200);
  });

  test('edits of one operation are one publication, each with its result', async () => {
    await using bench = await Bench.open();
    bench.write('a.html', '-');
    const end = await bench.edit('a.html', insert('1'), insert('2'));
    expect(words(end)).toBe('inserted inserted');
    expect(bench.content('a.html')).toBe('-12');
    const pages = end.results.map((result) =>
      'page' in result ? Buffer.from(result.page).toString() : '',
    );
    expect(pages).toEqual(['-1', '-12']);
  });

  test('the lock is free when an edit is answered', async () => {
    const locks = new FifoLockTable();
    await using bench = await Bench.open({ locks });
    bench.write('a.html', '');
    const held: number[] = [];
    await new Promise<void>((resolve) => {
      bench.dispatcher.edit(key('a.html'), [insert('1')], () => {
        held.push(locks.held);
        resolve();
      });
      held.push(locks.held);
    });
    expect(held).toEqual([1, 0]);
  });

  test('a view on a large buffer arrives whole, and the buffer stays the caller’s', async () => {
    await using bench = await Bench.open();
    bench.write('a.html', '');
    const large = new Uint8Array(1 << 20).fill(65);
    const edit = insert('');
    if (edit.kind !== 'insert') throw new Error('not an insert');
    await bench.edit('a.html', { ...edit, content: large.subarray(10, 13) });
    expect(bench.content('a.html')).toBe('AAA');
    expect(large.length).toBe(1 << 20);
  });
});

describe('bounds', () => {
  const limits = { jobsQueuedMax: 4, batchJobsMax: 1 };

  test('reads: as many wait as may, one more is refused at once', async () => {
    await using bench = await Bench.open({ limits, workers: 1 });
    bench.write('a.html', 'a');
    bench.write('gated.html', 'g');
    const gated = bench.read('gated.html');
    // It is with the worker once a turn has passed; then the queue is empty.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const waiting = Array.from({ length: 4 }, () => bench.read('a.html'));
    expect(word(await bench.read('a.html'))).toBe('busy');
    bench.openGate();
    expect(word(await gated)).toBe('g');
    expect((await Promise.all(waiting)).map(word)).toEqual(['a', 'a', 'a', 'a']);
    expect(word(await bench.read('a.html'))).toBe('a');
  });

  test('edits that wait for a lock count too, and leave room for reads', async () => {
    await using bench = await Bench.open({ limits });
    bench.write('commit-gated.html', '');
    bench.write('a.html', 'a');
    const waiting = ['1', '2', '3', '4'].map((n) => bench.edit('commit-gated.html', insert(n)));
    expect(words(await bench.edit('commit-gated.html', insert('5'), insert('6')))).toBe(
      'busy busy',
    );
    expect(words(await bench.edit('a.html', insert('5')))).toBe('busy');
    expect(word(await bench.read('a.html'))).toBe('a');
    bench.openGate();
    for (const end of await Promise.all(waiting)) expect(words(end)).toBe('inserted');
    expect(bench.content('commit-gated.html')).toBe('1234');
    expect(words(await bench.edit('a.html', insert('5')))).toBe('inserted');
  });
});

describe('start and stop', () => {
  test('stop answers what was taken, refuses what comes, and leaves no thread', async () => {
    const before = threadCount();
    const bench = await Bench.open();
    bench.write('a.html', 'a');
    bench.write('commit-gated.html', '');
    const running = bench.edit('commit-gated.html', insert('1'));
    const waiting = bench.edit('commit-gated.html', insert('2'));
    const reading = bench.read('a.html');
    const stopped = bench.dispatcher.stop();
    expect(word(await bench.read('a.html'))).toBe('busy');
    expect(words(await bench.edit('a.html', insert('3')))).toBe('busy');
    expect(word(await reading)).toBe('a');
    bench.openGate();
    expect(words(await running)).toBe('inserted');
    expect(words(await waiting)).toBe('inserted');
    await stopped;
    const exited = readdirSync(bench.root).filter((name) => name.startsWith('exited-'));
    expect(exited.sort()).toEqual(['exited-1', 'exited-2', 'exited-commit']);
    expect(bench.content('commit-gated.html')).toBe('12');
    await bench[Symbol.asyncDispose]();
    // The threads of the runtime's own come and go, so only a leak in proportion shows.
    if (before !== undefined) await until(() => (threadCount() ?? 0) <= before + 2);
    expect(bench.events).toEqual([]);
  });

  test('ten pools one after the other leave no thread behind', async () => {
    const before = threadCount();
    for (let round = 0; round < 10; round += 1) {
      await using bench = await Bench.open({ workers: 1 });
      bench.write('a.html', 'a');
      expect(word(await bench.read('a.html'))).toBe('a');
    }
    if (before !== undefined) await until(() => (threadCount() ?? 0) <= before + 2);
  });

  const broken = new URL('./faults/broken-entry.ts', import.meta.url);
  const mute = new URL('./faults/mute-entry.ts', import.meta.url);
  const missing = new URL('./faults/no-such-file.ts', import.meta.url);
  const failures = [
    { name: 'a store worker that dies', urls: { storeWorkerUrl: broken }, code: 'store-worker' },
    { name: 'a missing module', urls: { storeWorkerUrl: missing }, code: 'store-worker' },
    { name: 'a commit worker that dies', urls: { commitWorkerUrl: broken }, code: 'commit-worker' },
    { name: 'one that is never ready', urls: { storeWorkerUrl: mute }, code: 'start-deadline' },
  ];
  for (const { name, urls, code } of failures) {
    test(`${name} fails the start`, async () => {
      const before = threadCount();
      let started: Dispatcher | undefined;
      const failure = await startDispatcher({
        workers: 2,
        store: storeOptions('/nowhere'),
        storeWorkerUrl: faultyStore,
        commitWorkerUrl: faultyCommit,
        clock: systemClock,
        closeFile: closeLeftFile,
        limits: { startDeadlineMs: code === 'start-deadline' ? 50 : 5_000 },
        ...urls,
      }).then(
        (dispatcher) => {
          started = dispatcher;
          return undefined;
        },
        (error: Error & { code?: string }) => error.code,
      );
      expect(started).toBeUndefined();
      expect(failure).toBe(code);
      if (before !== undefined) await until(() => (threadCount() ?? 0) <= before + 2);
    });
  }
});
