/** Groups whose record is synced while their thread does something else. */

import { describe, expect, test } from 'bun:test';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PreparedEdit } from '../../src/model/messages.ts';
import type { EditOutcome } from '../../src/model/operation.ts';
import { syncedLaterMin } from '../../src/store/file-publisher.ts';
import type { PrunerOwner } from '../../src/store/history/pruner-link.ts';
import { ledgerFileName } from '../../src/store/layout.ts';
import { openLedgerReader } from '../../src/store/ledger/open-ledger.ts';
import { openPublisher } from '../../src/store/open-publisher.ts';
import type { SettlerOwner } from '../../src/store/settle/settler-link.ts';
import { FaultyFileSystem } from './faulty-file-system.ts';
import {
  brief,
  edit,
  type FileStoreSettings,
  type FileTestStore,
  fileStore,
  key,
  replace,
} from './support.ts';
import { WaitingClock } from './waiting-clock.ts';

const namings = ['exchangeat', 'renameat', 'renameUnlessTakenat', 'linkat'];
const syncs = ['fdatasync', 'fdatasyncLater', 'fsync', 'syncfs'];

function pages(count: number, folder = ''): string[] {
  return Array.from({ length: count }, (_, index) => `${folder}p${index}`);
}

function prepare(store: FileTestStore, path: string, content: string): PreparedEdit {
  const operation = { kind: 'edit', id: 1, key: key(path), edits: [replace(content)] } as const;
  const prepared = store.executor.prepare(operation);
  if (!('change' in prepared)) throw new Error(`${path} was not prepared`);
  return prepared;
}

/** Begins to publish; `end` is what came of it, `undefined` as long as nothing has. */
function publishLater(store: FileTestStore, group: readonly PreparedEdit[]) {
  const { promise, resolve } = Promise.withResolvers<string[]>();
  const later: { end: string[] | undefined; readonly ended: Promise<string[]> } = {
    end: undefined,
    ended: promise,
  };
  store.publisher.publishLater?.(group, (outcomes: readonly EditOutcome[]) => {
    later.end = outcomes.flatMap(({ results }) => results.map(brief));
    resolve(later.end);
  });
  return later;
}

function removeStore({ root }: FileTestStore): void {
  rmSync(join(root, '.inkwire'), { recursive: true });
}

function pageOf({ root }: FileTestStore, path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** What the ledger knows of a page, the newest first. */
function revisionsOf({ root }: FileTestStore, path: string): number[] {
  const ledger = openLedgerReader(join(root, '.inkwire', ledgerFileName));
  try {
    return ledger.revisions(key(path)).map(({ revision }) => revision);
  } finally {
    ledger.close();
  }
}

function ofCalls(fileSystem: FaultyFileSystem, names: readonly string[]): string[] {
  return fileSystem.calls.filter((call) => names.includes(call));
}

function storeOf(settings: FileStoreSettings): FileTestStore {
  return fileStore({ durability: 'sync', ...settings });
}

describe('a group that is synced later', () => {
  test('is public and answered behind the sync, and not before', async () => {
    const fileSystem = new FaultyFileSystem();
    using store = storeOf({ fileSystem });
    const group = pages(syncedLaterMin).map((path) => prepare(store, path, path));
    fileSystem.calls.length = 0;
    const later = publishLater(store, group);
    expect(later.end).toBeUndefined();
    expect(ofCalls(fileSystem, syncs)).toEqual(['fdatasyncLater']);
    expect(ofCalls(fileSystem, namings)).toEqual([]);
    expect(await later.ended).toEqual(group.map(() => 'created'));
    expect(ofCalls(fileSystem, syncs)).toEqual(['fdatasyncLater']);
    expect(pageOf(store, 'p0')).toBe('p0');
  });

  test('others are prepared meanwhile, and the next one comes behind it', async () => {
    using store = storeOf({ fileSystem: new FaultyFileSystem() });
    const first = pages(syncedLaterMin).map((path) => prepare(store, path, '1'));
    const later = publishLater(store, first);
    const others = pages(syncedLaterMin, 'other-').map((path) => prepare(store, path, '2'));
    await later.ended;
    expect(await publishLater(store, others).ended).toEqual(others.map(() => 'created'));
    expect([pageOf(store, 'p0'), pageOf(store, 'other-p0')]).toEqual(['1', '2']);
  });

  test.each([
    { name: 'too few edits', count: syncedLaterMin - 1, durability: 'sync' },
    { name: 'nothing is synced', count: syncedLaterMin, durability: 'none' },
  ] as const)('not where there are $name: it is published at once', ({ count, durability }) => {
    const fileSystem = new FaultyFileSystem();
    using store = storeOf({ fileSystem, durability });
    const group = pages(count).map((path) => prepare(store, path, path));
    expect(publishLater(store, group).end).toEqual(group.map(() => 'created'));
    expect(fileSystem.calls).not.toContain('fdatasyncLater');
  });

  test('one page twice: both are published, one after the other', () => {
    using store = storeOf({ fileSystem: new FaultyFileSystem() });
    const group = pages(syncedLaterMin).map((path) => prepare(store, path, '1'));
    const again = { ...prepare(store, 'p0', '2'), id: 2 };
    expect(publishLater(store, [...group, again]).end).toEqual([
      ...group.map(() => 'created'),
      'unstable',
    ]);
  });

  test('the sync fails: all are unknown, none is public, and nothing is taken any more', async () => {
    const fileSystem = new FaultyFileSystem();
    using store = storeOf({ fileSystem });
    const group = pages(syncedLaterMin).map((path) => prepare(store, path, path));
    fileSystem.calls.length = 0;
    fileSystem.arm('EIO', 0, 'fdatasyncLater');
    expect(await publishLater(store, group).ended).toEqual(group.map(() => 'outcome-unknown'));
    expect(ofCalls(fileSystem, namings)).toEqual([]);
    expect(ofCalls(fileSystem, syncs)).toEqual(['fdatasyncLater']);
    expect(store.publisher.failure).toContain('fdatasync');
    expect(brief(edit(store, 'p9', replace('x')))).toBe('read-only');
  });

  test('the journal is removed meanwhile: none is public, and the store is made anew', async () => {
    const fileSystem = new FaultyFileSystem();
    using store = storeOf({ fileSystem });
    const group = pages(syncedLaterMin).map((path) => prepare(store, path, path));
    const later = publishLater(store, group);
    removeStore(store);
    expect(await later.ended).toEqual(group.map(() => 'unstable'));
    expect(brief(edit(store, 'p0', replace('again')))).toBe('created');
  });
});

describe('meanwhile', () => {
  /** A store with threads of its own, as the server has them, but that nothing runs in them. */
  function observed() {
    const clock = new WaitingClock();
    const asked: string[] = [];
    const owners: { pruner?: PrunerOwner; settler?: SettlerOwner } = {};
    const fileSystem = new FaultyFileSystem();
    const open: FileStoreSettings['open'] = (options) => {
      const opened = openPublisher(options, {
        ...{ fileSystem, clock },
        startPruner: (owner) => {
          owners.pruner = owner;
          return { added: () => {}, close: () => {}, exited: Promise.resolve() };
        },
        startSettler: (owner) => {
          owners.settler = owner;
          const settle = (): unknown => asked.push('settle');
          return { settle, close: () => {}, exited: Promise.resolve() };
        },
      });
      if (opened.kind !== 'open') throw new Error(opened.kind);
      return opened;
    };
    const settled = (): void => owners.settler?.settled();
    return { store: storeOf({ fileSystem, open }), clock, asked, owners, settled };
  }

  test('what is due to be settled waits for the end of the group', async () => {
    const { store, clock, asked, settled } = observed();
    using _ = store;
    edit(store, 'first', replace('1'));
    const group = pages(syncedLaterMin).map((path) => prepare(store, path, path));
    const later = publishLater(store, group);
    clock.goOff();
    expect(asked).toEqual([]);
    await later.ended;
    expect(asked).toEqual(['settle']);
    settled();
    edit(store, 'last', replace('1'));
    expect(asked).toEqual(['settle']);
  });

  test('a group that ends while others are settled is settled later, though none follows', () => {
    const { store, clock, asked, settled } = observed();
    using _ = store;
    edit(store, 'first', replace('1'));
    clock.goOff();
    edit(store, 'second', replace('1'));
    expect([asked.length, clock.timers]).toEqual([1, 0]);
    settled();
    expect(clock.timers).toBe(1);
    clock.goOff();
    expect(asked).toEqual(['settle', 'settle']);
    settled();
    expect(clock.timers).toBe(0);
  });

  test('the ledger forgets pruned versions behind the group', async () => {
    const { store, clock, owners } = observed();
    using _ = store;
    for (const content of ['1', '2', '3']) edit(store, 'p0', replace(content));
    clock.goOff();
    const group = pages(syncedLaterMin).map((path) => prepare(store, path, path));
    const later = publishLater(store, group);
    owners.pruner?.pruned([{ page: 1, revision: 2 }]);
    expect(revisionsOf(store, 'p0')).toEqual([4, 3, 2, 1]);
    expect(await later.ended).not.toContain('internal-error');
    expect(revisionsOf(store, 'p0')).toEqual([4, 3]);
  });
});
