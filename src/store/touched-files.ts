/** The pages and folders that edits have changed since they were synced last, each once. */

import { constants } from 'node:fs';
import { keySegments, type ResourceKey } from '../model/resource-key.ts';
import type { Beneath } from './beneath.ts';
import { hasErrno } from './errno.ts';
import { closeQuietly, type FileDescriptor, type FileSystem } from './file-system.ts';
import type { HistoryFolder } from './history-folder.ts';

const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export class TouchedFiles {
  readonly #fileSystem: FileSystem;
  readonly #beneath: Beneath;
  readonly #history: HistoryFolder;
  /** Names of pages by the path of their folder. */
  readonly #pages = new Map<string, Set<string>>();
  /** Numbers of pages whose folders in the history have got a file. */
  readonly #histories = new Set<number>();
  #count = 0;

  constructor(fileSystem: FileSystem, beneath: Beneath, history: HistoryFolder) {
    this.#fileSystem = fileSystem;
    this.#beneath = beneath;
    this.#history = history;
  }

  /** How many pages wait. */
  get pages(): number {
    return this.#count;
  }

  /** @param history the page's number, if it has got a file in the history */
  add(key: ResourceKey, history: number | undefined): void {
    const segments = keySegments(key);
    const folder = segments.slice(0, -1).join('/');
    const names = this.#pages.get(folder) ?? new Set();
    this.#pages.set(folder, names);
    const before = names.size;
    names.add(segments.at(-1) ?? '');
    this.#count += names.size - before;
    if (history !== undefined) this.#histories.add(history);
  }

  /** Throws `FileError`. What is gone by now needs no sync. */
  sync(): void {
    for (const [path, names] of this.#pages) this.#syncFolder(path, names);
    for (const page of this.#histories) {
      unlessGone(() => this.#history.withFolder(page, (folder) => this.#fileSystem.fsync(folder)));
    }
    if (this.#histories.size > 0) {
      this.#history.withFolder(undefined, (folder) => this.#fileSystem.fsync(folder));
    }
    this.#pages.clear();
    this.#histories.clear();
    this.#count = 0;
  }

  #syncFolder(path: string, names: ReadonlySet<string>): void {
    const segments = path === '' ? [] : path.split('/');
    unlessGone(() => {
      const folder = this.#beneath.openFolder(segments);
      try {
        for (const name of names) unlessGone(() => this.#syncFile(folder, name));
        this.#fileSystem.fsync(folder);
      } finally {
        closeQuietly(this.#fileSystem, folder);
      }
    });
  }

  #syncFile(folder: FileDescriptor, name: string): void {
    const file = this.#fileSystem.openat(folder, name, readFlags);
    try {
      this.#fileSystem.fsync(file);
    } finally {
      closeQuietly(this.#fileSystem, file);
    }
  }
}

/** Somebody has removed it, or put something else in its place. */
function unlessGone(use: () => void): void {
  try {
    use();
  } catch (error) {
    if (!hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EMLINK', 'ENXIO')) throw error;
  }
}
