/** A temporary file is like the page that it is to replace, and what is told of it is true. */

import { expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { systemRandom } from '../../src/base/random.ts';
import { systemFileSystem } from '../../src/store/system-file-system.ts';
import { TemporaryFolder } from '../../src/store/temporary.ts';
import { temporaryRoot } from './support.ts';

const rows = [
  { name: 'no page', mode: undefined },
  { name: 'a page of the usual mode', mode: 0o644 },
  { name: 'a page of another mode', mode: 0o4700 },
] as const;

for (const { name, mode } of rows) {
  test(`the status is that of the file: like ${name}`, () => {
    const root = temporaryRoot();
    const folder = new TemporaryFolder(systemFileSystem, root, systemRandom);
    try {
      const { status: own } = folder.write(new Uint8Array(1), undefined);
      const like = mode === undefined ? undefined : { ...own, mode };
      const written = folder.write(Uint8Array.of(1, 2), like);
      expect(written.status).toEqual(systemFileSystem.statat(folder.descriptor, written.name));
      expect(written.status.mode).toBe(mode ?? own.mode);
      expect(written.status.identity.size).toBe(2n);
    } finally {
      folder.close();
      rmSync(root, { recursive: true });
    }
  });
}
