/** What a start finds in the history: what it takes for old, and what is none of its business. */

import { describe, expect, test } from 'bun:test';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  versions,
} from './support.ts';

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

  test('what was added while it went on has the place at which it was added', () => {
    using history = new TestHistory('3/1', '1/9', '1/7');
    const fileSystem = new DatedFileSystem();
    fileSystem.order = ['1/7', '1/9', '3/1'];
    const pruner = newPruner(history, { historyBytesMax: 20 }, { fileSystem });
    for (const text of ['3/1', '1/9', '1/7']) pruner.add(version(text));
    scan(pruner);
    pruner.settled();
    rest(pruner);
    expect(history.files).toEqual(['1/7', '1/9']);
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
