/** Looks at what a page's name stands for, at a start, when no other edit is under way. */

import { keySegments, type ResourceKey } from '../model/resource-key.ts';
import type { Beneath } from './beneath.ts';
import { FileError, hasErrno } from './errno.ts';
import {
  closeQuietly,
  type FileDescriptor,
  type FileStatus,
  type FileSystem,
} from './file-system.ts';

interface LookParts {
  readonly fileSystem: FileSystem;
  readonly beneath: Beneath;
}

/** What a name in a folder stands for; `undefined` for nothing. Throws `FileError`. */
export function lookAt(
  fileSystem: FileSystem,
  folder: FileDescriptor,
  name: string,
): FileStatus | undefined {
  try {
    return fileSystem.statat(folder, name);
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENAMETOOLONG')) return undefined;
    throw error;
  }
}

/** Runs `use` with a page's folder and its name there; `undefined` when that folder is gone. */
export function inPageFolder<T>(
  { fileSystem, beneath }: LookParts,
  key: ResourceKey,
  use: (folder: FileDescriptor, name: string) => T,
): T | undefined {
  const segments = keySegments(key);
  const name = segments.at(-1) ?? '';
  let folder: FileDescriptor;
  try {
    folder = beneath.openFolder(segments.slice(0, -1));
  } catch (error) {
    // A folder that was removed, or replaced by something else.
    if (error instanceof FileError && !hasErrno(error, 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM')) {
      return undefined;
    }
    throw error;
  }
  try {
    return use(folder, name);
  } finally {
    closeQuietly(fileSystem, folder);
  }
}
