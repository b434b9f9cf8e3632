/** The real file system: `node:fs` for open files, the C library for names in folders. */

import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  writeSync,
} from 'node:fs';
import { FileError, hasErrno } from './errno.ts';
import type { FileDescriptor, FileStatus, FileSystem } from './file-system.ts';
import { boundedNs, permissionBits, statusIn, typeOf } from './statx-status.ts';
import { SystemCalls } from './system-calls.ts';

/** Keeps descriptors from a child process; `node:fs` has no name for it. */
const closeOnExecute = process.platform === 'linux' ? 0o2000000 : 0x1000000;

/** Runs a `node:fs` call and turns its error into a {@link FileError}. */
function guarded<T>(call: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw fileErrorOf(call, error) ?? error;
  }
}

/** `undefined` for what is none of a file. */
function fileErrorOf(call: string, error: unknown): FileError | undefined {
  const hasCode = error instanceof Error && 'code' in error && typeof error.code === 'string';
  return hasCode ? new FileError(String(error.code), call) : undefined;
}

function fdatasyncLater(
  descriptor: FileDescriptor,
  done: (failure: FileError | undefined) => void,
): void {
  guarded('fdatasync', () =>
    fdatasync(descriptor, (error) => {
      const failure = fileErrorOf('fdatasync', error);
      if (error !== null && error !== undefined && failure === undefined) throw error;
      done(failure);
    }),
  );
}

/** Where it can be without `node:fs`, which makes a large object of all that there is. */
function statusOf(descriptor: FileDescriptor): FileStatus {
  return statusBy(() => calls.statxOpen(descriptor)) ?? portableStatusOf(descriptor);
}

function portableStatusOf(descriptor: FileDescriptor): FileStatus {
  const stats = guarded('fstat', () => fstatSync(descriptor, { bigint: true }));
  return {
    type: typeOf(Number(stats.mode)),
    identity: {
      device: stats.dev,
      inode: stats.ino,
      size: stats.size,
      modifiedNs: boundedNs(stats.mtimeNs),
      changedNs: boundedNs(stats.ctimeNs),
    },
    mode: Number(stats.mode & permissionBits),
    user: Number(stats.uid),
    group: Number(stats.gid),
    links: Number(stats.nlink),
  };
}

/**
 * Opens whatever a name stands for without touching it: a socket or a FIFO too, and without any
 * right to read it. Linux's O_PATH; elsewhere what cannot be opened has no status.
 */
const lookFlags =
  (process.platform === 'linux' ? 0o10000000 : constants.O_RDONLY | constants.O_NONBLOCK) |
  constants.O_NOFOLLOW;

function statusAt(folder: FileDescriptor, name: string): FileStatus {
  return statusBy(() => calls.statx(folder, name)) ?? portableStatusAt(folder, name);
}

/** What a call of Linux's own tells; `undefined` where there is none. */
function statusBy(statx: () => DataView): FileStatus | undefined {
  try {
    return statusIn(statx());
  } catch (error) {
    // EPERM: a sandbox that forbids what it does not know.
    if (!hasErrno(error, 'ENOSYS', 'EPERM')) throw error;
    return undefined;
  }
}

function portableStatusAt(folder: FileDescriptor, name: string): FileStatus {
  const descriptor = calls.openat(folder, name, lookFlags | closeOnExecute);
  try {
    return portableStatusOf(descriptor);
  } finally {
    guarded('close', () => closeSync(descriptor));
  }
}

// Each thread loads this module for itself, so the memory of the calls is never shared.
const calls = new SystemCalls();

export const systemFileSystem: FileSystem = {
  open: (path, flags, mode) => guarded('open', () => openSync(path, flags | closeOnExecute, mode)),
  openat: (folder, name, flags) => calls.openat(folder, name, flags | closeOnExecute),
  openat2: (folder, path, flags, resolve) =>
    calls.openat2(folder, path, flags | closeOnExecute, resolve),
  readlinkat: (folder, name) => calls.readlinkat(folder, name),
  fstat: statusOf,
  statat: statusAt,
  pread: (descriptor, bytes, position) =>
    guarded('pread', () => readSync(descriptor, bytes, 0, bytes.length, position)),
  pwrite: (descriptor, bytes, position) =>
    guarded('pwrite', () => writeSync(descriptor, bytes, 0, bytes.length, position)),
  fsync: (descriptor) => guarded('fsync', () => fsyncSync(descriptor)),
  fdatasync: (descriptor) => guarded('fdatasync', () => fdatasyncSync(descriptor)),
  fdatasyncLater,
  ftruncate: (descriptor, size) => guarded('ftruncate', () => ftruncateSync(descriptor, size)),
  syncfs: (descriptor) => calls.syncfs(descriptor),
  lock: (descriptor) => calls.lock(descriptor),
  fchmod: (descriptor, mode) => guarded('fchmod', () => fchmodSync(descriptor, mode)),
  fchown: (descriptor, user, group) => guarded('fchown', () => fchownSync(descriptor, user, group)),
  close: (descriptor) => guarded('close', () => closeSync(descriptor)),
  mkdirat: (folder, name, mode) => calls.mkdirat(folder, name, mode),
  renameat: (from, fromName, to, toName) => calls.renameat(from, fromName, to, toName),
  exchangeat: (from, fromName, to, toName) => calls.exchangeat(from, fromName, to, toName),
  renameUnlessTakenat: (from, fromName, to, toName) =>
    calls.renameUnlessTakenat(from, fromName, to, toName),
  linkat: (from, fromName, to, toName) => calls.linkat(from, fromName, to, toName),
  unlinkat: (folder, name) => calls.unlinkat(folder, name),
  rmdirat: (folder, name) => calls.rmdirat(folder, name),
  readdir: (path) => guarded('readdir', () => readdirSync(path)),
};
