/** Groups of edits: what they share, and that one that fails takes no other along. */

import { describe, expect, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PreparedEdit } from '../../src/model/messages.ts';
import { groupEditsMax } from '../../src/store/file-publisher.ts';
import { syncsEachMax } from '../../src/store/group-sync.ts';
import { FaultyFileSystem } from './faulty-file-system.ts';
import { brief, edit, type FileTestStore, fileStore, key, remove, replace } from './support.ts';

function storeOf(fileSystem: FaultyFileSystem, portable = false): FileTestStore {
  return fileStore({ fileSystem, portable, durability: 'sync' });
}

function prepare(store: FileTestStore, path: string, content: string | undefined): PreparedEdit {
  const edits = [content === undefined ? remove() : replace(content)];
  const prepared = store.executor.prepare({ kind: 'edit', id: 1, key: key(path), edits });
  if (!('change' in prepared)) throw new Error(`${path} was not prepared`);
  return prepared;
}

function publish(store: FileTestStore, group: readonly PreparedEdit[]): string[] {
  return store.publisher.publish(group).flatMap(({ results }) => results.map(brief));
}

function pages(count: number, folder = ''): string[] {
  return Array.from({ length: count }, (_, index) => `${folder}p${index}`);
}

function read(store: FileTestStore, path: string): string {
  return readFileSync(join(store.root, path), 'utf8');
}

const syncs = ['fsync', 'syncfs'];
const namings = ['renameat', 'exchangeat', 'renameUnlessTakenat', 'linkat'];

describe('what a group shares', () => {
  test('all pages are synced before the first has its name, and all names before any answer', () => {
    const fileSystem = new FaultyFileSystem();
    using store = storeOf(fileSystem);
    const group = pages(syncsEachMax - 1).map((path) => prepare(store, path, path));
    fileSystem.calls.length = 0;
    expect(publish(store, group)).toEqual(group.map(() => 'created'));
    const calls = fileSystem.calls.filter((call) => [...syncs, ...namings].includes(call));
    expect(calls).toEqual([
      // The ledger's.
      'fsync',
      ...group.map(() => 'fsync'),
      ...group.map(() => 'renameUnlessTakenat'),
      // They share their folder.
      'fsync',
    ]);
  });

  test('many pages, and many folders, take one sync of the file system', () => {
    const fileSystem = new FaultyFileSystem();
    using store = storeOf(fileSystem);
    const paths = pages(syncsEachMax + 1, 'd');
    for (const path of paths) edit(store, `${path}/x`, replace('old'));
    const group = paths.map((path) => prepare(store, `${path}/x`, 'new'));
    fileSystem.calls.length = 0;
    expect(publish(store, group)).toEqual(group.map(() => 'replaced'));
    expect(fileSystem.calls.filter((call) => syncs.includes(call))).toEqual(['syncfs', 'syncfs']);
    for (const path of paths) expect(read(store, `${path}/x`)).toBe('new');
    expect(store.temporaries()).toEqual([]);
  });

  test('without such a sync each is synced by itself', () => {
    for (const portable of [true, false]) {
      const fileSystem = new FaultyFileSystem();
      using store = storeOf(fileSystem, portable);
      fileSystem.arm('ENOSYS', 0, 'syncfs');
      const group = pages(10).map((path) => prepare(store, path, path));
      fileSystem.calls.length = 0;
      expect(publish(store, group)).toEqual(group.map(() => 'created'));
      expect(fileSystem.calls.filter((call) => call === 'fsync')).toHaveLength(12);
    }
  });

  test('a group beyond the bound is published in parts, and nobody waits in vain', () => {
    const fileSystem = new FaultyFileSystem();
    using store = storeOf(fileSystem);
    const openBefore = fileSystem.openCount;
    const group = pages(groupEditsMax + 1).map((path) => prepare(store, path, path));
    expect(publish(store, group)).toHaveLength(groupEditsMax + 1);
    expect(read(store, `p${groupEditsMax}`)).toBe(`p${groupEditsMax}`);
    expect(fileSystem.openCount - openBefore).toBeLessThanOrEqual(2);
  });
});

describe('one that fails', () => {
  test('is answered alone: another program changed its page', () => {
    const fileSystem = new FaultyFileSystem();
    using store = storeOf(fileSystem);
    for (const path of pages(3)) edit(store, path, replace('old'));
    const group = pages(3).map((path) => prepare(store, path, 'new'));
    writeFileSync(join(store.root, 'p1'), 'another program');
    expect(publish(store, group)).toEqual(['replaced', 'unstable', 'replaced']);
    expect(pages(3).map((path) => read(store, path))).toEqual(['new', 'another program', 'new']);
    expect(store.temporaries()).toEqual([]);
  });

  test('is answered alone: its name could not be given', () => {
    const fileSystem = new FaultyFileSystem();
    using store = storeOf(fileSystem);
    const group = pages(3).map((path) => prepare(store, path, path));
    fileSystem.arm('ENOSPC', 1, 'renameUnlessTakenat');
    expect(publish(store, group)).toEqual(['created', 'storage-full', 'created']);
    expect(store.temporaries()).toEqual([]);
  });

  test('a sync that fails: that edit is unknown, and no later one happens', () => {
    const fileSystem = new FaultyFileSystem();
    using store = storeOf(fileSystem);
    const group = pages(2).map((path) => prepare(store, path, path));
    fileSystem.arm('EIO', 1, 'fsync');
    expect(publish(store, group)).toEqual(['outcome-unknown', 'read-only']);
    expect(fileSystem.calls.filter((call) => namings.includes(call))).toEqual([]);
    expect(publish(store, [prepare(store, 'p9', 'x')])).toEqual(['read-only']);
    // The next start tells by them that the edits, which the ledger may know, did not happen.
    expect(store.temporaries()).toHaveLength(2);
  });

  test('a sync of the ledger that fails: all are unknown, and none is public', () => {
    const fileSystem = new FaultyFileSystem();
    using store = storeOf(fileSystem);
    const group = pages(2).map((path) => prepare(store, path, path));
    fileSystem.arm('EIO', 0, 'fsync');
    expect(publish(store, group)).toEqual(group.map(() => 'outcome-unknown'));
    expect(fileSystem.calls.filter((call) => namings.includes(call))).toEqual([]);
    expect(publish(store, [prepare(store, 'p9', 'x')])).toEqual(['read-only']);
  });

  test('a sync of all that fails: all are unknown, and none is public', () => {
    const fileSystem = new FaultyFileSystem();
    using store = storeOf(fileSystem);
    const group = pages(5).map((path) => prepare(store, path, path));
    fileSystem.calls.length = 0;
    fileSystem.arm('EIO', 0, 'syncfs');
    expect(publish(store, group)).toEqual(group.map(() => 'outcome-unknown'));
    expect(fileSystem.calls.filter((call) => namings.includes(call))).toEqual([]);
    // A second sync may say yes to data that is lost.
    expect(fileSystem.calls.filter((call) => syncs.includes(call))).toEqual(['syncfs']);
  });

  test('the sync of the folder fails: all that are public are unknown', () => {
    const fileSystem = new FaultyFileSystem();
    using store = storeOf(fileSystem);
    edit(store, 'p1', replace('old'));
    const group = pages(2).map((path) => prepare(store, path, 'new'));
    fileSystem.arm('EIO', 3, 'fsync');
    expect(publish(store, group)).toEqual(group.map(() => 'outcome-unknown'));
    // The page that was replaced is kept: nobody knows which of the two the disk holds.
    expect(store.displaced()).toEqual(['1/1']);
    expect(publish(store, [prepare(store, 'p9', 'x')])).toEqual(['read-only']);
  });

  test('the disk fails at a name: that edit is unknown, and no later one happens', () => {
    const fileSystem = new FaultyFileSystem();
    using store = storeOf(fileSystem);
    const group = pages(3).map((path) => prepare(store, path, path));
    fileSystem.arm('EIO', 1, 'renameUnlessTakenat');
    expect(publish(store, group)).toEqual(['created', 'outcome-unknown', 'read-only']);
    expect(read(store, 'p0')).toBe('p0');
  });
});
