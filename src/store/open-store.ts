/** Makes the store's own folder inside the served root, and empties the one for temporary files. */

import { constants } from 'node:fs';
import { utf8Bytes } from '../base/bytes.ts';
import { hasErrno, refusalOfError } from './errno.ts';
import { closeQuietly, type FileDescriptor, type FileSystem, sameIdentity } from './file-system.ts';
import { historyFolderName, storeFolderName, temporaryFolderName } from './layout.ts';

/** Nobody but the server has business with pages that are not published. */
const storeFolderMode = 0o700;

const ignoreFileName = '.gitignore';
const ignoreFileMode = 0o644;
const ignoreEverything = '*\n';

export const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const createFlags =
  constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Makes `.inkwire/` with its `.gitignore` and its folders, as far as they are missing. Throws
 * `FileError`.
 */
export function makeStoreFolder(rootPath: string, fileSystem: FileSystem): void {
  const path = `${rootPath}/${storeFolderName}`;
  const open: FileDescriptor[] = [];
  try {
    const root = fileSystem.open(rootPath, folderFlags & ~constants.O_NOFOLLOW, 0);
    open.push(root);
    // A link here would lead every temporary file to another place, so it is refused (ENOTDIR).
    const folder = openOwnFolder(fileSystem, root, storeFolderName);
    open.push(folder);
    writeIgnoreFile(fileSystem, path);
    for (const name of [temporaryFolderName, historyFolderName]) {
      open.push(openOwnFolder(fileSystem, folder, name));
    }
  } finally {
    for (const descriptor of open) closeQuietly(fileSystem, descriptor);
  }
}

/** Makes the names of the store's folders durable: they may be new. Throws `FileError`. */
export function syncStoreFolder(rootPath: string, fileSystem: FileSystem): void {
  for (const path of [`${rootPath}/${storeFolderName}`, rootPath]) {
    const folder = fileSystem.open(path, folderFlags & ~constants.O_NOFOLLOW, 0);
    try {
      fileSystem.fsync(folder);
    } finally {
      closeQuietly(fileSystem, folder);
    }
  }
}

/**
 * Removes what an earlier run left in `tmp/`, once nothing of it is needed any more. Throws
 * `FileError`.
 *
 * @param temporary that folder, open
 */
export function emptyTemporaryFolder(
  rootPath: string,
  temporary: FileDescriptor,
  fileSystem: FileSystem,
): void {
  const path = `${rootPath}/${storeFolderName}/${temporaryFolderName}`;
  for (const name of fileSystem.readdir(path)) removeLeftOver(fileSystem, temporary, name);
}

/** What the file system of the root is like, as far as the rest has to know. */
export interface FileSystemTraits {
  /** Names that differ in case only are one name. */
  readonly foldsCase: boolean;
}

/** Probes by a second spelling of the store's folder; without that folder it answers `false`. */
export function probeFileSystem(root: string, fileSystem: FileSystem): FileSystemTraits {
  const own = identityOf(fileSystem, `${root}/${storeFolderName}`);
  const spelledOtherwise = identityOf(fileSystem, `${root}/${storeFolderName.toUpperCase()}`);
  const foldsCase =
    own !== undefined && spelledOtherwise !== undefined && sameIdentity(own, spelledOtherwise);
  return { foldsCase };
}

function identityOf(fileSystem: FileSystem, path: string) {
  let descriptor: FileDescriptor;
  try {
    descriptor = fileSystem.open(path, folderFlags, 0);
  } catch (error) {
    refusalOfError(error, 'storage');
    return undefined;
  }
  try {
    return fileSystem.fstat(descriptor).identity;
  } finally {
    closeQuietly(fileSystem, descriptor);
  }
}

/** Opens a folder of the store's own, and makes it where it is missing. Throws `FileError`. */
export function openOwnFolder(
  fileSystem: FileSystem,
  parent: FileDescriptor,
  name: string,
): FileDescriptor {
  try {
    fileSystem.mkdirat(parent, name, storeFolderMode);
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) throw error;
  }
  return fileSystem.openat(parent, name, folderFlags);
}

/**
 * Keeps the folder out of the repository that the served root may be; a file of the user's stays.
 */
function writeIgnoreFile(fileSystem: FileSystem, folderPath: string): void {
  let descriptor: FileDescriptor;
  try {
    descriptor = fileSystem.open(`${folderPath}/${ignoreFileName}`, createFlags, ignoreFileMode);
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return;
    throw error;
  }
  try {
    fileSystem.pwrite(descriptor, utf8Bytes(ignoreEverything), 0);
  } finally {
    closeQuietly(fileSystem, descriptor);
  }
}

/** Removes a temporary file; a folder was not made by the store, so it is left alone. */
function removeLeftOver(fileSystem: FileSystem, folder: FileDescriptor, name: string): void {
  try {
    fileSystem.unlinkat(folder, name);
  } catch (error) {
    if (!hasErrno(error, 'EISDIR', 'EPERM', 'ENOENT')) throw error;
  }
}
