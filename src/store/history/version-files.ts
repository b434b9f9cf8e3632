/** Opens the files that hold versions of pages, to read them: also beside the server's own work. */

import { constants } from 'node:fs';
import type { ResourceKey } from '../../model/resource-key.ts';
import { Beneath } from '../beneath.ts';
import { hasErrno } from '../errno.ts';
import {
  closeQuietly,
  type FileDescriptor,
  type FileStatus,
  type FileSystem,
} from '../file-system.ts';
import { historyFolderName, storeFolderName, temporaryFolderName } from '../layout.ts';

/** A regular file, open; whoever has it closes it. */
export interface VersionFile {
  readonly descriptor: FileDescriptor;
  readonly status: FileStatus;
}

const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** What an operation is called: it names a file, so nothing else may pass for it. */
const operationPattern = /^[0-9A-Za-z-]+$/;

/** Every method but `close` throws `FileError` for what the system denies. */
export class VersionFiles {
  readonly #fileSystem: FileSystem;
  readonly #beneath: Beneath;
  readonly #storePath: string;

  /** @param rootPath absolute path of a folder that is there */
  constructor(fileSystem: FileSystem, rootPath: string, portable: boolean) {
    this.#fileSystem = fileSystem;
    this.#beneath = new Beneath(fileSystem, rootPath, portable);
    this.#storePath = `${rootPath}/${storeFolderName}`;
  }

  close(): void {
    this.#beneath.close();
  }

  /** The page as it is; `undefined` when there is none. */
  page(key: ResourceKey): VersionFile | undefined {
    return this.#open(() => this.#beneath.openToRead(key));
  }

  /** A displaced version; `undefined` when it is not kept. */
  kept(page: number, revision: number): VersionFile | undefined {
    return this.#openAt(`${historyFolderName}/${page}/${revision}`);
  }

  /** What lies where an operation is at work; `undefined` when nothing does. */
  underWay(operation: string): VersionFile | undefined {
    if (!operationPattern.test(operation)) return undefined;
    return this.#openAt(`${temporaryFolderName}/${operation}`);
  }

  /** Whether the store has a file of that name. */
  has(name: string): boolean {
    return this.#namesIn(this.#storePath).includes(name);
  }

  /** The revisions of a page that are kept. */
  keptRevisions(page: number): ReadonlySet<number> {
    const names = this.#namesIn(`${this.#storePath}/${historyFolderName}/${page}`);
    return new Set(names.filter((name) => /^[0-9]{1,15}$/.test(name)).map(Number));
  }

  #namesIn(path: string): string[] {
    try {
      return this.#fileSystem.readdir(path);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  #openAt(name: string): VersionFile | undefined {
    return this.#open(() => this.#fileSystem.open(`${this.#storePath}/${name}`, readFlags, 0));
  }

  #open(open: () => FileDescriptor): VersionFile | undefined {
    let descriptor: FileDescriptor;
    try {
      descriptor = open();
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    try {
      const status = this.#fileSystem.fstat(descriptor);
      if (status.type === 'file') return { descriptor, status };
    } catch (error) {
      closeQuietly(this.#fileSystem, descriptor);
      throw error;
    }
    closeQuietly(this.#fileSystem, descriptor);
    return undefined;
  }
}

/** Whether nothing is there that could be a version: a link that leads out is as if missing. */
function isMissing(error: unknown): boolean {
  return hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EXDEV', 'ENXIO', 'ENAMETOOLONG');
}
