/** A process that is killed between two calls, and a disk that loses what was not synced. */

import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { Glob } from 'bun';
import { systemFileSystem } from '../../src/store/system-file-system.ts';
import { type Content, tearFile } from './crashed-page.ts';
import { type Died, FaultyFileSystem } from './faulty-file-system.ts';

/** Calls that change nothing: between two of them all is the same. */
const lookingCalls = ['open', 'openat', 'openat2', 'fstat', 'statat', 'pread', 'readdir', 'close'];

export class UnsyncedFileSystem extends FaultyFileSystem {
  readonly #unsynced = new Set<bigint>();
  /** The call that the process died before. */
  diedBefore: string | undefined;

  /** Lets the process die before its `nth` call that changes something, counted from 0. */
  dieBefore(nth: number): void {
    let left = nth;
    this.beforeCall = (call): void => {
      if (lookingCalls.includes(call)) return;
      left -= 1;
      if (left >= 0) return;
      this.diedBefore = call;
      throw this.die();
    };
  }

  override pwrite(descriptor: number, bytes: Uint8Array, position: number): number {
    this.#unsynced.add(inodeOf(descriptor));
    return super.pwrite(descriptor, bytes, position);
  }

  override fsync(descriptor: number): void {
    super.fsync(descriptor);
    this.#unsynced.delete(inodeOf(descriptor));
  }

  override syncfs(descriptor: number): void {
    super.syncfs(descriptor);
    this.#unsynced.clear();
  }

  /** Cuts the power: names stay, and of content that was not synced there is that. */
  cut(root: string, content: Content): void {
    for (const name of new Glob('**').scanSync({ cwd: root, dot: true })) {
      const path = join(root, name);
      if (this.#unsynced.has(lstatSync(path, { bigint: true }).ino)) tearFile(path, content);
    }
  }
}

export function isDeath(error: unknown): error is Died {
  return error instanceof Error && error.name === 'Died';
}

function inodeOf(descriptor: number): bigint {
  return systemFileSystem.fstat(descriptor).identity.inode;
}
