/** The pruner: which versions it removes, and what it never touches. */

import { describe, expect, test } from 'bun:test';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type PrunerBounds, sliceRemovalsMax } from '../../../src/store/history/pruner.ts';
import { FaultyFileSystem } from '../faulty-file-system.ts';
import {
  add,
  DatedFileSystem,
  goneOf,
  newPruner,
  readyPruner,
  rest,
  scan,
  TestHistory,
  version,
  versions,
} from './support.ts';

interface BoundRow {
  readonly name: string;
  readonly bounds: Partial<PrunerBounds>;
  readonly filesMax?: number;
  /** In the order in which they came. */
  readonly versions: readonly string[];
  readonly want: readonly string[];
  readonly gone?: readonly string[];
}

const boundRows: readonly BoundRow[] = [
  {
    name: 'as many revisions as a page may have',
    bounds: { historyRevisionsMax: 3 },
    versions: versions(1, 1, 3),
    want: versions(1, 1, 3),
  },
  {
    name: 'one revision more: the oldest goes',
    bounds: { historyRevisionsMax: 3 },
    versions: versions(1, 1, 4),
    want: versions(1, 2, 4),
    gone: ['1/1'],
  },
  {
    name: 'each page has that bound for itself',
    bounds: { historyRevisionsMax: 2 },
    versions: [...versions(1, 1, 2), ...versions(2, 5, 9), '3/1'],
    want: ['1/1', '1/2', '2/8', '2/9', '3/1'],
    gone: ['2/7'],
  },
  {
    name: 'the oldest revision goes, whichever came last',
    bounds: { historyRevisionsMax: 2 },
    versions: ['1/5', '1/9', '1/3', '1/7'],
    want: ['1/7', '1/9'],
    gone: ['1/5'],
  },
  {
    name: 'as many bytes as there may be',
    bounds: { historyBytesMax: 30 },
    versions: ['1/1', '2/1', '3/1'],
    want: ['1/1', '2/1', '3/1'],
  },
  {
    name: 'one byte more: what came first goes, of whatever page',
    bounds: { historyBytesMax: 30 },
    versions: ['2/1', '1/1', '3/1:11'],
    want: ['1/1', '3/1'],
    gone: ['2/1'],
  },
  {
    name: 'a large version takes the place of many',
    bounds: { historyBytesMax: 100 },
    versions: [...versions(1, 1, 5), ...versions(2, 1, 5), '3/1:71'],
    want: ['2/4', '2/5', '3/1'],
    gone: ['1/5', '2/3'],
  },
  {
    name: 'a version that is too large for all of the history',
    bounds: { historyBytesMax: 100 },
    versions: ['1/1', '2/1:101'],
    want: [],
    gone: ['1/1', '2/1'],
  },
  {
    name: 'an empty version is kept beside those that fill the history',
    bounds: { historyBytesMax: 20 },
    versions: ['1/1:0', '1/2', '1/3'],
    want: ['1/1', '1/2', '1/3'],
  },
  {
    name: 'for bytes too a page loses its oldest revision',
    bounds: { historyBytesMax: 20 },
    versions: ['1/5', '1/3', '2/1'],
    want: ['1/5', '2/1'],
    gone: ['1/3'],
  },
  {
    name: 'both bounds: what one takes, the other need not',
    bounds: { historyRevisionsMax: 2, historyBytesMax: 40 },
    versions: ['2/1', '2/2', ...versions(1, 1, 4)],
    want: ['1/3', '1/4', '2/1', '2/2'],
    gone: ['1/2'],
  },
  {
    name: 'as many files as there may be',
    bounds: {},
    filesMax: 3,
    versions: ['1/1:0', '2/1:0', '3/1:0'],
    want: ['1/1', '2/1', '3/1'],
  },
  {
    name: 'one file more',
    bounds: {},
    filesMax: 3,
    versions: ['2/1:0', '1/1:0', '3/1:0', '4/1:0'],
    want: ['1/1', '3/1', '4/1'],
    gone: ['2/1'],
  },
  {
    name: 'no revisions: nothing is kept',
    bounds: { historyRevisionsMax: 0 },
    versions: ['1/1', '1/2', '2/1:0'],
    want: [],
    gone: ['1/2', '2/1'],
  },
  {
    name: 'no bytes: nothing is kept, not even what is empty',
    bounds: { historyBytesMax: 0 },
    versions: ['1/1:0', '1/2', '2/1:0'],
    want: [],
    gone: ['1/2', '2/1'],
  },
];

describe('the bounds', () => {
  for (const { name, bounds, filesMax, versions: came, want, gone = [] } of boundRows) {
    const names = came.map((text) => text.split(':')[0] ?? '');

    test(`${name}, added`, () => {
      using history = new TestHistory();
      const pruner = readyPruner(history, bounds, filesMax === undefined ? {} : { filesMax });
      add(pruner, history, ...came);
      rest(pruner);
      expect(history.files).toEqual([...want]);
      expect(goneOf(pruner)).toEqual([...gone]);
      pruner.close();
    });

    test(`${name}, found`, () => {
      using history = new TestHistory(...came);
      const fileSystem = new DatedFileSystem();
      fileSystem.order = names;
      const limit = filesMax === undefined ? {} : { filesMax };
      const pruner = readyPruner(history, bounds, { fileSystem, ...limit });
      rest(pruner);
      expect(history.files).toEqual([...want]);
      expect(goneOf(pruner)).toEqual([...gone]);
      pruner.close();
      expect(fileSystem.openCount).toBe(0);
    });
  }
});

describe('removing', () => {
  test('goes on in slices, and can end after each', () => {
    const count = sliceRemovalsMax * 2 + 10;
    using history = new TestHistory(...versions(1, 1, count));
    const pruner = readyPruner(history, { historyRevisionsMax: 1 });
    for (const left of [count - sliceRemovalsMax, count - 2 * sliceRemovalsMax, 1]) {
      expect(pruner.hasWork).toBe(true);
      pruner.work();
      expect(history.files.length).toBe(left);
      expect(goneOf(pruner)).toEqual([`1/${count - left}`]);
    }
    expect(pruner.hasWork).toBe(false);
    pruner.close();
  });

  test('a file that is gone already is no failure, and is not told', () => {
    using history = new TestHistory(...versions(1, 1, 4), '2/1');
    const fileSystem = new DatedFileSystem();
    fileSystem.order = ['2/1', ...versions(1, 1, 4)];
    const pruner = readyPruner(history, { historyBytesMax: 10 }, { fileSystem });
    rmSync(join(history.path, '1/2'));
    rmSync(join(history.path, '1/3'));
    rmSync(join(history.path, '2'), { recursive: true });
    rest(pruner);
    expect(history.files).toEqual(['1/4']);
    expect(goneOf(pruner)).toEqual(['1/1']);
    expect(pruner.takeLeft()).toBeUndefined();
    pruner.close();
  });

  for (const fault of ['EACCES', 'EIO'] as const) {
    test(`${fault}: the file is left, the others go, the next start tries again`, () => {
      using history = new TestHistory(...versions(1, 1, 4));
      const fileSystem = new FaultyFileSystem();
      const pruner = readyPruner(history, { historyRevisionsMax: 1 }, { fileSystem });
      fileSystem.arm(fault, 1, 'unlinkat');
      rest(pruner);
      expect(history.files).toEqual(['1/2', '1/4']);
      expect(fileSystem.calls.filter((call) => call === 'unlinkat').length).toBe(3);
      expect(pruner.takeLeft()).toEqual({ count: 1, failure: `unlinkat: ${fault}` });
      expect(pruner.takeLeft()).toBeUndefined();
      pruner.close();
      const next = readyPruner(history, { historyRevisionsMax: 1 });
      rest(next);
      expect(history.files).toEqual(['1/4']);
      next.close();
    });
  }

  test('a file that cannot be removed counts no more, so that it costs no other', () => {
    using history = new TestHistory('1/1');
    const fileSystem = new FaultyFileSystem();
    const pruner = readyPruner(history, { historyBytesMax: 20 }, { fileSystem });
    fileSystem.arm('EACCES', 0, 'unlinkat');
    add(pruner, history, '2/1', '3/1');
    rest(pruner);
    expect(history.files).toEqual(['1/1', '2/1', '3/1']);
    expect(goneOf(pruner)).toEqual([]);
    pruner.close();
  });

  test("a page's empty folder stays, for a file may be on its way into it", () => {
    using history = new TestHistory('1/1');
    const pruner = readyPruner(history, { historyRevisionsMax: 0 });
    rest(pruner);
    expect(readdirSync(history.path)).toEqual(['1']);
    expect(history.files).toEqual([]);
    pruner.close();
  });

  test('while a disk is slower than edits, what is too much is left to the next start', () => {
    using history = new TestHistory();
    const pruner = readyPruner(history, {}, { filesMax: 2 });
    add(pruner, history, '1/1', '2/1', '3/1', '4/1', '5/1', '6/1');
    expect(pruner.takeLeft()).toEqual({ count: 2, failure: 'more than 4 files' });
    rest(pruner);
    expect(history.files).toEqual(['1/1', '2/1', '5/1', '6/1']);
    pruner.close();
  });

  test('a page that lost files so is not taken for one that has too many', () => {
    using history = new TestHistory();
    const pruner = readyPruner(history, { historyRevisionsMax: 2 }, { filesMax: 2 });
    add(pruner, history, '1/1', '2/1', '3/1', '1/2', '1/3');
    rest(pruner);
    expect(history.files).toEqual(['1/1', '1/2', '1/3']);
    pruner.close();
  });

  test('pages are told a few at a time, each once', () => {
    using history = new TestHistory(
      ...versions(1, 1, 3),
      ...versions(2, 1, 3),
      ...versions(3, 1, 3),
    );
    const pruner = readyPruner(history, { historyRevisionsMax: 1 });
    rest(pruner);
    const told = [...goneOf(pruner, 2), ...goneOf(pruner, 2)];
    expect(told.toSorted()).toEqual(['1/2', '2/2', '3/2']);
    expect(pruner.hasGone).toBe(false);
    pruner.close();
  });
});

describe('a folder that was removed while the server runs', () => {
  test('when it is made anew, pages may be counted from 1 again', () => {
    using history = new TestHistory(...versions(1, 50, 53));
    const fileSystem = new FaultyFileSystem();
    const pruner = readyPruner(history, { historyRevisionsMax: 3 }, { fileSystem });
    rest(pruner);
    rmSync(join(history.root, '.inkwire'), { recursive: true });
    add(pruner, history, '1/1');
    rest(pruner);
    pruner.settled();
    add(pruner, history, ...versions(1, 2, 4));
    rest(pruner);
    expect(history.files).toEqual(versions(1, 2, 4));
    expect(goneOf(pruner)).toEqual(['1/1']);
    pruner.close();
    expect(fileSystem.openCount).toBe(0);
  });

  test('while it is not, there is nothing to do', () => {
    using history = new TestHistory(...versions(1, 1, 2));
    const pruner = readyPruner(history, { historyRevisionsMax: 1 });
    rmSync(join(history.root, '.inkwire'), { recursive: true });
    rest(pruner);
    expect(pruner.hasWork).toBe(false);
    pruner.add(version('1/3'));
    rest(pruner);
    expect(goneOf(pruner)).toEqual([]);
    add(pruner, history, '7/1', '7/2');
    scan(pruner);
    pruner.settled();
    rest(pruner);
    expect(history.files).toEqual(['7/2']);
    pruner.close();
  });

  test('before the pruner has begun: it begins when there is one', () => {
    using history = new TestHistory();
    rmSync(history.path, { recursive: true });
    const pruner = newPruner(history, { historyRevisionsMax: 1 });
    expect(pruner.hasWork).toBe(false);
    add(pruner, history, '1/1', '1/2');
    scan(pruner);
    pruner.settled();
    rest(pruner);
    expect(history.files).toEqual(['1/2']);
    pruner.close();
  });
});
