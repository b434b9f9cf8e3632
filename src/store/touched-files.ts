/** The pages, versions and folders that edits have changed since they were synced last. */

import { constants } from 'node:fs';
import { keySegments, type ResourceKey } from '../model/resource-key.ts';
import type { Beneath } from './beneath.ts';
import { hasErrno } from './errno.ts';
import { closeQuietly, type FileDescriptor, type FileSystem } from './file-system.ts';
import type { HistoryFolder, HistoryPlace } from './history-folder.ts';

const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export class TouchedFiles {
  readonly #fileSystem: FileSystem;
  readonly #beneath: Beneath;
  readonly #history: HistoryFolder;
  /** Names of pages by the path of their folder. */
  readonly #pages = new Map<string, Set<string>>();
  /** Revisions that the history has got, by the number of their page. */
  readonly #kept = new Map<number, Set<number>>();
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

  /** @param displaced where the version is kept that was the page before */
  add(key: ResourceKey, displaced: HistoryPlace | undefined): void {
    const segments = keySegments(key);
    const folder = segments.slice(0, -1).join('/');
    const names = this.#pages.get(folder) ?? new Set();
    this.#pages.set(folder, names);
    const before = names.size;
    names.add(segments.at(-1) ?? '');
    this.#count += names.size - before;
    if (displaced === undefined) return;
    const { page, revision } = displaced;
    this.#kept.set(page, (this.#kept.get(page) ?? new Set()).add(revision));
  }

  /** Throws `FileError`. What is gone by now needs no sync. */
  sync(): void {
    for (const [path, names] of this.#pages) this.#syncFolder(path, names);
    for (const [page, revisions] of this.#kept) this.#syncKept(page, revisions);
    if (this.#kept.size > 0) {
      this.#history.withFolder(undefined, (folder) => this.#fileSystem.fsync(folder));
    }
    this.#pages.clear();
    this.#kept.clear();
    this.#count = 0;
  }

  #syncKept(page: number, revisions: ReadonlySet<number>): void {
    unlessGone(() => {
      this.#history.withFolder(page, (folder) => {
        for (const one of revisions) unlessGone(() => this.#syncFile(folder, String(one)));
        this.#fileSystem.fsync(folder);
      });
    });
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
