/** Beneath the root: what is open while it is in use, and after it could not be opened. */

import { expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { Beneath } from '../../src/store/beneath.ts';
import { FileError } from '../../src/store/errno.ts';
import { FaultyFileSystem } from './faulty-file-system.ts';
import { temporaryRoot } from './support.ts';

for (const portable of [false, true]) {
  test(`whichever call fails at its start, nothing stays open; portable: ${portable}`, () => {
    const root = temporaryRoot();
    try {
      for (let call = 0; ; call += 1) {
        const fileSystem = new FaultyFileSystem();
        fileSystem.arm('EIO', call);
        let beneath: Beneath | undefined;
        try {
          beneath = new Beneath(fileSystem, root, portable);
        } catch (error) {
          expect(error).toBeInstanceOf(FileError);
          expect([fileSystem.failed, fileSystem.openCount]).toEqual([fileSystem.failed, 0]);
        }
        beneath?.close();
        expect([fileSystem.failed, fileSystem.openCount]).toEqual([fileSystem.failed, 0]);
        if (fileSystem.failed !== undefined) continue;
        expect(call).toBeGreaterThanOrEqual(2);
        return;
      }
    } finally {
      rmSync(root, { recursive: true });
    }
  });
}
