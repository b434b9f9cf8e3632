/**
 * Finds what an earlier run left in the history, a slice at a time, and puts it in the order in
 * which it came there.
 *
 * That order is the one of the files' times of change, for a rename sets that time and no reader
 * does; the time of modification is when the content was written, long before it was displaced
 * perhaps. Where the two disagree (a history that was copied back from somewhere has times of its
 * own), the revisions of a page still come one after the other.
 */

import { FileError, hasErrno } from '../errno.ts';
import type { FileSystem } from '../file-system.ts';
import type { HistoryFolder } from '../history-folder.ts';
import type { HistoryFile } from './kept-files.ts';

/** Files that one slice looks at: about a millisecond. */
const sliceFiles = 256;

/** What could not be looked at. */
export type ScanFailure = (error: FileError) => void;

export class HistoryScan {
  readonly #history: HistoryFolder;
  readonly #fileSystem: FileSystem;
  readonly #filesMax: number;
  readonly #failed: ScanFailure;
  /** Numbers of the pages that were not looked at yet, the next one last. */
  readonly #pagesLeft: number[];
  #page = 0;
  /** Revisions of that page that were not looked at yet, the next one last. */
  #revisionsLeft: number[] = [];
  /** When the page's last file came. */
  #lastMs = 0;
  #isCut = false;

  // What was found: a number a file in each, for objects would take ten times as much.
  readonly #pages: number[] = [];
  readonly #revisions: number[] = [];
  readonly #bytes: number[] = [];
  readonly #timesMs: number[] = [];

  /**
   * @param filesMax the scan ends at so many; the others are left to the next start
   * @param failed hears of what cannot be looked at; the scan goes on
   */
  constructor(
    history: HistoryFolder,
    fileSystem: FileSystem,
    filesMax: number,
    failed: ScanFailure,
  ) {
    this.#history = history;
    this.#fileSystem = fileSystem;
    this.#filesMax = filesMax;
    this.#failed = failed;
    this.#pagesLeft = this.#numbersIn(history.path);
  }

  /** Whether there were more files than may be found. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Looks at some more; false when the scan is over. */
  slice(): boolean {
    for (let step = 0; step < sliceFiles; step += 1) {
      const revision = this.#revisionsLeft.pop();
      if (revision !== undefined) {
        if (this.#pages.length >= this.#filesMax) {
          this.#isCut = true;
          return false;
        }
        this.#look(revision);
        continue;
      }
      const page = this.#pagesLeft.pop();
      if (page === undefined) return false;
      this.#open(page);
    }
    return true;
  }

  /** What was found, the file that came first before all others. */
  *files(): Generator<HistoryFile, void> {
    const times = this.#timesMs;
    const order = Uint32Array.from(times.keys());
    // The sort is stable, so revisions of the same moment keep their order.
    order.sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
    for (const index of order) {
      yield {
        page: this.#pages[index] ?? 0,
        revision: this.#revisions[index] ?? 0,
        bytes: this.#bytes[index] ?? 0,
      };
    }
  }

  /** Lists a page's folder. What has a page's name and is none, a link say, is left alone. */
  #open(page: number): void {
    this.#page = page;
    this.#lastMs = 0;
    try {
      this.#history.withFolder(page, () => {
        this.#revisionsLeft = this.#numbersIn(`${this.#history.path}/${page}`);
      });
    } catch (error) {
      this.#tell(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EMLINK');
    }
  }

  #look(revision: number): void {
    try {
      const status = this.#history.find({ page: this.#page, revision });
      if (status?.type !== 'file') return;
      this.#lastMs = Math.max(this.#lastMs, Number(status.identity.changedNs) / 1_000_000);
      this.#pages.push(this.#page);
      this.#revisions.push(revision);
      this.#bytes.push(Number(status.identity.size));
      this.#timesMs.push(this.#lastMs);
    } catch (error) {
      this.#tell(error);
    }
  }

  /** The names in a folder that are numbers as the store writes them, the highest first. */
  #numbersIn(path: string): number[] {
    try {
      const names = this.#fileSystem.readdir(path).filter((name) => numberName.test(name));
      return names.map(Number).sort((a, b) => b - a);
    } catch (error) {
      this.#tell(error, 'ENOENT');
      return [];
    }
  }

  #tell(error: unknown, ...harmless: readonly string[]): void {
    if (!(error instanceof FileError)) throw error;
    if (!hasErrno(error, ...harmless)) this.#failed(error);
  }
}

/** All of up to 15 digits are exact; the ledger counts from 1. */
const numberName = /^[1-9]\d{0,14}$/;
