/**
 * One server a root: two would each hold locks that the other does not know, and lose edits. The
 * lock is the kernel's, on a file of the store, so it ends with the process, however that ends.
 */

import { constants } from 'node:fs';
import { latin1Text, utf8Bytes } from '../base/bytes.ts';
import { hasErrno } from './errno.ts';
import { closeQuietly, type FileDescriptor, type FileSystem } from './file-system.ts';
import { storeFolderName } from './layout.ts';

const lockFileName = 'lock';
const lockFileMode = 0o600;
const lockFlags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;

/** Room for a process number and its line end; the rest of the file's first line is blank. */
const holderBytes = 16;

export type RootLock =
  /** Held until `release`, or until the process ends. */
  | { readonly kind: 'locked'; readonly release: () => void }
  /** Another process has it; `by` is its number, as far as that is known. */
  | { readonly kind: 'held'; readonly by: string };

/** Takes the root's lock. The store's folder is there. Throws `FileError`. */
export function lockRoot(rootPath: string, fileSystem: FileSystem): RootLock {
  const path = `${rootPath}/${storeFolderName}/${lockFileName}`;
  const descriptor = fileSystem.open(path, lockFlags, lockFileMode);
  try {
    fileSystem.lock(descriptor);
  } catch (error) {
    try {
      if (!hasErrno(error, 'EAGAIN', 'EWOULDBLOCK')) throw error;
      return { kind: 'held', by: holderOf(descriptor, fileSystem) };
    } finally {
      closeQuietly(fileSystem, descriptor);
    }
  }
  fileSystem.pwrite(descriptor, utf8Bytes(`${process.pid}`.padEnd(holderBytes - 1)), 0);
  return { kind: 'locked', release: () => closeQuietly(fileSystem, descriptor) };
}

function holderOf(descriptor: FileDescriptor, fileSystem: FileSystem): string {
  const bytes = new Uint8Array(holderBytes);
  const count = fileSystem.pread(descriptor, bytes, 0);
  return latin1Text(bytes, 0, count).trim() || 'unknown';
}
