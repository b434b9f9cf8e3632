/** The commit worker's side of the history worker, with the real thread and with broken ones. */

import { describe, expect, test } from 'bun:test';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { systemClock } from '../../../src/base/clock.ts';
import { startThread } from '../../../src/base/thread.ts';
import type { PrunerBounds } from '../../../src/store/history/pruner.ts';
import {
  gatheredFilesMax,
  type HistoryPruner,
  startPruner,
} from '../../../src/store/history/pruner-link.ts';
import { openBelow, until } from '../../dispatch/harness.ts';
import { TestHistory, version, wide } from './support.ts';

const entry = pathToFileURL(join(import.meta.dir, '../../../workers/history-worker.ts'));
const echo = pathToFileURL(join(import.meta.dir, 'faults/echo-entry.ts'));
const broken = pathToFileURL(join(import.meta.dir, '../../dispatch/faults/broken-entry.ts'));

/** A pruner's thread and everything that is heard of it. */
class Hearing implements AsyncDisposable {
  readonly gone = new Map<number, number>();
  /** Pages as they were told, again and again perhaps. */
  readonly heard: number[] = [];
  readonly failures: string[] = [];
  isUntouched = true;
  /** How often it was asked that: once, when the scan is over. */
  asked = 0;
  readonly pruner: HistoryPruner;

  constructor(
    readonly history: TestHistory,
    bounds: Partial<PrunerBounds>,
    url = entry,
  ) {
    const owner = {
      isUntouched: () => {
        this.asked += 1;
        return this.isUntouched;
      },
      pruned: (pages: readonly { page: number; revision: number }[]) => {
        for (const { page, revision } of pages) {
          this.gone.set(page, revision);
          this.heard.push(page);
        }
      },
      failed: (text: string) => this.failures.push(text),
    };
    const data = { store: { root: history.root, ...wide, ...bounds } };
    this.pruner = startPruner(url, data, owner, systemClock);
  }

  /** A group that moved these into the history; with none, it says that the last is finished. */
  group(...versions: readonly string[]): void {
    for (const text of versions) this.history.put(text);
    this.pruner.added(versions.map(version));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.pruner.close();
    await this.pruner.exited;
  }
}

function revisions(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `1/${from + index}`);
}

describe('the history worker', () => {
  test('prunes what it finds and what it is told, says so on its way out, and ends', async () => {
    using history = new TestHistory(...revisions(1, 5));
    await using hearing = new Hearing(history, { historyRevisionsMax: 2 });
    await until(() => history.files.length === 2);
    hearing.group('1/6', '2/1');
    hearing.group('1/7');
    hearing.group();
    await until(() => !history.files.includes('1/5'));
    expect(history.files).toEqual(['1/6', '1/7', '2/1']);
    hearing.pruner.close();
    hearing.pruner.close();
    await hearing.pruner.exited;
    expect([...hearing.gone]).toEqual([[1, 5]]);
    expect(hearing.failures).toEqual([]);
    expect(openBelow(history.root) ?? []).toEqual([]);
    // Nobody is there to be told.
    hearing.group('1/8');
    expect(hearing.failures).toEqual([]);
  });
});

describe('what it is told', () => {
  /** Versions of as many pages, enough to be told without waiting for more. */
  const many = Array.from({ length: gatheredFilesMax }, (_, index) => `${index + 1}/7`);

  test('a group only with the next one: till then a start may have to judge by its files', async () => {
    for (const groups of [[many], [many, []]]) {
      using history = new TestHistory();
      await using hearing = new Hearing(history, {}, echo);
      await until(() => hearing.asked === 1);
      for (const group of groups) hearing.pruner.added(group.map(version));
      hearing.pruner.close();
      await hearing.pruner.exited;
      const told = [...hearing.gone].map(([page, revision]) => `${page}/${revision}`);
      expect(told.filter((name) => name !== '0/0')).toEqual(groups.length === 1 ? [] : many);
    }
  });

  test('a few files after a moment, and each once', async () => {
    using history = new TestHistory();
    await using hearing = new Hearing(history, {}, echo);
    for (const group of [['1/1'], ['2/1', '3/1'], []]) hearing.pruner.added(group.map(version));
    expect(hearing.gone.size).toBe(0);
    await until(() => [1, 2, 3].every((page) => hearing.gone.has(page)));
    for (const group of [['4/1'], []]) hearing.pruner.added(group.map(version));
    await until(() => hearing.gone.has(4));
    expect(hearing.heard.filter((page) => page !== 0)).toEqual([1, 2, 3, 4]);
  });

  test('that all is settled: at once when no group was begun, else with the next one', async () => {
    for (const { isUntouched, groups, want } of [
      { isUntouched: true, groups: 0, want: true },
      { isUntouched: false, groups: 0, want: false },
      { isUntouched: false, groups: 1, want: true },
    ]) {
      using history = new TestHistory();
      await using hearing = new Hearing(history, {}, echo);
      hearing.isUntouched = isUntouched;
      await until(() => hearing.asked === 1);
      for (let group = 0; group < groups; group += 1) hearing.pruner.added([]);
      hearing.pruner.close();
      await hearing.pruner.exited;
      expect(hearing.gone.has(0)).toBe(want);
    }
  });

  test('a group before the scan is over settles nothing', async () => {
    using history = new TestHistory();
    await using hearing = new Hearing(history, {}, echo);
    hearing.isUntouched = false;
    hearing.pruner.added([]);
    await until(() => hearing.asked === 1);
    hearing.pruner.close();
    await hearing.pruner.exited;
    expect(hearing.gone.size).toBe(0);
  });
});

describe('a history worker of another thread than main', () => {
  const parent = pathToFileURL(join(import.meta.dir, 'faults/parent-entry.ts'));

  const rows = [
    { end: 'close', want: [] },
    { end: 'throw', want: ['Error: the parent fails'] },
    { end: 'terminate', want: [] },
  ] as const;
  for (const { end, want } of rows) {
    test(`ends with it: ${end}`, async () => {
      using history = new TestHistory(...revisions(1, 3));
      const heard: unknown[] = [];
      const told = new SharedArrayBuffer(4);
      const store = { root: history.root, ...wide, historyRevisionsMax: 1 };
      const thread = startThread<string, unknown>(parent, 'parent', { store, told }, [], {
        message: (message) => heard.push(message),
        error: (text) => heard.push(text.split('\n')[0]),
        exit: () => heard.push('exit'),
      });
      await until(() => history.files.length === 1);
      if (end === 'terminate') thread.terminate();
      else thread.post(end);
      await thread.exited;
      expect(heard).toEqual([...want, 'exit']);
      if (end === 'close') expect(new Int32Array(told)[0]).toBe(1);
    });
  }
});

describe('a history worker that fails', () => {
  test('a lost thread is told once; edits go on', async () => {
    using history = new TestHistory('1/1', '1/2');
    rmSync(history.path, { recursive: true });
    writeFileSync(history.path, 'no folder');
    await using hearing = new Hearing(history, { historyRevisionsMax: 0 });
    await hearing.pruner.exited;
    expect(hearing.failures.length).toBe(1);
    expect(hearing.failures[0]).toStartWith('the history is not pruned until the next start: ');
    expect(hearing.failures[0]).toContain('ENOTDIR');
    hearing.pruner.added([version('1/3')]);
    hearing.pruner.close();
    expect(hearing.failures.length).toBe(1);
  });

  test('an entry point that throws', async () => {
    using history = new TestHistory();
    await using hearing = new Hearing(history, {}, broken);
    await hearing.pruner.exited;
    expect(hearing.failures.length).toBe(1);
  });

  test('files that it cannot remove are told once', async () => {
    using history = new TestHistory();
    await using hearing = new Hearing(history, {}, echo);
    await until(() => hearing.asked === 1);
    expect(hearing.failures).toEqual([
      '2 files of the history could not be removed, and may be at the next start: unlinkat: EACCES',
    ]);
  });
});
