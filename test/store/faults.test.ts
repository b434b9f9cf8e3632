/**
 * One file call goes wrong at a time: the page is the old one or the new, and the answer is true.
 */

import { describe, expect, test } from 'bun:test';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Edit } from '../../src/model/operation.ts';
import { disagreements } from '../support/agreement.ts';
import { type Fault, FaultyFileSystem } from './faulty-file-system.ts';
import {
  brief,
  edit,
  type FileTestStore,
  fileStore,
  insert,
  publishOne,
  readPage,
  readText,
  remove,
  replace,
  temporaryRoot,
} from './support.ts';

/** More calls than any scenario makes; reaching it means that a loop does not end. */
const callsMax = 200;

const html = '<body>\n    <p>old</p>\n</body>\n';

interface Scenario {
  readonly name: string;
  readonly path: string;
  readonly edit: Edit;
  readonly old: string;
  readonly done: string;
}

const scenarios: readonly Scenario[] = [
  { name: 'create', path: 'new.html', edit: replace('new'), old: '<not-found>', done: 'created' },
  {
    name: 'create with folders',
    path: 'a/b/new.html',
    edit: replace('new'),
    old: '<not-found>',
    done: 'created',
  },
  { name: 'replace', path: 'dir/p.html', edit: replace('new'), old: html, done: 'replaced' },
  { name: 'insert', path: 'dir/p.html', edit: insert('new'), old: html, done: 'inserted' },
  { name: 'remove', path: 'dir/p.html', edit: remove(), old: html, done: 'removed' },
];

/** What a client may be told of each fault, if it is told of it at all. */
const codes: Record<
  Exclude<Fault, 'short' | 'EAGAIN' | 'EXDEV' | 'EINVAL' | 'ENOSYS'>,
  readonly string[]
> = {
  EIO: ['storage-error', 'outcome-unknown'],
  ENOSPC: ['storage-full', 'outcome-unknown'],
  EACCES: ['forbidden', 'outcome-unknown', 'unstable'],
  EPERM: ['forbidden', 'outcome-unknown'],
};

/** Calls of the publisher alone, which must be among those that go wrong; by scenario. */
const publishing: Record<string, { readonly with: string[]; readonly portable: string[] }> = {
  create: { with: ['renameUnlessTakenat'], portable: ['linkat', 'unlinkat'] },
  'create with folders': { with: ['renameUnlessTakenat', 'mkdirat'], portable: ['linkat'] },
  replace: { with: ['statat', 'exchangeat', 'renameat'], portable: ['statat', 'linkat'] },
  insert: { with: ['statat', 'exchangeat', 'renameat'], portable: ['statat', 'linkat'] },
  remove: { with: ['statat', 'renameat', 'mkdirat'], portable: ['statat', 'renameat'] },
};

function newPage(scenario: Scenario): string {
  using store = filled(new FaultyFileSystem(), false);
  edit(store, scenario.path, scenario.edit);
  return readText(store, scenario.path);
}

function filled(fileSystem: FaultyFileSystem, portable: boolean, root?: string): FileTestStore {
  const settings = { fileSystem, portable, durability: 'sync' } as const;
  const store = fileStore({ ...settings, ...(root !== undefined && { root }) });
  expect(brief(edit(store, 'dir/p.html', replace(html)))).toBe('created');
  return store;
}

/** What removes a temporary file. */
const cleaningCalls = ['unlinkat', 'fstat', 'open'];

/** Checks the store after an edit in which the call `failed` went wrong. */
function check(
  store: FileTestStore,
  scenario: Scenario,
  got: string,
  after: string,
  failed: string,
): void {
  const now = readText(store, scenario.path);
  const left = store.temporaries();
  if (got === scenario.done) {
    expect(now).toBe(after);
    // The page that was displaced could not be removed: the next start does it.
    expect(left.length).toBeLessThanOrEqual(cleaningCalls.includes(failed) ? 1 : 0);
  } else if (got === 'outcome-unknown') {
    expect([scenario.old, after]).toContain(now);
    // What stands under the temporary name may be the page that was displaced, so it stays.
    expect(left.length).toBeLessThanOrEqual(1);
    // Nobody knows what the disk holds, so nothing more is built on it.
    expect(brief(edit(store, 'other', replace('x')))).toBe('read-only');
    expect(store.temporaries()).toEqual(left);
  } else {
    expect(left).toEqual([]);
    expect(now).toBe(scenario.old);
    expect(existsSync(join(store.root, 'a'))).toBe(false);
    expect(brief(edit(store, scenario.path, scenario.edit))).toBe(scenario.done);
  }
}

/** A folder that is removed at the end. */
class Root implements Disposable {
  readonly path = temporaryRoot();

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

/** The next start settles it, and empties the folder for new pages. */
function checkNextStart(
  root: string,
  { path }: Scenario,
  portable: boolean,
  { pages, isKept }: { readonly pages: readonly string[]; readonly isKept: boolean },
): void {
  {
    using store = fileStore({ root, portable });
    expect(store.temporaries()).toEqual([]);
    expect(pages).toContain(readText(store, path));
  }
  const lost = `${path}: revision 1 (create) was displaced, and is not in the history`;
  expect(disagreements(root)).toEqual(isKept ? [] : [lost]);
}

for (const portable of [false, true]) {
  describe(portable ? 'faults, portable calls' : 'faults', () => {
    for (const scenario of scenarios) {
      for (const fault of ['EIO', 'ENOSPC', 'EACCES', 'EPERM', 'short'] as const) {
        test(`${scenario.name}: ${fault} at each call`, () => {
          const after = newPage(scenario);
          let faults = 0;
          const calls = new Set<string>();
          for (let nth = 0; nth < callsMax; nth += 1) {
            const fileSystem = new FaultyFileSystem();
            using root = new Root();
            using store = filled(fileSystem, portable, root.path);
            const openBefore = fileSystem.openCount;
            fileSystem.arm(fault, nth);
            const got = brief(edit(store, scenario.path, scenario.edit));
            fileSystem.disarm();
            const { failed } = fileSystem;
            if (failed === undefined) break;
            faults += 1;
            calls.add(failed);
            const swallowed = fault === 'short' || got === scenario.done;
            if (!swallowed)
              expect([failed, codes[fault]]).toEqual([failed, expect.arrayContaining([got])]);
            const isSync = failed === 'fsync' || failed === 'fdatasync';
            if (isSync && fault !== 'short') expect(got).toBe('outcome-unknown');
            if (fault === 'short') expect(got).toBe(scenario.done);
            check(store, scenario, got, after, failed);
            expect([failed, fileSystem.openCount]).toEqual([failed, openBefore]);
            const page = readText(store, scenario.path);
            store[Symbol.dispose]();
            // What was written down of an edit of which nobody knows is done by the next start.
            const pages = got === 'outcome-unknown' ? [page, after] : [page];
            // Where no file can have two names, and none can be exchanged, there is no history.
            const isKept = failed !== 'linkat' || fault !== 'EPERM' || scenario.old !== html;
            checkNextStart(root.path, scenario, portable, { pages, isKept });
          }
          const writes = scenario.edit.kind !== 'remove';
          expect(faults).toBeGreaterThan(fault === 'short' ? (writes ? 0 : -1) : 4);
          expect(faults).toBeLessThan(callsMax);
          const wanted = publishing[scenario.name]?.[portable ? 'portable' : 'with'] ?? [];
          if (fault !== 'short') expect([...calls]).toEqual(expect.arrayContaining(wanted));
        });
      }
    }

    test('a read answers whatever goes wrong, and closes what it opened', () => {
      for (const [fault, want] of [
        ['EIO', 'storage-error'],
        ['ENOSPC', 'storage-full'],
        ['EACCES', 'forbidden'],
        ['short', 'found'],
      ] as const) {
        for (let nth = 0; nth < callsMax; nth += 1) {
          const fileSystem = new FaultyFileSystem();
          using store = filled(fileSystem, portable);
          const openBefore = fileSystem.openCount;
          fileSystem.arm(fault, nth);
          const { result } = readPage(store, 'dir/p.html');
          fileSystem.disarm();
          if (fileSystem.failed === undefined) break;
          const closing = fileSystem.failed === 'close';
          expect([fileSystem.failed, brief(result)]).toEqual([
            fileSystem.failed,
            closing ? 'found' : want,
          ]);
          expect(fileSystem.openCount).toBe(openBefore);
        }
      }
    });
  });
}

describe('a file system without second names', () => {
  test('a page is created by a rename, and not over another', () => {
    const fileSystem = new FaultyFileSystem();
    using store = filled(fileSystem, true);
    fileSystem.arm('EPERM', 0, 'linkat');
    expect(brief(edit(store, 'new', replace('1')))).toBe('created');
    expect(fileSystem.failed).toBe('linkat');
    expect(readText(store, 'new')).toBe('1');
    const operation = { kind: 'edit', id: 1, key: 'late' as never, edits: [replace('2')] } as const;
    const prepared = store.executor.prepare(operation);
    if (!('change' in prepared)) throw new Error('not prepared');
    edit(store, 'late', replace('first'));
    fileSystem.arm('EPERM', 0, 'linkat');
    expect(publishOne(store, prepared).results.map(brief)).toEqual(['unstable']);
    expect(readText(store, 'late')).toBe('first');
    expect(store.temporaries()).toEqual([]);
  });
});

describe('durability none', () => {
  test('leaves out the syncs and nothing else', () => {
    const fileSystem = new FaultyFileSystem();
    using store = fileStore({ fileSystem, durability: 'none' });
    fileSystem.arm('EIO', 0, 'fsync');
    expect(brief(edit(store, 'a/b', replace('1')))).toBe('created');
    expect(brief(edit(store, 'a/b', remove()))).toBe('removed');
    expect(fileSystem.failed).toBeUndefined();
  });
});

describe('a file system that cannot exchange names', () => {
  for (const errno of ['EINVAL', 'ENOSYS'] as const) {
    test(`${errno}: pages are replaced and created all the same`, () => {
      const fileSystem = new FaultyFileSystem();
      using store = filled(fileSystem, false);
      fileSystem.arm(errno, 0, 'exchangeat');
      expect(brief(edit(store, 'dir/p.html', replace('1')))).toBe('replaced');
      expect(readText(store, 'dir/p.html')).toBe('1');
      expect(brief(edit(store, 'new', replace('2')))).toBe('created');
      expect(readText(store, 'new')).toBe('2');
      expect(fileSystem.calls.filter((call) => call === 'exchangeat')).toHaveLength(1);
      expect(fileSystem.calls).toContain('linkat');
      expect(store.temporaries()).toEqual([]);
    });
  }
});
