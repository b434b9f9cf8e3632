/**
 * The folder for temporary files: an edit's new page is written there whole, and published from
 * there by a rename. It lies in the served root, so that both are on one file system.
 */

import { constants } from 'node:fs';
import type { Random } from '../base/random.ts';
import { FileError, hasErrno } from './errno.ts';
import {
  closeQuietly,
  type FileDescriptor,
  type FileStatus,
  type FileSystem,
} from './file-system.ts';
import { storeFolderName, temporaryFolderName } from './layout.ts';
import { makeStoreFolder } from './open-store.ts';
import { writeFully } from './page-file.ts';

/** Permissions of a page that did not exist before, less the process's umask. */
const newPageMode = 0o644;

/** Set-user-ID and its kin are not given on when the owner could not be. */
const plainPermissionBits = 0o777;

const createFlags =
  constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

export class TemporaryFolder {
  readonly path: string;
  readonly #fileSystem: FileSystem;
  readonly #random: Random;
  readonly #rootPath: string;
  #descriptor: FileDescriptor | undefined;

  constructor(fileSystem: FileSystem, rootPath: string, random: Random) {
    this.path = `${rootPath}/${storeFolderName}/${temporaryFolderName}`;
    this.#fileSystem = fileSystem;
    this.#random = random;
    this.#rootPath = rootPath;
  }

  /**
   * The open folder. It is opened at first use, for a root that takes no writes has none, and again
   * when it was removed: somebody may clean up the served folder while the server runs.
   */
  get descriptor(): FileDescriptor {
    const open = this.#descriptor;
    if (open !== undefined && this.#fileSystem.fstat(open).links === 0) this.close();
    this.#descriptor ??= this.#fileSystem.open(this.path, folderFlags, 0);
    return this.#descriptor;
  }

  /**
   * Writes a file of its own with this content.
   *
   * @param like the page that it is to replace: it gets that one's mode and owner
   * @returns its name, and its status once it was written. Throws `FileError`; then no file is
   *   left.
   */
  write(
    content: Uint8Array,
    like: FileStatus | undefined,
  ): { readonly name: string; readonly status: FileStatus } {
    const name = this.freeName();
    const descriptor = this.#createOrMakeFolder(name);
    let status: FileStatus;
    try {
      writeFully(this.#fileSystem, descriptor, content, 0);
      status = this.#resemble(descriptor, like);
    } catch (error) {
      closeQuietly(this.#fileSystem, descriptor);
      this.remove(name);
      throw error;
    }
    try {
      // Some file systems report a full disk only here.
      this.#fileSystem.close(descriptor);
    } catch (error) {
      this.remove(name);
      throw error;
    }
    return { name, status };
  }

  /** A name that no file here has. */
  freeName(): string {
    return this.#random.uuid();
  }

  /** Removes a temporary file if it is there. A failure is left to the next start's cleaning. */
  remove(name: string): void {
    try {
      this.#fileSystem.unlinkat(this.descriptor, name);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
    }
  }

  /** The open folder, made anew where it was removed. Throws `FileError`. */
  makeIfGone(): FileDescriptor {
    try {
      return this.descriptor;
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error;
      makeStoreFolder(this.#rootPath, this.#fileSystem);
      return this.descriptor;
    }
  }

  /** Creates a file; makes the folder anew where it was removed. */
  #createOrMakeFolder(name: string): FileDescriptor {
    try {
      return this.#create(name);
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error;
      makeStoreFolder(this.#rootPath, this.#fileSystem);
      return this.#create(name);
    }
  }

  #create(name: string): FileDescriptor {
    // Opened before there is anything to remove: at the limit of open files it would be too late.
    this.#descriptor ??= this.#fileSystem.open(this.path, folderFlags, 0);
    return this.#fileSystem.open(`${this.path}/${name}`, createFlags, newPageMode);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeQuietly(this.#fileSystem, this.#descriptor);
    this.#descriptor = undefined;
  }

  /**
   * Gives the written file the mode and owner of the page that it replaces, as far as the system
   * allows; returns its status after that.
   */
  #resemble(descriptor: FileDescriptor, like: FileStatus | undefined): FileStatus {
    const made = this.#fileSystem.fstat(descriptor);
    if (like === undefined) return made;
    const hasOwner = made.user === like.user && made.group === like.group;
    if (hasOwner && made.mode === like.mode) return made;
    const kept = hasOwner || this.#tryOwner(descriptor, like.user, like.group);
    // Only the superuser gives files away, but a member of the group may pass the group on.
    if (!kept && made.group !== like.group) this.#tryOwner(descriptor, made.user, like.group);
    const mode = kept ? like.mode : like.mode & plainPermissionBits;
    // After the owner: changing that takes set-user-ID away.
    if (made.mode !== mode) this.#fileSystem.fchmod(descriptor, mode);
    return this.#fileSystem.fstat(descriptor);
  }

  /**
   * Who may write a page may replace it, so an owner that cannot be kept does not stop the edit.
   */
  #tryOwner(descriptor: FileDescriptor, user: number, group: number): boolean {
    try {
      this.#fileSystem.fchown(descriptor, user, group);
      return true;
    } catch (error) {
      if (!hasErrno(error, 'EPERM')) throw error;
      return false;
    }
  }
}
