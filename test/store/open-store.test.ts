/** The store's own folder: made once, cleaned at each start, and never through a link. */

import { expect, test } from 'bun:test';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { defaultStoreLimits } from '../../src/config/limits.ts';
import { refused } from '../../src/model/operation.ts';
import { openPublisher } from '../../src/store/open-publisher.ts';
import { makeStoreFolder, probeFileSystem } from '../../src/store/open-store.ts';
import { systemFileSystem } from '../../src/store/system-file-system.ts';
import { FaultyFileSystem } from './faulty-file-system.ts';
import { key, temporaryRoot, testLimits } from './support.ts';

const seams = { fileSystem: systemFileSystem, clock: systemClock };

function inRoot(use: (root: string) => void): void {
  const root = temporaryRoot();
  try {
    use(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** Opens the store and closes it; what was refused of it is the kind, or the failure. */
function open(root: string): string {
  const options = { root, durability: 'none', portable: false, ...defaultStoreLimits } as const;
  const opened = openPublisher({ ...options, ...testLimits }, seams);
  if (opened.kind !== 'open') return opened.kind;
  const [outcome] = opened.publisher.publish([
    { id: 1, key: key('p'), change: { kind: 'none' }, results: [refused('not-found')] },
  ]);
  opened.close();
  const [result] = outcome?.results ?? [];
  return result?.kind === 'refused' ? result.code : 'nothing';
}

test('the folder is made, and a second start removes what was left in it', () => {
  inRoot((root) => {
    expect(open(root)).toBe('not-found');
    const ignore = join(root, '.inkwire/.gitignore');
    expect(readFileSync(ignore, 'utf8')).toBe('*\n');
    writeFileSync(ignore, 'mine\n');
    writeFileSync(join(root, '.inkwire/tmp/left-over'), 'x');
    mkdirSync(join(root, '.inkwire/tmp/folder'));
    expect(open(root)).toBe('not-found');
    expect(existsSync(join(root, '.inkwire/tmp/left-over'))).toBe(false);
    expect(existsSync(join(root, '.inkwire/tmp/folder'))).toBe(true);
    expect(readFileSync(ignore, 'utf8')).toBe('mine\n');
  });
});

test('a link in its place is refused, and nothing behind it is touched', () => {
  inRoot((outside) => {
    for (const place of ['.inkwire', '.inkwire/tmp', '.inkwire/history']) {
      inRoot((root) => {
        mkdirSync(join(outside, 'tmp'), { recursive: true });
        writeFileSync(join(outside, 'tmp/precious'), 'x');
        if (place !== '.inkwire') mkdirSync(join(root, '.inkwire'));
        symlinkSync(place === '.inkwire' ? outside : join(outside, 'tmp'), join(root, place));
        expect(open(root)).toBe('storage-error');
        expect(existsSync(join(outside, 'tmp/precious'))).toBe(true);
        expect(existsSync(join(outside, '.gitignore'))).toBe(false);
      });
    }
  });
});

test('a root that takes no writes is told of', () => {
  inRoot((root) => {
    const fileSystem = new FaultyFileSystem();
    const notices: string[] = [];
    const onNotice = (text: string): number => notices.push(text);
    const options = { root, durability: 'none', portable: false, ...defaultStoreLimits } as const;
    const all = { ...options, ...testLimits };
    fileSystem.arm('EACCES', 0, 'mkdirat');
    expect(openPublisher(all, { ...seams, fileSystem, onNotice }).kind).toBe('open');
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain('no edit is taken until the server is started anew');
    expect(notices[0]).toContain('(EACCES)');

    // With all in order nothing is said.
    const opened = openPublisher(all, { ...seams, fileSystem, onNotice });
    if (opened.kind === 'open') opened.close();
    expect(notices).toHaveLength(1);
  });
});

test('a root that is missing or a file is refused', () => {
  inRoot((root) => {
    writeFileSync(join(root, 'file'), '');
    for (const name of ['missing', 'file']) {
      expect(open(join(root, name))).toBe('storage-error');
    }
  });
});

test('the probe agrees with what the file system does', () => {
  inRoot((root) => {
    expect(probeFileSystem(root, systemFileSystem)).toEqual({ foldsCase: false });
    makeStoreFolder(root, systemFileSystem);
    const foldsCase = existsSync(join(root, '.INKWIRE'));
    expect(probeFileSystem(root, systemFileSystem)).toEqual({ foldsCase });
  });
});

test('the names of new folders of the store are synced, and only where syncs are wanted', () => {
  for (const [durability, want] of [
    // Of the store two, of the journal two and its segments.
    ['sync', 6],
    ['none', 0],
  ] as const) {
    inRoot((root) => {
      const fileSystem = new FaultyFileSystem();
      const options = { root, durability, portable: false, ...defaultStoreLimits, ...testLimits };
      const opened = openPublisher(options, { ...seams, fileSystem });
      if (opened.kind === 'open') opened.close();
      expect(fileSystem.calls.filter((call) => call === 'fsync')).toHaveLength(want);
    });
  }
});
