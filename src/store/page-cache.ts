/**
 * What the main thread does with files that store workers hold open: reads of them what lies in
 * memory, and closes what a worker that is gone has left.
 */

import type { OpenFile } from '../model/operation.ts';
import { NativeMemory } from './c-library.ts';
import { FileError, hasErrno } from './errno.ts';
import { closeQuietly, type FileSystem } from './file-system.ts';
import { SystemCalls } from './system-calls.ts';
import { systemFileSystem } from './system-file-system.ts';

/** Half of a small second-level cache, so that what was read is still there when it is sent. */
const readBytesMax = 256 * 1024;

/** Why nothing was read; `server/instant-reader.ts` says what each means. */
type NotRead = 'absent' | 'unsupported' | 'changed';

/** Reads without ever waiting for a disk (`preadv2` with `RWF_NOWAIT`). */
export class PageCacheReader {
  readonly #calls = new SystemCalls();
  readonly #memory = new NativeMemory(readBytesMax);
  readonly #fileSystem: FileSystem;

  constructor(fileSystem: FileSystem = systemFileSystem) {
    this.#fileSystem = fileSystem;
  }

  get bytes(): Uint8Array {
    return this.#memory.bytes;
  }

  readNow(file: OpenFile, position: number, bytes: number): number | NotRead {
    let count: number;
    try {
      const wanted = Math.min(bytes, readBytesMax);
      count = this.#calls.readNow(file.descriptor, this.#memory, wanted, position);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      // Whatever else it is, a worker is to find it out.
      return hasErrno(error, 'EAGAIN') ? 'absent' : 'unsupported';
    }
    return count > 0 && this.#isUnchanged(file) ? count : 'changed';
  }

  /** Asked after each reading: what was sent already belongs to the version that was judged. */
  #isUnchanged({ descriptor, size, modifiedNs }: OpenFile): boolean {
    try {
      const { identity } = this.#fileSystem.fstat(descriptor);
      return Number(identity.size) === size && String(identity.modifiedNs) === modifiedNs;
    } catch (error) {
      if (error instanceof FileError) return false;
      throw error;
    }
  }
}

/** Closes a file whose thread is gone. */
export function closeLeftFile(descriptor: number): void {
  closeQuietly(systemFileSystem, descriptor);
}
