/**
 * The store's seam to the kernel: every file call that the store makes, in the kernel's own words.
 *
 * All calls but `fdatasyncLater` are synchronous; they throw `FileError`, nothing else. Calls that
 * name a file take an open folder and a name in it (the `…at` family), so that a folder which is
 * swapped for a link between two calls leads nowhere else. Where a fault is to be injected, it is
 * injected here.
 */

import type { FileIdentity } from '../model/messages.ts';
import { FileError } from './errno.ts';

/** An open file or folder. The number is shared by all threads, so it is closed exactly once. */
export type FileDescriptor = number;

/** What `fstat` tells. */
export interface FileStatus {
  readonly type: 'file' | 'folder' | 'other';
  readonly identity: FileIdentity;
  /** Permission bits, with set-user-ID, set-group-ID and sticky. */
  readonly mode: number;
  readonly user: number;
  readonly group: number;
  /** How many names the file has. */
  readonly links: number;
}

export interface FileSystem {
  /** Opens by an absolute path; only for the root itself and for files of the store's own. */
  open(path: string, flags: number, mode: number): FileDescriptor;
  /** Opens `name` in a folder; never creates. */
  openat(folder: FileDescriptor, name: string, flags: number): FileDescriptor;
  /**
   * Opens a path of several segments below a folder under the kernel's `RESOLVE_…` rules; `ENOSYS`
   * where there is no such call.
   */
  openat2(folder: FileDescriptor, path: string, flags: number, resolve: number): FileDescriptor;
  readlinkat(folder: FileDescriptor, name: string): string;
  fstat(descriptor: FileDescriptor): FileStatus;
  /** What `fstat` tells of the file that a name stands for; of a link itself. */
  statat(folder: FileDescriptor, name: string): FileStatus;
  /** Reads into all of `bytes` from `position`; returns how many came, 0 at the end. */
  pread(descriptor: FileDescriptor, bytes: Uint8Array, position: number): number;
  /** Writes from the front of `bytes` at `position`; returns how many were taken. */
  pwrite(descriptor: FileDescriptor, bytes: Uint8Array, position: number): number;
  fsync(descriptor: FileDescriptor): void;
  /** As `fsync`, but for what nobody needs to read the content: times, for one. */
  fdatasync(descriptor: FileDescriptor): void;
  /**
   * The same, while this thread goes on: `done` is called later, in a turn of its event loop. The
   * file stays open until then.
   */
  fdatasyncLater(descriptor: FileDescriptor, done: (failure: FileError | undefined) => void): void;
  /** Cuts a file off at a size. */
  ftruncate(descriptor: FileDescriptor, size: number): void;
  /**
   * Syncs everything that was written to the file system of an open file; `ENOSYS` where there is
   * no such call.
   */
  syncfs(descriptor: FileDescriptor): void;
  /** Takes the exclusive lock of an open file (`flock`); `EAGAIN` when another process has it. */
  lock(descriptor: FileDescriptor): void;
  fchmod(descriptor: FileDescriptor, mode: number): void;
  fchown(descriptor: FileDescriptor, user: number, group: number): void;
  close(descriptor: FileDescriptor): void;
  mkdirat(folder: FileDescriptor, name: string, mode: number): void;
  /** Renames within one file system; what stands at the new name is replaced. */
  renameat(from: FileDescriptor, fromName: string, to: FileDescriptor, toName: string): void;
  /**
   * Lets two names of one file system change places in one step. `ENOSYS` where there is no such
   * call, `EINVAL` on a file system that has none.
   */
  exchangeat(from: FileDescriptor, fromName: string, to: FileDescriptor, toName: string): void;
  /** Renames, or throws `EEXIST` when the new name is taken; else as `exchangeat`. */
  renameUnlessTakenat(
    from: FileDescriptor,
    fromName: string,
    to: FileDescriptor,
    toName: string,
  ): void;
  /** Gives a file a second name; `EEXIST` when that is taken. */
  linkat(from: FileDescriptor, fromName: string, to: FileDescriptor, toName: string): void;
  unlinkat(folder: FileDescriptor, name: string): void;
  /** Removes an empty folder. */
  rmdirat(folder: FileDescriptor, name: string): void;
  /** The names in the folder at an absolute path. */
  readdir(path: string): string[];
}

/** Closes what was only read: there is nothing that a failure could have lost. */
export function closeQuietly(fileSystem: FileSystem, descriptor: FileDescriptor): void {
  try {
    fileSystem.close(descriptor);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
  }
}

/** Whether both describe the same version of the same file. */
export function sameIdentity(a: FileIdentity, b: FileIdentity): boolean {
  return (
    a.device === b.device &&
    a.inode === b.inode &&
    a.size === b.size &&
    a.modifiedNs === b.modifiedNs &&
    a.changedNs === b.changedNs
  );
}

/** The same but for the time of change, which a rename moves too. */
export function sameVersion(a: FileIdentity, b: FileIdentity): boolean {
  return sameIdentity(a, { ...b, changedNs: a.changedNs });
}

/** The modification time in milliseconds since 1970, with the file system's fraction. */
export function modifiedMsOf(identity: FileIdentity): number {
  return Number(identity.modifiedNs) / 1_000_000;
}
