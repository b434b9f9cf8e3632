/** Makes what a group wrote durable: one by one while there are few, else all in one call. */

import { constants } from 'node:fs';
import { FileError, hasErrno } from './errno.ts';
import { closeQuietly, type FileDescriptor, type FileSystem } from './file-system.ts';
import { SyncFailed, sync } from './folders.ts';
import type { HistoryFolder } from './history-folder.ts';

/**
 * Up to so many are synced one by one. Beyond, one sync of the whole file system is cheaper, though
 * it also waits for what other programs wrote there.
 */
export const syncsEachMax = 3;

const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW;

/** The folders in which a group has changed names. */
export interface ChangedFolders {
  /** Of pages, open, each once. */
  readonly pages: ReadonlySet<FileDescriptor>;
  /** Numbers of pages whose folders in the history have got a file. */
  readonly histories: ReadonlySet<number>;
  /** Whether such a folder is new. */
  readonly newHistory: boolean;
}

export class GroupSync {
  #canSyncAll: boolean;

  /** @param portable do without the sync of a whole file system, as where there is none */
  constructor(
    readonly fileSystem: FileSystem,
    readonly history: HistoryFolder,
    portable: boolean,
  ) {
    this.#canSyncAll = !portable;
  }

  /**
   * Syncs all that was written so far, in one call; false when each of `count` files is to be
   * synced by itself. Throws `SyncFailed`.
   *
   * @param descriptor any open file of the file system
   */
  allAtOnce(count: number, descriptor: FileDescriptor): boolean {
    return count > syncsEachMax && this.#syncAll(descriptor);
  }

  /** Syncs a file in a folder. Throws `SyncFailed`, or `FileError` before the sync. */
  file(folder: FileDescriptor, name: string): void {
    const { fileSystem } = this;
    const descriptor = fileSystem.openat(folder, name, readFlags);
    try {
      sync(fileSystem, descriptor);
    } finally {
      closeQuietly(fileSystem, descriptor);
    }
  }

  /** Syncs folders. Throws `SyncFailed`, or `FileError` before a sync. */
  folders({ pages, histories, newHistory }: ChangedFolders): void {
    const { fileSystem, history } = this;
    const [first] = pages;
    if (first === undefined) return;
    const count = pages.size + histories.size + (newHistory ? 1 : 0);
    if (this.allAtOnce(count, first)) return;
    for (const descriptor of pages) sync(fileSystem, descriptor);
    const syncFolder = (folder: FileDescriptor): void => sync(fileSystem, folder);
    for (const page of histories) history.withFolder(page, syncFolder);
    if (newHistory) history.withFolder(undefined, syncFolder);
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
