/** Groups of edits: what they share, and that one that fails takes no other along. */

import { describe, expect, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PreparedEdit } from '../../src/model/messages.ts';

import { journaledBytesMax } from '../../src/store/ledger/ledger.ts';
import { groupEditsMax } from '../../src/store/store.ts';
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

const syncs = ['fsync', 'fdatasync', 'syncfs'];
const namings = ['renameat', 'exchangeat', 'renameUnlessTakenat', 'linkat'];

describe('what a group shares', () => {
  test('one sync, of the record, before the first has its name', () => {
    for (const portable of [false, true]) {
      for (const count of [1, 10]) {
        const fileSystem = new FaultyFileSystem();
        using store = storeOf(fileSystem, portable);
        const group = pages(count).map((path) => prepare(store, path, path));
        fileSystem.calls.length = 0;
        expect(publish(store, group)).toEqual(group.map(() => 'created'));
        const calls = fileSystem.calls.filter((call) => [...syncs, ...namings].includes(call));
        const naming = portable ? 'linkat' : 'renameUnlessTakenat';
        expect(calls).toEqual(['fdatasync', ...group.map(() => naming)]);
      }
    }
  });

  test('the names of large pages are synced at once', () => {
    const fileSystem = new FaultyFileSystem();
    using store = storeOf(fileSystem);
    const large = 'x'.repeat(journaledBytesMax + 1);
    const group = pages(3).map((path) => prepare(store, path, path === 'p1' ? path : large));
    fileSystem.calls.length = 0;
    expect(publish(store, group)).toEqual(group.map(() => 'created'));
    const calls = fileSystem.calls.filter((call) => syncs.includes(call));
    // Two files, the folder for temporary files, the record.
    expect(calls).toEqual(['fsync', 'fsync', 'fsync', 'fdatasync']);
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

  test('the sync of a large page fails: that edit is unknown, and no later one happens', () => {
    const fileSystem = new FaultyFileSystem();
    using store = storeOf(fileSystem);
    const large = 'x'.repeat(journaledBytesMax + 1);
    const group = pages(2).map((path) => prepare(store, path, large));
    fileSystem.arm('EIO', 1, 'fsync');
    expect(publish(store, group)).toEqual(['read-only', 'outcome-unknown']);
    expect(fileSystem.calls.filter((call) => namings.includes(call))).toEqual([]);
    expect(publish(store, [prepare(store, 'p9', 'x')])).toEqual(['read-only']);
  });

  test('the sync of the record fails: all are unknown, and none is public', () => {
    const fileSystem = new FaultyFileSystem();
    using store = storeOf(fileSystem);
    const group = pages(2).map((path) => prepare(store, path, path));
    fileSystem.calls.length = 0;
    fileSystem.arm('EIO', 0, 'fdatasync');
    expect(publish(store, group)).toEqual(group.map(() => 'outcome-unknown'));
    expect(fileSystem.calls.filter((call) => namings.includes(call))).toEqual([]);
    // A second sync may say yes to data that is lost.
    expect(fileSystem.calls.filter((call) => syncs.includes(call))).toEqual(['fdatasync']);
    expect(publish(store, [prepare(store, 'p9', 'x')])).toEqual(['read-only']);
  });

  test('the disk fails at a name: that edit is unknown, and no later one happens', () => {
    const fileSystem = new FaultyFileSystem();
    using store = storeOf(fileSystem);
    const group = pages(3).map((path) => prepare(store, path, path));
    fileSystem.arm('EIO', 1, 'renameUnlessTakenat');
    expect(publish(store, group)).toEqual(['created', 'outcome-unknown', 'outcome-unknown']);
    expect(read(store, 'p0')).toBe('p0');
  });
});
