/** The store's own folder: made once, cleaned at each start, and never through a link. */

import { expect, test } from 'bun:test';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareStoreFolder, probeFileSystem } from '../../src/store/open-store.ts';
import { systemFileSystem } from '../../src/store/system-file-system.ts';
import { temporaryRoot } from './support.ts';

function inRoot(use: (root: string) => void): void {
  const root = temporaryRoot();
  try {
    use(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('the folder is made, and a second start removes what was left in it', () => {
  inRoot((root) => {
    expect(prepareStoreFolder({ root }, systemFileSystem)).toEqual({ kind: 'ready' });
    const ignore = join(root, '.inkwire/.gitignore');
    expect(readFileSync(ignore, 'utf8')).toBe('*\n');
    writeFileSync(ignore, 'mine\n');
    writeFileSync(join(root, '.inkwire/tmp/left-over'), 'x');
    mkdirSync(join(root, '.inkwire/tmp/folder'));
    expect(prepareStoreFolder({ root }, systemFileSystem)).toEqual({ kind: 'ready' });
    expect(existsSync(join(root, '.inkwire/tmp/left-over'))).toBe(false);
    expect(existsSync(join(root, '.inkwire/tmp/folder'))).toBe(true);
    expect(readFileSync(ignore, 'utf8')).toBe('mine\n');
  });
});

test('a link in its place is refused, and nothing behind it is touched', () => {
  inRoot((outside) => {
    for (const place of ['.inkwire', '.inkwire/tmp']) {
      inRoot((root) => {
        mkdirSync(join(outside, 'tmp'), { recursive: true });
        writeFileSync(join(outside, 'tmp/precious'), 'x');
        if (place !== '.inkwire') mkdirSync(join(root, '.inkwire'));
        symlinkSync(place === '.inkwire' ? outside : join(outside, 'tmp'), join(root, place));
        expect(prepareStoreFolder({ root }, systemFileSystem).kind).toBe('refused');
        expect(existsSync(join(outside, 'tmp/precious'))).toBe(true);
        expect(existsSync(join(outside, '.gitignore'))).toBe(false);
      });
    }
  });
});

test('a root that is missing or a file is refused', () => {
  inRoot((root) => {
    writeFileSync(join(root, 'file'), '');
    for (const name of ['missing', 'file']) {
      const refused = prepareStoreFolder({ root: join(root, name) }, systemFileSystem);
      expect(refused).toEqual({ kind: 'refused', code: 'storage-error' });
    }
  });
});

test('the probe agrees with what the file system does', () => {
  inRoot((root) => {
    expect(probeFileSystem(root, systemFileSystem)).toEqual({ foldsCase: false });
    prepareStoreFolder({ root }, systemFileSystem);
    const foldsCase = existsSync(join(root, '.INKWIRE'));
    expect(probeFileSystem(root, systemFileSystem)).toEqual({ foldsCase });
  });
});
