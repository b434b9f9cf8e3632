/** Failures of which everybody knows that nothing happened: the server goes on after them. */

import { describe, expect, test } from 'bun:test';
import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileError } from '../../src/store/errno.ts';
import { systemFileSystem } from '../../src/store/system-file-system.ts';
import { FaultyFileSystem } from './faulty-file-system.ts';
import { brief, edit, fileStore, insert, readText, replace } from './support.ts';

describe('a name that the file system refuses', () => {
  for (const [call, portable] of [
    ['mkdirat', false],
    ['renameat', false],
    ['renameat', true],
    ['linkat', true],
  ] as const) {
    test(`EINVAL at ${call}${portable ? ', portable calls' : ''}`, () => {
      const fileSystem = new FaultyFileSystem();
      using store = fileStore({ fileSystem, portable });
      expect(brief(edit(store, 'p', replace('old')))).toBe('created');
      fileSystem.arm('EINVAL', 0, call);
      expect(brief(edit(store, 'p', replace('new')))).toBe('storage-error');
      expect(fileSystem.failed).toBe(call);
      expect(readText(store, 'p')).toBe('old');
      expect(store.publisher.failure).toBeUndefined();
      expect(brief(edit(store, 'p', replace('new')))).toBe('replaced');
    });
  }

  test('an exchange that fails for one name is tried again for the next', () => {
    const fileSystem = new FaultyFileSystem();
    using store = fileStore({ fileSystem, portable: false });
    edit(store, 'p', replace('1'));
    fileSystem.arm('EINVAL', 0, 'exchangeat');
    edit(store, 'p', replace('2'));
    fileSystem.calls.length = 0;
    edit(store, 'p', replace('3'));
    expect(fileSystem.calls).toContain('exchangeat');
  });
});

test('no room to make the store anew: edits are refused until there is some', () => {
  const fileSystem = new FaultyFileSystem();
  using store = fileStore({ fileSystem });
  edit(store, 'p', replace('1'));
  let isFull = true;
  fileSystem.beforeCall = (call) => {
    if (isFull && call === 'mkdirat') throw new FileError('ENOSPC', call);
  };
  rmSync(join(store.root, '.inkwire'), { recursive: true });
  const refused = new Set(Array.from({ length: 3 }, () => brief(edit(store, 'p', replace('2')))));
  expect(refused).toEqual(new Set(['storage-full']));
  isFull = false;
  const tries = Array.from({ length: 4 }, () => brief(edit(store, 'p', replace('2'))));
  expect(tries.at(-1)).toBe('replaced');
});

test('a page that says it was saved in the year 2300 takes edits', () => {
  using store = fileStore();
  const path = join(store.root, 'p.html');
  writeFileSync(path, '<body>\n</body>');
  const late = new Date('2300-01-01T00:00:00Z');
  utimesSync(path, late, late);
  const descriptor = systemFileSystem.open(path, 0, 0);
  expect(systemFileSystem.fstat(descriptor).identity.modifiedNs).toBe(2n ** 63n - 1n);
  systemFileSystem.close(descriptor);
  expect(brief(edit(store, 'p.html', insert('x')))).toBe('inserted');
});
