/** What another program does between two calls, and in which order the calls come. */

import { describe, expect, test } from 'bun:test';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Edit } from '../../src/model/operation.ts';
import { journaledBytesMax } from '../../src/store/ledger/ledger.ts';
import { FaultyFileSystem } from './faulty-file-system.ts';
import { brief, edit, fileStore, insert, readText, remove, replace } from './support.ts';

describe('a page that changes while it is read', () => {
  for (const [name, changes, want] of [
    ['once: it is read again', 1, 'new 1'],
    ['seven times', 7, 'new 7'],
    ['again and again', Number.POSITIVE_INFINITY, '<unstable>'],
  ] as const) {
    test(name, () => {
      const fileSystem = new FaultyFileSystem();
      using store = fileStore({ fileSystem });
      const path = join(store.root, 'p.html');
      writeFileSync(path, 'old 0');
      let changed = 0;
      fileSystem.beforeCall = (call) => {
        if (call !== 'pread' || changed >= changes) return;
        changed += 1;
        writeFileSync(path, `new ${changed}`);
      };
      expect(readText(store, 'p.html')).toBe(want);
      changed = 0;
      const got = brief(edit(store, 'p.html', insert('x')));
      expect(got).toBe(want === '<unstable>' ? 'unstable' : 'inserted');
      expect(store.temporaries()).toEqual([]);
    });
  }

  test('once, and of the same size: the bytes are of one version', () => {
    const fileSystem = new FaultyFileSystem();
    using store = fileStore({ fileSystem });
    const path = join(store.root, 'p');
    writeFileSync(path, 'aaaa');
    let reads = 0;
    fileSystem.beforeCall = (call) => {
      if (call !== 'pread') return;
      reads += 1;
      if (reads === 2) writeFileSync(path, 'bbbb');
    };
    // The first reading is cut in half, and the page changes before its second half.
    fileSystem.arm('short', 0, 'pread');
    expect(readText(store, 'p')).toBe('bbbb');
  });
});

describe('the order of calls', () => {
  const syncing = ['fsync', 'fdatasync', 'syncfs'];
  const changing = [
    ...[...syncing, 'mkdirat', 'linkat', 'unlinkat'],
    ...['renameat', 'exchangeat', 'renameUnlessTakenat'],
  ];
  const rows: { name: string; path: string; edit: Edit; want: string[]; portable: string[] }[] = [
    {
      name: 'the record is synced before the page has its name',
      path: 'new',
      edit: replace('x'),
      want: ['fdatasync', 'renameUnlessTakenat'],
      portable: ['fdatasync', 'linkat', 'unlinkat'],
    },
    {
      name: 'the name of each new folder is synced',
      path: 'a/b/new',
      edit: replace('x'),
      want: [...['mkdirat', 'fsync', 'mkdirat', 'fsync'], ...['fdatasync', 'renameUnlessTakenat']],
      portable: [
        ...['mkdirat', 'fsync', 'mkdirat', 'fsync'],
        ...['fdatasync', 'linkat', 'unlinkat'],
      ],
    },
    {
      name: 'the page that is replaced goes into the history',
      path: 'p',
      edit: replace('x'),
      want: ['fdatasync', 'mkdirat', 'exchangeat', 'renameat'],
      portable: ['fdatasync', 'mkdirat', 'linkat', 'renameat'],
    },
    {
      name: 'a page that is too large for the journal is synced before its record',
      path: 'p',
      edit: replace('x'.repeat(journaledBytesMax + 1)),
      want: ['fsync', 'fsync', 'fdatasync', 'mkdirat', 'exchangeat', 'renameat'],
      portable: ['fsync', 'fsync', 'fdatasync', 'mkdirat', 'linkat', 'renameat'],
    },
    {
      name: 'remove',
      path: 'p',
      edit: remove(),
      want: ['fdatasync', 'mkdirat', 'renameat', 'renameat'],
      portable: ['fdatasync', 'mkdirat', 'renameat', 'renameat'],
    },
  ];
  for (const row of rows) {
    for (const durability of ['sync', 'none'] as const) {
      for (const portable of [false, true]) {
        test(`${durability}${portable ? ', portable' : ''}: ${row.name}`, () => {
          const fileSystem = new FaultyFileSystem();
          using store = fileStore({ fileSystem, durability, portable });
          edit(store, 'p', replace('old'));
          fileSystem.calls.length = 0;
          edit(store, row.path, row.edit);
          const want = (portable ? row.portable : row.want).filter(
            (call) => durability === 'sync' || !syncing.includes(call),
          );
          expect(fileSystem.calls.filter((call) => changing.includes(call))).toEqual(want);
        });
      }
    }
  }
});

test.each([
  ['EAGAIN', 'crossed the path'],
  ['EXDEV', 'took the page away that it had found'],
] as const)('openat2 is called again after %s: a rename %s', (errno) => {
  const fileSystem = new FaultyFileSystem();
  using store = fileStore({ fileSystem, portable: false });
  edit(store, 'p', replace('x'));
  for (const use of [() => readText(store, 'p'), () => brief(edit(store, 'p', replace('x')))]) {
    fileSystem.calls.length = 0;
    fileSystem.arm(errno, 0, 'openat2');
    expect(['x', 'replaced']).toContain(use());
    const tries = fileSystem.calls.filter((call) => call === 'openat2').length;
    // Where there is no openat2, none was called and nothing went wrong.
    if (fileSystem.failed === undefined) expect(tries).toBe(0);
    else expect(tries).toBeGreaterThan(1);
    fileSystem.disarm();
  }
});

test('a page on another file system takes no edit', () => {
  const fileSystem = new FaultyFileSystem();
  using store = fileStore({ fileSystem, portable: true });
  mkdirSync(join(store.root, 'mount'));
  writeFileSync(join(store.root, 'mount/p.html'), 'x');
  fileSystem.foreignInode = statSync(join(store.root, 'mount/p.html'), { bigint: true }).ino;
  for (const one of [replace('y'), insert('y'), remove()]) {
    expect(brief(edit(store, 'mount/p.html', one))).toBe('other-mount');
  }
  expect(readText(store, 'mount/p.html')).toBe('x');
});
