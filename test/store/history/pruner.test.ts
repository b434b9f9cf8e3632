/** The pruner: which versions it removes, and what it never touches. */

import { describe, expect, test } from 'bun:test';
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PrunerBounds, sliceRemovalsMax } from '../../../src/store/history/pruner.ts';
import { FaultyFileSystem } from '../faulty-file-system.ts';
import {
  add,
  DatedFileSystem,
  newPruner,
  readyPruner,
  rest,
  scan,
  TestHistory,
  version,
} from './support.ts';

/** Revisions of a page, each of 10 bytes. */
function versions(page: number, from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `${page}/${from + index}`);
}

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

function goneOf(pruner: ReturnType<typeof newPruner>, pagesMax = 1_000): string[] {
  const places = pruner.takeGone(pagesMax).map(({ page, revision }) => `${page}/${revision}`);
  return places.toSorted();
}

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

describe('the scan', () => {
  test('what it finds came before what is added, in the order of its times', () => {
    using history = new TestHistory('1/1', '2/1', '3/1');
    const fileSystem = new DatedFileSystem();
    fileSystem.order = ['3/1', '1/1', '2/1'];
    const pruner = newPruner(history, { historyBytesMax: 30 }, { fileSystem });
    add(pruner, history, '1/2', '4/1');
    scan(pruner);
    pruner.settled();
    rest(pruner);
    expect(history.files).toEqual(['1/2', '2/1', '4/1']);
    pruner.close();
  });

  test('where times contradict revisions, a page is as old as its oldest revision says', () => {
    using history = new TestHistory('1/1', '1/2', '2/1');
    const fileSystem = new DatedFileSystem();
    fileSystem.order = ['1/2', '2/1', '1/1'];
    const pruner = readyPruner(history, { historyBytesMax: 20 }, { fileSystem });
    rest(pruner);
    expect(history.files).toEqual(['1/1', '1/2']);
    pruner.close();
  });

  test('removes nothing, nor does anything after it, before all is settled', () => {
    using history = new TestHistory(...versions(1, 1, 9));
    const pruner = newPruner(history, { historyRevisionsMax: 1 });
    add(pruner, history, '1/10');
    expect(pruner.hasWork).toBe(true);
    scan(pruner);
    add(pruner, history, '1/11');
    rest(pruner);
    expect(history.files).toEqual(versions(1, 1, 11));
    pruner.settled();
    rest(pruner);
    expect(history.files).toEqual(['1/11']);
    pruner.close();
  });

  test('settled before the scan is over says nothing of what it has not found yet', () => {
    using history = new TestHistory('1/1', '1/2');
    const pruner = newPruner(history, { historyRevisionsMax: 1 });
    pruner.settled();
    scan(pruner);
    rest(pruner);
    expect(history.files).toEqual(['1/1', '1/2']);
    pruner.close();
  });

  test('counts once what was added while it went on, and what is added after it', () => {
    using history = new TestHistory(...versions(1, 1, 2));
    const pruner = newPruner(history, { historyBytesMax: 50 });
    add(pruner, history, '1/3', '1/4');
    history.put('1/5');
    scan(pruner);
    pruner.settled();
    pruner.add(version('1/5'));
    rest(pruner);
    expect(history.files).toEqual(versions(1, 1, 5));
    add(pruner, history, '1/6');
    rest(pruner);
    expect(history.files).toEqual(versions(1, 2, 6));
    pruner.close();
  });

  test('finds what is added only after it once', () => {
    using history = new TestHistory(...versions(1, 1, 5));
    const pruner = readyPruner(history, { historyBytesMax: 50 });
    for (const text of versions(1, 4, 5)) pruner.add(version(text));
    rest(pruner);
    expect(history.files).toEqual(versions(1, 1, 5));
    pruner.close();
  });

  test('leaves alone what is not the history', () => {
    using history = new TestHistory('1/1', '1/2');
    using elsewhere = new TestHistory('5/1', '5/2');
    const foreign = [
      '1/01',
      '1/3.html',
      '1/-4',
      '1/1e3',
      '1/',
      '02/1',
      'x/1',
      '1234567890123456/1',
    ];
    for (const name of foreign) {
      mkdirSync(join(history.path, name, '..'), { recursive: true });
      if (!name.endsWith('/')) writeFileSync(join(history.path, name), 'mine');
    }
    mkdirSync(join(history.path, '1/3/1'), { recursive: true });
    symlinkSync('2', join(history.path, '1/4'));
    symlinkSync(join(elsewhere.path, '5'), join(history.path, '5'));
    mkdirSync(join(history.path, '6'));
    Bun.spawnSync(['mkfifo', join(history.path, '1/5')]);
    const before = history.files;
    const pruner = readyPruner(history, { historyRevisionsMax: 0 });
    rest(pruner);
    expect(history.files).toEqual(before.filter((name) => name !== '1/1' && name !== '1/2'));
    expect(elsewhere.files).toEqual(['5/1', '5/2']);
    expect(pruner.takeLeft()).toBeUndefined();
    pruner.close();
  });

  test('a plain file that is named as a page is left alone', () => {
    using history = new TestHistory();
    writeFileSync(join(history.path, '7'), 'mine');
    const pruner = readyPruner(history, { historyRevisionsMax: 0 });
    rest(pruner);
    expect(Bun.file(join(history.path, '7')).size).toBe(4);
    expect(pruner.takeLeft()).toBeUndefined();
    pruner.close();
  });

  test('ends at twice as many files as are kept, and leaves the others to the next start', () => {
    using history = new TestHistory(...versions(1, 1, 7));
    const first = readyPruner(history, { historyRevisionsMax: 1 }, { filesMax: 3 });
    rest(first);
    expect(history.files).toEqual(['1/6', '1/7']);
    expect(first.takeLeft()).toEqual({ count: 1, failure: 'more than 6 files' });
    first.close();
    const second = readyPruner(history, { historyRevisionsMax: 1 }, { filesMax: 3 });
    rest(second);
    expect(history.files).toEqual(['1/7']);
    second.close();
  });

  for (const call of ['readdir', 'openat', 'statat']) {
    test(`goes on when ${call} fails for one`, () => {
      using history = new TestHistory('1/1', '1/2', '2/1', '2/2');
      const fileSystem = new FaultyFileSystem();
      const pruner = newPruner(history, { historyRevisionsMax: 1 }, { fileSystem });
      fileSystem.arm('EIO', 0, call);
      scan(pruner);
      pruner.settled();
      rest(pruner);
      expect(history.files).toEqual(['1/1', '1/2', '2/2']);
      expect(pruner.takeLeft()).toEqual({ count: 1, failure: `${call}: EIO` });
      pruner.close();
    });
  }

  test('finds nothing where the history cannot be listed', () => {
    using history = new TestHistory('1/1', '1/2');
    const fileSystem = new FaultyFileSystem();
    fileSystem.arm('EACCES', 0, 'readdir');
    const pruner = readyPruner(history, { historyRevisionsMax: 1 }, { fileSystem });
    rest(pruner);
    expect(history.files).toEqual(['1/1', '1/2']);
    expect(pruner.takeLeft()).toEqual({ count: 1, failure: 'readdir: EACCES' });
    pruner.close();
  });
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

  test('a file that is gone already is as good as removed', () => {
    using history = new TestHistory(...versions(1, 1, 4), '2/1');
    const pruner = readyPruner(history, { historyRevisionsMax: 1, historyBytesMax: 10 });
    rmSync(join(history.path, '1/2'));
    rmSync(join(history.path, '2'), { recursive: true });
    rest(pruner);
    expect(history.files).toEqual([]);
    expect(goneOf(pruner)).toEqual(['1/4']);
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
    using history = new TestHistory(...versions(1, 50, 52));
    const fileSystem = new FaultyFileSystem();
    const pruner = readyPruner(history, { historyRevisionsMax: 3 }, { fileSystem });
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

  test('a pruner without a folder does not begin', () => {
    using history = new TestHistory();
    rmSync(history.path, { recursive: true });
    expect(() => newPruner(history, {})).toThrow('ENOENT');
  });
});
