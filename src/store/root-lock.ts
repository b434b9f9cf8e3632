/**
 * One server a root: two would each hold locks that the other does not know, and lose edits. The
 * lock is the kernel's, on a file of the store, so it ends with the process, however that ends.
 *
 * The file says, for people and for `inkwire restore`, who has the lock: the process's number on
 * its first line and, once it listens, its address on the second, each padded with blanks.
 */

import { constants } from 'node:fs';
import { assert } from '../base/assert.ts';
import { latin1Text, utf8Bytes } from '../base/bytes.ts';
import { pauseThread } from '../base/clock.ts';
import type { RootHolder } from '../model/messages.ts';
import { FileError, hasErrno } from './errno.ts';
import { closeQuietly, type FileDescriptor, type FileSystem } from './file-system.ts';
import { storeFolderName } from './layout.ts';

const lockFileName = 'lock';
const lockFileMode = 0o600;
const lockFlags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
const lookFlags = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Room for a process number and its line end. */
const processBytes = 16;
/** Room for an address and its line end: a host name has 253 characters at most. */
const addressBytes = 512;

/**
 * Whoever looks whether the lock is held has it for a moment itself, microseconds; a server that
 * starts just then tries again.
 */
const lockTriesMax = 5;
const lockPauseMs = 10;

/** A whole address: one of which a part is missing is none. */
const addressPattern = /^(http:\/\/[!-~]+:[0-9]{1,5}\/) *\n$/;

export type RootLock =
  | {
      readonly kind: 'locked';
      /** Says where the root is served, for {@link rootHolder}; throws nothing. */
      readonly announce: (url: string) => void;
      /** It is held until then, or until the process ends. */
      readonly release: () => void;
    }
  /** Another process has it. */
  | { readonly kind: 'held'; readonly by: RootHolder };

/** Takes the root's lock. The store's folder is there. Throws `FileError`. */
export function lockRoot(rootPath: string, fileSystem: FileSystem): RootLock {
  const descriptor = fileSystem.open(lockPath(rootPath), lockFlags, lockFileMode);
  try {
    if (!tryLock(descriptor, fileSystem, lockTriesMax)) {
      const by = holderIn(descriptor, fileSystem);
      closeQuietly(fileSystem, descriptor);
      return { kind: 'held', by };
    }
    // In one call, so that nobody takes the last one's address for that of this process.
    fileSystem.pwrite(descriptor, utf8Bytes(`${processLine()}${line('', addressBytes)}`), 0);
  } catch (error) {
    closeQuietly(fileSystem, descriptor);
    throw error;
  }
  return {
    kind: 'locked',
    announce: (url) => announce(url, descriptor, fileSystem),
    release: () => closeQuietly(fileSystem, descriptor),
  };
}

/**
 * Who has the root's lock; `undefined` when nobody has, whatever the file says, for a process that
 * is gone left it behind. Throws `FileError` when that cannot be told.
 */
export function rootHolder(rootPath: string, fileSystem: FileSystem): RootHolder | undefined {
  let descriptor: FileDescriptor;
  try {
    descriptor = fileSystem.open(lockPath(rootPath), lookFlags, 0);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    return tryLock(descriptor, fileSystem, 1) ? undefined : holderIn(descriptor, fileSystem);
  } finally {
    closeQuietly(fileSystem, descriptor);
  }
}

function lockPath(rootPath: string): string {
  return `${rootPath}/${storeFolderName}/${lockFileName}`;
}

function tryLock(descriptor: FileDescriptor, fileSystem: FileSystem, triesMax: number): boolean {
  for (let tries = 1; ; tries += 1) {
    try {
      fileSystem.lock(descriptor);
      return true;
    } catch (error) {
      if (!hasErrno(error, 'EAGAIN', 'EWOULDBLOCK')) throw error;
      if (tries >= triesMax) return false;
      pauseThread(lockPauseMs);
    }
  }
}

/** In one call, so that a reader sees all of it or nothing. That it cannot be said stops nobody. */
function announce(url: string, descriptor: FileDescriptor, fileSystem: FileSystem): void {
  if (url.length >= addressBytes) return;
  try {
    fileSystem.pwrite(descriptor, utf8Bytes(line(url, addressBytes)), processBytes);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
  }
}

function processLine(): string {
  return line(String(process.pid), processBytes);
}

function line(text: string, bytes: number): string {
  const padded = `${text.padEnd(bytes - 1)}\n`;
  assert(padded.length === bytes, 'a line of the lock file is as long as it is to be');
  return padded;
}

function holderIn(descriptor: FileDescriptor, fileSystem: FileSystem): RootHolder {
  const bytes = new Uint8Array(processBytes + addressBytes);
  const text = latin1Text(bytes, 0, fileSystem.pread(descriptor, bytes, 0));
  const process = text.slice(0, processBytes).trim() || 'unknown';
  const url = addressPattern.exec(text.slice(processBytes))?.[1];
  return url === undefined ? { process } : { process, url };
}
