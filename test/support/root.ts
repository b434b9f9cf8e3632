/** A served folder of a test's own, removed with it. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The original system's sample page, 286 bytes. */
export const SAMPLE = readFileSync(
  join(import.meta.dir, '../../src/config/samples/test.html'),
  'utf8',
);

export class TestRoot implements Disposable {
  readonly path: string;

  /**
   * @param files names below the root and what they hold
   * @param onDisk whether it lies on a disk; else in memory where there is some
   */
  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}, onDisk = false) {
    const parent = existsSync('/dev/shm') && !onDisk ? '/dev/shm' : tmpdir();
    this.path = mkdtempSync(join(parent, 'inkwire-test-'));
    for (const [name, content] of Object.entries(files)) this.write(name, content);
  }

  write(name: string, content: string | Uint8Array): void {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  /** The text of a file; `undefined` when there is none. */
  read(name: string): string | undefined {
    const path = join(this.path, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
