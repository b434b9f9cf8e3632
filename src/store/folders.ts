/** Opens the folder that a page is to be published in, and makes what is missing of it. */

import type { Beneath } from './beneath.ts';
import { FileError, hasErrno } from './errno.ts';
import { closeQuietly, type FileDescriptor, type FileSystem } from './file-system.ts';

/** Permissions of a new folder, less the process's umask. */
const newFolderMode = 0o755;

/** A sync that failed: nobody knows what of the data is on the disk. */
export class SyncFailed extends Error {
  override readonly name = 'SyncFailed';
}

/** Syncs a file or folder; a failure is a {@link SyncFailed}, for it is never tried again. */
export function sync(fileSystem: FileSystem, descriptor: FileDescriptor): void {
  try {
    fileSystem.fsync(descriptor);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new SyncFailed(error.message);
  }
}

export interface FolderMaker {
  readonly fileSystem: FileSystem;
  readonly beneath: Beneath;
  /** Whether a new folder's name is made durable. */
  readonly durable: boolean;
}

/** A folder that is open, and the names of what was made to have it, outermost first. */
export interface OpenFolder {
  readonly descriptor: FileDescriptor;
  readonly made: readonly string[][];
}

/**
 * Opens the folder, making it and its parents where they are missing. Throws `FileError` when that
 * cannot be done, and then takes back what it made; `SyncFailed` when a new name cannot be synced.
 */
export function openOrMakeFolder(maker: FolderMaker, segments: readonly string[]): OpenFolder {
  const { beneath } = maker;
  const made: string[][] = [];
  try {
    return { descriptor: beneath.openFolder(segments), made };
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
  }
  try {
    for (let depth = 1; depth <= segments.length; depth += 1) {
      const path = segments.slice(0, depth);
      if (makeFolder(maker, path)) made.push(path);
    }
    return { descriptor: beneath.openFolder(segments), made };
  } catch (error) {
    if (error instanceof FileError) removeFolders(maker, made);
    throw error;
  }
}

/** Removes folders that were made in vain, innermost first; one that is in use by now stays. */
export function removeFolders(maker: FolderMaker, made: readonly string[][]): void {
  for (const path of made.toReversed()) {
    try {
      withParent(maker, path, (parent, name) => maker.fileSystem.rmdirat(parent, name));
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
    }
  }
}

/** Makes one folder, whose parent is there; returns whether it was missing. */
function makeFolder(maker: FolderMaker, path: readonly string[]): boolean {
  const { fileSystem } = maker;
  return withParent(maker, path, (parent, name) => {
    try {
      fileSystem.mkdirat(parent, name, newFolderMode);
    } catch (error) {
      if (hasErrno(error, 'EEXIST')) return false;
      throw error;
    }
    if (maker.durable) sync(fileSystem, parent);
    return true;
  });
}

function withParent<T>(
  maker: FolderMaker,
  path: readonly string[],
  use: (parent: FileDescriptor, name: string) => T,
): T {
  const parent = maker.beneath.openFolder(path.slice(0, -1));
  try {
    return use(parent, path.at(-1) ?? '.');
  } finally {
    closeQuietly(maker.fileSystem, parent);
  }
}
