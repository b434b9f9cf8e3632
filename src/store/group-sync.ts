/** Makes what a group wrote durable: one by one while there are few, else all in one call. */

import { constants } from 'node:fs';
import { FileError, hasErrno } from './errno.ts';
import { closeQuietly, type FileDescriptor, type FileSystem } from './file-system.ts';
import { SyncFailed, sync } from './folders.ts';
import type { TemporaryFolder } from './temporary.ts';

/**
 * Up to so many are synced one by one. Beyond, one sync of the whole file system is cheaper, though
 * it also waits for what other programs wrote there.
 */
export const syncsEachMax = 3;

const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW;

export class GroupSync {
  #canSyncAll: boolean;

  /** @param portable do without the sync of a whole file system, as where there is none */
  constructor(
    readonly fileSystem: FileSystem,
    readonly temporary: TemporaryFolder,
    portable: boolean,
  ) {
    this.#canSyncAll = !portable;
  }

  /**
   * Syncs all that was written so far, in one call; false when each of `count` files is to be
   * synced by itself. Throws `SyncFailed`.
   */
  allAtOnce(count: number): boolean {
    return count > syncsEachMax && this.#syncAll(this.temporary.descriptor);
  }

  /** Syncs a file in the temporary folder. Throws `SyncFailed`, or `FileError` before the sync. */
  page(name: string): void {
    const { fileSystem } = this;
    const descriptor = fileSystem.openat(this.temporary.descriptor, name, readFlags);
    try {
      sync(fileSystem, descriptor);
    } finally {
      closeQuietly(fileSystem, descriptor);
    }
  }

  /** Syncs open folders. Throws `SyncFailed`. */
  folders(descriptors: readonly FileDescriptor[]): void {
    const first = descriptors[0];
    if (first === undefined) return;
    const distinct = this.#distinct(descriptors);
    if (distinct.length > syncsEachMax && this.#syncAll(first)) return;
    for (const descriptor of distinct) sync(this.fileSystem, descriptor);
  }

  /** One descriptor for each folder: the edits of a group often share theirs. */
  #distinct(descriptors: readonly FileDescriptor[]): FileDescriptor[] {
    const byFolder = new Map<string, FileDescriptor>();
    for (const descriptor of descriptors) {
      byFolder.set(this.#nameOf(descriptor), descriptor);
    }
    return [...byFolder.values()];
  }

  #nameOf(descriptor: FileDescriptor): string {
    try {
      const { device, inode } = this.fileSystem.fstat(descriptor).identity;
      return `${device}:${inode}`;
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      // Nothing is known of it, so it is synced by itself.
      return `descriptor ${descriptor}`;
    }
  }

  /** False where there is no such call. */
  #syncAll(descriptor: FileDescriptor): boolean {
    if (!this.#canSyncAll) return false;
    try {
      this.fileSystem.syncfs(descriptor);
      return true;
    } catch (error) {
      if (hasErrno(error, 'ENOSYS')) {
        this.#canSyncAll = false;
        return false;
      }
      if (error instanceof FileError) throw new SyncFailed(error.message);
      throw error;
    }
  }
}
