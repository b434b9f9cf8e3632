/** Makes single files and folders durable. */

import { constants } from 'node:fs';
import { closeQuietly, type FileDescriptor, type FileSystem } from './file-system.ts';
import { sync } from './folders.ts';

const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW;

export class FileSync {
  constructor(readonly fileSystem: FileSystem) {}

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

  /** Syncs the names in a folder. Throws `SyncFailed`. */
  folder(descriptor: FileDescriptor): void {
    sync(this.fileSystem, descriptor);
  }
}
