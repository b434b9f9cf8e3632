/**
 * What the kernel's errors mean for a page: the typed error of a failed file call, and one table.
 */

import type { RefusalCode } from '../model/operation.ts';

/**
 * A file call that the kernel refused. Never shown to a client: `refusalOf` says what it is told.
 */
export class FileError extends Error {
  override readonly name = 'FileError';

  /**
   * @param errno the symbolic name, such as `ENOSPC`
   * @param call the call that failed, such as `renameat`
   */
  constructor(
    readonly errno: string,
    readonly call: string,
  ) {
    super(`${call}: ${errno}`);
  }
}

/**
 * What a call was for, since some errors mean different things: finding a page to `read`, finding
 * or publishing one to `edit`, or `storage`: an open file, or a file of the store's own.
 */
export type Purpose = 'read' | 'edit' | 'storage';

type Row = readonly [errno: string, read: RefusalCode, edit: RefusalCode, storage: RefusalCode];

/**
 * `ELOOP` is a link that may not be followed. `EXDEV` is, to a read, a link that leaves the root,
 * and to an edit, a place on another file system. `EAGAIN` and `EEXIST` are what a race leaves.
 */
const rows: readonly Row[] = [
  ['ENOENT', 'not-found', 'not-found', 'storage-error'],
  ['ENAMETOOLONG', 'not-found', 'not-found', 'storage-error'],
  ['EILSEQ', 'not-found', 'not-found', 'storage-error'],
  ['ENOTDIR', 'not-found', 'parent-not-folder', 'storage-error'],
  ['ELOOP', 'not-found', 'symbolic-link', 'storage-error'],
  ['EXDEV', 'not-found', 'other-mount', 'storage-error'],
  ['EISDIR', 'is-folder', 'is-folder', 'storage-error'],
  ['EACCES', 'forbidden', 'forbidden', 'forbidden'],
  ['EPERM', 'forbidden', 'forbidden', 'forbidden'],
  ['ENXIO', 'not-regular', 'not-regular', 'storage-error'],
  ['ENODEV', 'not-regular', 'not-regular', 'storage-error'],
  ['EOPNOTSUPP', 'not-regular', 'not-regular', 'storage-error'],
  ['EAGAIN', 'unstable', 'unstable', 'storage-error'],
  ['EEXIST', 'unstable', 'unstable', 'storage-error'],
  ['EMFILE', 'busy', 'busy', 'busy'],
  ['ENFILE', 'busy', 'busy', 'busy'],
  ['ENOMEM', 'busy', 'busy', 'busy'],
  ['ENOSPC', 'storage-full', 'storage-full', 'storage-full'],
  ['EDQUOT', 'storage-full', 'storage-full', 'storage-full'],
  ['EFBIG', 'storage-full', 'storage-full', 'storage-full'],
  ['EROFS', 'storage-error', 'storage-error', 'storage-error'],
  ['EIO', 'storage-error', 'storage-error', 'storage-error'],
];

const table = new Map(rows.map(([errno, read, edit, storage]) => [errno, { read, edit, storage }]));

/** The refusal that an error number means; `storage-error` for one that the table does not name. */
export function refusalOf(errno: string, purpose: Purpose): RefusalCode {
  return table.get(errno)?.[purpose] ?? 'storage-error';
}

/** The refusal for a caught `error`; anything but a {@link FileError} is a bug and is thrown on. */
export function refusalOfError(error: unknown, purpose: Purpose): RefusalCode {
  if (!(error instanceof FileError)) throw error;
  return refusalOf(error.errno, purpose);
}

/** Whether `error` is a file call's failure with one of these error numbers. */
export function hasErrno(error: unknown, ...errnos: readonly string[]): error is FileError {
  return error instanceof FileError && errnos.includes(error.errno);
}
