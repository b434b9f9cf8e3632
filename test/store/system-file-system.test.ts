/** The real file system: what it tells of an open file is what the runtime's own calls tell. */

import { afterAll, expect, test } from 'bun:test';
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { FileError } from '../../src/store/errno.ts';
import { systemFileSystem } from '../../src/store/system-file-system.ts';
import { temporaryRoot } from './support.ts';

const root = temporaryRoot();
afterAll(() => rmSync(root, { recursive: true }));
const file = join(root, 'file');
writeFileSync(file, 'content');
const old = join(root, 'old');
writeFileSync(old, '');
utimesSync(old, -1.5, -86_400.25);

const rows = [
  { name: 'a file', path: file, type: 'file' },
  { name: 'a file from before 1970', path: old, type: 'file' },
  { name: 'a folder', path: root, type: 'folder' },
  { name: 'a device', path: '/dev/null', type: 'other' },
] as const;

for (const { name, path, type } of rows) {
  test(`the status of ${name}`, () => {
    const descriptor = openSync(path, constants.O_RDONLY);
    try {
      const stats = fstatSync(descriptor, { bigint: true });
      expect(systemFileSystem.fstat(descriptor)).toEqual({
        type,
        identity: {
          device: stats.dev,
          inode: stats.ino,
          size: stats.size,
          modifiedNs: stats.mtimeNs,
          changedNs: stats.ctimeNs,
        },
        mode: Number(stats.mode & 0o7777n),
        user: Number(stats.uid),
        group: Number(stats.gid),
        links: Number(stats.nlink),
      });
    } finally {
      closeSync(descriptor);
    }
  });
}

test('a descriptor that is not open has no status', () => {
  expect(() => systemFileSystem.fstat(1_000_000)).toThrow(FileError);
});

test('a sync that is told later says how it went, as the one that is waited for', async () => {
  const told = (descriptor: number): Promise<string | undefined> =>
    new Promise((resolve) => {
      systemFileSystem.fdatasyncLater(descriptor, (failure) => resolve(failure?.message));
    });
  const descriptor = openSync(file, constants.O_RDWR);
  const device = openSync('/dev/null', constants.O_RDWR);
  try {
    expect(await told(descriptor)).toBeUndefined();
    // What no storage is behind cannot be synced.
    expect(await told(device)).toBe('fdatasync: EINVAL');
  } finally {
    closeSync(descriptor);
    closeSync(device);
  }
});
