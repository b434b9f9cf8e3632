/**
 * The folder of displaced versions, `.inkwire/history/<page>/<revision>`: the ledger gives both
 * numbers, and none is ever given twice. A version is the displaced file itself, so keeping it
 * costs a rename.
 */

import { constants } from 'node:fs';
import { FileError, hasErrno } from './errno.ts';
import {
  closeQuietly,
  type FileDescriptor,
  type FileStatus,
  type FileSystem,
} from './file-system.ts';
import { historyFolderName, storeFolderName } from './layout.ts';
import { makeStoreFolder } from './open-store.ts';
import { readFully } from './page-file.ts';

/** Where one version is kept. */
export interface HistoryPlace {
  /** The page's number. */
  readonly page: number;
  readonly revision: number;
}

/** Nobody but the server has business with versions that are no page any more. */
const folderMode = 0o700;

/** Numbers of folders that are known to be there, some 50 bytes each. */
const knownMax = 10_000;

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export class HistoryFolder {
  readonly path: string;
  readonly #fileSystem: FileSystem;
  readonly #rootPath: string;
  #descriptor: FileDescriptor;
  readonly #known = new Set<number>();

  /** Opens it; it is there. Throws `FileError`. */
  constructor(fileSystem: FileSystem, rootPath: string) {
    this.path = `${rootPath}/${storeFolderName}/${historyFolderName}`;
    this.#fileSystem = fileSystem;
    this.#rootPath = rootPath;
    this.#descriptor = fileSystem.open(this.path, folderFlags, 0);
  }

  close(): void {
    closeQuietly(this.#fileSystem, this.#descriptor);
  }

  /** The highest number that a page's folder has; 0 without any. Throws `FileError`. */
  highestPage(): number {
    let highest = 0;
    for (const name of this.#fileSystem.readdir(this.path)) {
      if (/^[1-9][0-9]{0,14}$/.test(name)) highest = Math.max(highest, Number(name));
    }
    return highest;
  }

  /** Makes the page's folder where it is missing. Throws `FileError`. */
  makePage(page: number): void {
    if (this.#known.has(page)) return;
    try {
      this.#make(page);
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error;
      // Somebody has removed all of the history, to have more room.
      this.#makeAnew();
      this.#make(page);
    }
    if (this.#known.size >= knownMax) this.#known.clear();
    this.#known.add(page);
  }

  /** Moves a file in; the page's folder was made. Throws `FileError`. */
  take(folder: FileDescriptor, name: string, place: HistoryPlace): void {
    this.#put(place, (to, toName) => this.#fileSystem.renameat(folder, name, to, toName));
  }

  #put(place: HistoryPlace, put: (folder: FileDescriptor, name: string) => void): void {
    const name = nameOf(place);
    try {
      put(this.#descriptor, name);
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error;
      this.#known.clear();
      this.makePage(place.page);
      put(this.#descriptor, name);
    }
  }

  #make(page: number): void {
    try {
      this.#fileSystem.mkdirat(this.#descriptor, String(page), folderMode);
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw error;
    }
  }

  #makeAnew(): void {
    makeStoreFolder(this.#rootPath, this.#fileSystem);
    const descriptor = this.#fileSystem.open(this.path, folderFlags, 0);
    this.close();
    this.#descriptor = descriptor;
    this.#known.clear();
  }

  /** Gives a file a second name here; the page's folder is there. Throws `FileError`. */
  link(folder: FileDescriptor, name: string, place: HistoryPlace): void {
    this.#put(place, (to, toName) => this.#fileSystem.linkat(folder, name, to, toName));
  }

  /** Throws `FileError`. */
  remove(place: HistoryPlace): void {
    this.#fileSystem.unlinkat(this.#descriptor, nameOf(place));
  }

  /** The file of a version; `undefined` when it is not kept. Throws `FileError`. */
  find(place: HistoryPlace): FileStatus | undefined {
    try {
      return this.#fileSystem.statat(this.#descriptor, nameOf(place));
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  /**
   * The content of a version; `undefined` when it is not kept, is larger than that or cannot be
   * read.
   */
  read(
    place: HistoryPlace,
    bytesMax: number,
  ): { readonly bytes: Uint8Array; readonly status: FileStatus } | undefined {
    let descriptor: FileDescriptor;
    try {
      descriptor = this.#fileSystem.openat(this.#descriptor, nameOf(place), readFlags);
    } catch (error) {
      if (error instanceof FileError) return undefined;
      throw error;
    }
    try {
      const status = this.#fileSystem.fstat(descriptor);
      const size = Number(status.identity.size);
      if (status.type !== 'file' || size > bytesMax) return undefined;
      const bytes = readFully(this.#fileSystem, descriptor, 0, size);
      return bytes.length === size ? { bytes, status } : undefined;
    } catch (error) {
      if (error instanceof FileError) return undefined;
      throw error;
    } finally {
      closeQuietly(this.#fileSystem, descriptor);
    }
  }

  /** Runs `use` with the folder of a page, or, without one, with the folder of them all. */
  withFolder(page: number | undefined, use: (folder: FileDescriptor) => void): void {
    if (page === undefined) {
      use(this.#descriptor);
      return;
    }
    const folder = this.#fileSystem.openat(this.#descriptor, String(page), folderFlags);
    try {
      use(folder);
    } finally {
      closeQuietly(this.#fileSystem, folder);
    }
  }
}

function nameOf({ page, revision }: HistoryPlace): string {
  return `${page}/${revision}`;
}
