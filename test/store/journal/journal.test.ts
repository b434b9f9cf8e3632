/** The journal's files and its promises one by one: bytes that changed, limits, full disks. */

import { describe, expect, test } from 'bun:test';
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileError } from '../../../src/store/errno.ts';
import { openJournal } from '../../../src/store/journal/journal.ts';
import { findLeftOver } from '../../../src/store/journal/left-over.ts';
import { systemFileSystem } from '../../../src/store/system-file-system.ts';
import { openBelow } from '../../dispatch/harness.ts';
import { FaultyFileSystem } from '../faulty-file-system.ts';
import { idOf, JournalLife } from './journal-life.ts';

/** The two segments as they are on disk. */
function segmentsOf(life: JournalLife): [Uint8Array, Uint8Array] {
  const [zeroth, first] = ['0', '1'].map((name) => {
    return new Uint8Array(readFileSync(join(life.path, name)));
  });
  return [zeroth ?? new Uint8Array(), first ?? new Uint8Array()];
}

function errnoOf(run: () => void): string {
  try {
    run();
    return 'none';
  } catch (error) {
    if (error instanceof FileError) return error.errno;
    throw error;
  }
}

/** Records 1, 2 and 3 in the older segment, 4 and 5 in the newer one; nothing is settled. */
function twoSegments(life: JournalLife): void {
  life.start();
  for (const length of [4, 9, 30]) life.append(length);
  life.sync();
  life.begin();
  for (const length of [16, 21]) life.append(length);
  life.sync();
}

describe('bytes that changed', () => {
  const older = [1, 2, 3];
  const newer = [4, 5];
  /** What may be found when segment 0, the older one, or 1 is not what it was. */
  const allowed = [
    [[...older, ...newer], newer].map(String),
    [[...older, ...newer], [...older, 4], older].map(String),
  ] as const;

  const changes: readonly {
    name: string;
    change: (at: number, bytes: Uint8Array) => Uint8Array;
  }[] = [
    { name: 'cut off', change: (at, bytes) => bytes.slice(0, at) },
    ...[1, 0x80, 0xff].map((bits) => ({
      name: `a byte flipped by ${bits}`,
      change: (at: number, bytes: Uint8Array) =>
        bytes.map((byte, index) => (index === at ? byte ^ bits : byte)),
    })),
  ];
  for (const { name, change } of changes) {
    test(`${name}: a run is found, and nothing else`, () => {
      using life = new JournalLife({ segmentBytes: 512 });
      twoSegments(life);
      const whole = segmentsOf(life);
      expect(findLeftOver(...whole)).toMatchObject({ last: 5, sequence: 2, next: 0 });
      for (const segment of [0, 1] as const) {
        const seen = new Set<string>();
        for (let at = 0; at < whole[segment].length; at += 1) {
          const changed = change(at, whole[segment]);
          const [zeroth, first] = segment === 0 ? [changed, whole[1]] : [whole[0], changed];
          const found = findLeftOver(zeroth, first).payloads.map(idOf);
          expect(allowed[segment]).toContain(String(found));
          seen.add(String(found));
        }
        expect(seen.size).toBe(allowed[segment].length);
      }
    });
  }

  test('of a journal in one segment the records before them are found', () => {
    using life = new JournalLife({ segmentBytes: 512 });
    life.start();
    for (const length of [4, 9, 30]) life.append(length);
    const [zeroth, first] = segmentsOf(life);
    for (let at = 0; at < zeroth.length; at += 1) {
      const found = findLeftOver(
        zeroth.map((byte, index) => (index === at ? byte ^ 4 : byte)),
        first,
      ).payloads.map(idOf);
      expect(['', '1', '1,2', '1,2,3']).toContain(String(found));
    }
  });
});

describe('what is left over', () => {
  test('leaves out what a record tells that it is settled', () => {
    using life = new JournalLife();
    twoSegments(life);
    life.crash();
    expect(life.open()).toEqual([1, 2, 3, 4, 5]);
    life.restart();
    expect(life.journal.leftOver).toEqual([]);
    twoSegments(life);
    life.end();
    life.append(4);
    life.crash();
    expect(life.open()).toEqual([9, 10, 11]);
  });

  test('is nothing of a new journal, and nothing after a start without edits', () => {
    using life = new JournalLife();
    expect(life.open()).toEqual([]);
    life.restart();
    life.crash(() => 0);
    expect(life.open()).toEqual([]);
  });

  test('is no record of an earlier use, though its number and place are right', () => {
    using life = new JournalLife();
    life.start();
    life.append(40);
    life.sync();
    for (let count = 0; count < 4; count += 1) life.append(40);
    // The second one is lost, and those behind it are there.
    const bytes = segmentsOf(life)[0];
    bytes[56 + 80 + 40] = 0;
    life.crash();
    writeFileSync(join(life.path, '0'), bytes);
    expect(life.open()).toEqual([1]);
    life.restart();
    life.append(40);
    life.sync();
    life.begin();
    life.end();
    // Now number 3, where 1 to 3 were: behind it stands a number 4.
    life.append(3 * 80 - 40);
    life.crash();
    expect(life.open()).toEqual([7]);
  });

  test('can not be told of a later release', () => {
    using life = new JournalLife();
    twoSegments(life);
    const [zeroth] = segmentsOf(life);
    const view = new DataView(zeroth.buffer);
    view.setBigUint64(8, 2n, true);
    view.setBigUint64(48, Bun.hash.xxHash3(zeroth.subarray(0, 48)), true);
    life.crash();
    writeFileSync(join(life.path, '0'), zeroth);
    expect(errnoOf(() => life.open())).toBe('EOPNOTSUPP');
    expect(openBelow(life.root.path) ?? []).toEqual([]);
  });
});

describe('settling', () => {
  test('is due when a segment is full, once', () => {
    using life = new JournalLife({ segmentBytes: 1_000 });
    life.start();
    expect(life.journal.hasUnsettled).toBe(false);
    // 56 bytes of the header, 40 around each payload.
    life.append(1_000 - 56 - 40 - 8 - 4);
    expect(life.journal.isFull).toBe(false);
    expect(life.journal.hasUnsettled).toBe(true);
    life.append(4);
    expect(life.journal.isFull).toBe(true);
    life.sync();
    life.begin();
    expect(life.journal.isFull).toBe(false);
    life.append(1_000);
    expect(life.journal.isFull).toBe(false);
    life.end();
    expect(life.journal.isFull).toBe(true);
    expect(life.journal.hasUnsettled).toBe(true);
    life.sync();
    life.begin();
    life.end();
    expect(life.journal.hasUnsettled).toBe(false);
    expect(life.journal.isFull).toBe(false);
  });

  test('of nothing leaves the segment in use', () => {
    using life = new JournalLife();
    life.start();
    for (let round = 0; round < 3; round += 1) {
      life.begin();
      life.end();
    }
    life.append(4);
    life.sync();
    life.crash();
    expect(life.open()).toEqual([1]);
  });

  test('is not begun twice, not ended twice, and not begun over records that are not synced', () => {
    using life = new JournalLife();
    life.start();
    expect(() => life.journal.endSettling()).toThrow('no settling');
    life.append(4);
    expect(() => life.begin()).toThrow('could be lost');
    life.sync();
    life.begin();
    expect(() => life.begin()).toThrow('one settling at a time');
  });
});

describe('its files', () => {
  test('have their room when they are opened, and no more after a start', () => {
    using life = new JournalLife();
    life.start();
    const sizes = () => ['0', '1'].map((name) => statSync(join(life.path, name)).size);
    expect(sizes()).toEqual([2_048, 2_048]);
    expect(statSync(join(life.path, '1')).mode & 0o777).toBe(0o600);
    life.append(10_000);
    life.sync();
    expect(Math.max(...sizes())).toBeGreaterThan(10_000);
    life.crash();
    life.start();
    expect(sizes()).toEqual([2_048, 2_048]);
  });

  test('take a record of any length', () => {
    using life = new JournalLife();
    life.start();
    for (const length of [0x1_0000, 0x40_0000, 0x50_0000, 4]) life.append(length);
    life.crash();
    expect(life.open()).toEqual([1, 2, 3, 4]);
  });

  test('are synced: each and the folders when they are opened, one for each sync', () => {
    using life = new JournalLife();
    const fileSystem = new FaultyFileSystem();
    const count = (name: string) => fileSystem.calls.filter((call) => call === name).length;
    const journal = openJournal(life.path, { durability: 'sync', segmentBytes: 600 }, fileSystem);
    expect([count('fsync'), count('fdatasync')]).toEqual([4, 0]);
    journal.restart();
    expect([count('fsync'), count('fdatasync')]).toEqual([4, 1]);
    const before = count('pwrite');
    journal.append(new Uint8Array(100));
    journal.append(new Uint8Array(0));
    expect(count('pwrite')).toBe(before + 2);
    journal.sync();
    journal.sync();
    expect([count('fsync'), count('fdatasync')]).toEqual([4, 2]);
    journal.close();
    journal.close();
    expect(fileSystem.openCount).toBe(0);
  });

  test('are synced beside other work: the end is told later, and a failure with it', async () => {
    using life = new JournalLife();
    const fileSystem = new FaultyFileSystem();
    const journal = openJournal(life.path, { durability: 'sync' }, fileSystem);
    const told = (): Promise<FileError | undefined> =>
      new Promise((resolve) => journal.syncLater(resolve));
    journal.restart();
    journal.append(new Uint8Array(100));
    expect(await told()).toBeUndefined();
    journal.append(new Uint8Array(100));
    fileSystem.arm('EIO', 0, 'fdatasyncLater');
    expect((await told())?.errno).toBe('EIO');
    const ended = told();
    rmSync(life.path, { recursive: true });
    expect((await ended)?.errno).toBe('ENOENT');
    journal.close();
  });

  test('are not synced, and have no room reserved, under durability none', () => {
    using life = new JournalLife();
    const fileSystem = new FaultyFileSystem();
    const journal = openJournal(life.path, { durability: 'none' }, fileSystem);
    journal.restart();
    journal.append(new Uint8Array(100));
    journal.sync();
    journal.close();
    expect(fileSystem.calls.filter((call) => call.endsWith('sync'))).toEqual([]);
    expect(statSync(join(life.path, '0')).size).toBeLessThan(300);
  });

  test('that were removed are noticed by a sync', () => {
    for (const durability of ['sync', 'none'] as const) {
      using life = new JournalLife({ durability });
      life.start();
      life.append(4);
      rmSync(life.path, { recursive: true });
      life.append(4);
      expect(errnoOf(() => life.sync())).toBe('ENOENT');
    }
  });

  test('are neither links nor anything else', () => {
    const link = (path: string) => symlinkSync('/dev/null', path);
    for (const { name, put, errno } of [
      { name: '.inkwire/journal', put: link, errno: 'ENOTDIR' },
      { name: '.inkwire/journal/1', put: link, errno: 'ELOOP' },
      { name: '.inkwire/journal/1', put: mkdirSync, errno: 'EISDIR' },
      {
        name: '.inkwire/journal/1',
        put: (path: string) => Bun.spawnSync(['mkfifo', path]),
        errno: 'EINVAL',
      },
    ]) {
      using life = new JournalLife();
      life.start();
      life.crash();
      rmSync(join(life.root.path, name), { recursive: true });
      put(join(life.root.path, name));
      expect(errnoOf(() => life.open())).toBe(errno);
      expect(openBelow(life.root.path) ?? []).toEqual([]);
    }
  });

  test('that take nothing, and name no reason, are not written to for ever', () => {
    using life = new JournalLife();
    const fileSystem = { ...systemFileSystem, pwrite: () => 0 };
    expect(errnoOf(() => openJournal(life.path, { durability: 'sync' }, fileSystem))).toBe('EIO');
  });
});

describe('a full disk', () => {
  test('that has no room to reserve leaves a journal that grows', () => {
    using life = new JournalLife();
    life.disk.fileBytesMax = 1_000;
    life.start();
    const sizes = ['0', '1'].map((name) => statSync(join(life.path, name)).size);
    expect(sizes).toEqual([56, 0]);
    expect(life.append(500)).toBe(true);
    expect(life.append(500)).toBe(false);
    expect(life.append(300)).toBe(true);
    life.sync();
    life.crash(() => 0);
    expect(life.open()).toEqual([1, 3]);
  });

  test('takes no record, as if it had not been asked, whatever the byte at which it is full', () => {
    for (const { isFresh, start, bytes } of [
      { isFresh: false, start: 56 + 88, bytes: 96 },
      { isFresh: true, start: 0, bytes: 56 + 96 },
    ]) {
      for (let room = 0; room < bytes; room += 1) {
        using life = new JournalLife({ segmentBytes: 400 });
        life.start();
        life.append(48);
        life.sync();
        if (isFresh) life.begin();
        life.disk.fileBytesMax = start + room;
        expect(errnoOf(() => life.journal.append(new Uint8Array(56)))).toBe('ENOSPC');
        life.sync();
        life.disk.fileBytesMax = Number.MAX_VALUE;
        if (room % 2 === 0) life.append(56);
        life.sync();
        life.crash();
        expect(life.open()).toEqual(room % 2 === 0 ? [1, 2] : [1]);
      }
    }
  });

  test('takes no record of which the last byte is missing, though it stands there already', () => {
    using life = new JournalLife({ segmentBytes: 200 });
    life.start();
    // The room was reserved by zeros, and one checksum of 256 ends so.
    life.disk.fileBytesMax = 56 + 48 - 1;
    for (let tries = 0; tries < 2_500; tries += 1) {
      expect(life.append(8)).toBe(false);
      expect(findLeftOver(...segmentsOf(life)).payloads.length).toBe(0);
    }
  });
});

test('each failure of a call reaches the caller, and leaves nothing open', () => {
  using life = new JournalLife();
  for (const call of ['open', 'openat', 'mkdirat', 'fstat', 'pread', 'pwrite', 'fsync']) {
    for (let nth = 0; ; nth += 1) {
      rmSync(life.path, { recursive: true, force: true });
      const fileSystem = new FaultyFileSystem();
      fileSystem.arm('EIO', nth, call);
      const options = { durability: 'sync', segmentBytes: 600 } as const;
      const errno = errnoOf(() => openJournal(life.path, options, fileSystem).close());
      expect(fileSystem.openCount).toBe(0);
      expect(errno).toBe(fileSystem.failed === undefined ? 'none' : 'EIO');
      if (fileSystem.failed === undefined) break;
    }
  }
});
