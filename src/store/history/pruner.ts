/**
 * Keeps the history within its bounds: knows what lies in it, and removes what is too much.
 *
 * A page loses its oldest revision first, so it can be said up to which one it has lost them. In
 * all, the page goes first whose file came before all others. A bound of 0 keeps nothing.
 *
 * **Only what nobody needs any more is removed.** After a crash, recovery looks for the versions
 * that the unfinished edits displaced. So a file is added only when the ledger has written down
 * that its edit is finished; and what the scan finds, which may be the work of a group that has
 * just begun, is touched only after `settled`. The scan itself begins after recovery.
 *
 * What cannot be removed is left to the next start, and is not tried again. A page's folder stays
 * when it is empty: the commit thread may be about to move a file into it.
 */

import { unreachable } from '../../base/assert.ts';
import { FileError, hasErrno } from '../errno.ts';
import type { FileSystem } from '../file-system.ts';
import { HistoryFolder, type HistoryPlace } from '../history-folder.ts';
import { HistoryScan } from './history-scan.ts';
import { type HistoryFile, KeptFiles } from './kept-files.ts';

/** Files that are kept, whatever their sizes: 40 MB of memory, and 4 GB of blocks on a disk. */
export const historyFilesMax = 1_000_000;

/**
 * So many times as many are known, for a disk may be slower at removing than edits are at
 * displacing. What is beyond that is left to the next start.
 */
const filesKnownFactor = 2;

/** Files that one slice removes: milliseconds, or a quarter of a second where each takes one. */
export const sliceRemovalsMax = 256;

/** Found files that one slice takes over: milliseconds. */
const sliceFoundMax = 4_096;

export interface PrunerBounds {
  /** Of one page. */
  readonly historyRevisionsMax: number;
  /** Of all pages together. */
  readonly historyBytesMax: number;
}

/** Where the history lies. */
export interface PrunerPlace {
  /** The served root. */
  readonly root: string;
  readonly fileSystem: FileSystem;
}

/** What could not be removed, or not be looked at. */
export interface LeftFiles {
  readonly count: number;
  /** The last failure, for the log. */
  readonly failure: string;
}

type FoundFiles = Generator<HistoryFile, void>;

type Phase =
  | { readonly kind: 'scanning'; readonly history: HistoryFolder; readonly scan: HistoryScan }
  /** What was found is taken over, in the order in which it came. */
  | { readonly kind: 'sorting'; readonly history: HistoryFolder; readonly files: FoundFiles }
  /** The scan is over; what it found may not be removed yet. */
  | { readonly kind: 'scanned'; readonly history: HistoryFolder }
  | { readonly kind: 'pruning'; readonly history: HistoryFolder }
  /** Somebody has removed the folder; once it is made anew, something comes into it. */
  | { readonly kind: 'removed' };

export class Pruner {
  readonly #place: PrunerPlace;
  readonly #revisionsMax: number;
  readonly #bytesMax: number;
  readonly #filesMax: number;
  readonly #filesKnownMax: number;
  #phase: Phase;
  #kept = new KeptFiles();
  /** A page for each time that it got one file too many. */
  #pagesOver: number[] = [];
  /** What came before the scan was over, and of each page the lowest revision of that. */
  #added: HistoryFile[] = [];
  #firstAdded = new Map<number, number>();
  /** Up to which revision each page has lost its files since this was told. */
  readonly #gone = new Map<number, number>();
  #left = 0;
  #failure = '';

  /**
   * Opens the folder; one that was just removed is opened when something comes into it. Throws
   * `FileError`.
   *
   * @param filesMax stands for {@link historyFilesMax} in tests
   */
  constructor(place: PrunerPlace, bounds: PrunerBounds, filesMax = historyFilesMax) {
    const { historyRevisionsMax, historyBytesMax } = bounds;
    this.#place = place;
    this.#revisionsMax = historyBytesMax === 0 ? 0 : historyRevisionsMax;
    this.#bytesMax = historyBytesMax;
    this.#filesMax = filesMax;
    this.#filesKnownMax = filesKnownFactor * filesMax;
    this.#phase = { kind: 'removed' };
    this.#reopen();
  }

  /** Whether there is something to do for `work`. */
  get hasWork(): boolean {
    switch (this.#phase.kind) {
      case 'scanning':
      case 'sorting':
        return true;
      case 'scanned':
        return false;
      case 'pruning':
        return this.#isOver();
      case 'removed':
        return this.#added.length > 0;
      default:
        return unreachable(this.#phase);
    }
  }

  /** Whether pages have lost files of which `takeGone` has not told yet. */
  get hasGone(): boolean {
    return this.#gone.size > 0;
  }

  /** A file came into the history, and its edit is known to be finished. */
  add(file: HistoryFile): void {
    if (this.#phase.kind === 'pruning' || this.#phase.kind === 'scanned') {
      this.#keep(file);
      return;
    }
    this.#added.push(file);
    const first = this.#firstAdded.get(file.page) ?? file.revision;
    this.#firstAdded.set(file.page, Math.min(first, file.revision));
  }

  /** Every group that was begun before the scan was over is known to be finished. */
  settled(): void {
    if (this.#phase.kind === 'scanned') this.#phase = { ...this.#phase, kind: 'pruning' };
  }

  /**
   * Does a slice of what there is to do. Throws `FileError` when a folder that was made anew cannot
   * be opened.
   *
   * @returns `scanned` when the scan has just ended: then `settled` is waited for
   */
  work(): 'worked' | 'scanned' {
    const phase = this.#phase;
    switch (phase.kind) {
      case 'scanning':
        if (!phase.scan.slice()) this.#endScan(phase.history, phase.scan);
        return 'worked';
      case 'sorting':
        return this.#keepFound(phase.history, phase.files) ? 'worked' : 'scanned';
      case 'scanned':
        return 'worked';
      case 'pruning':
        if (this.#isRemoved(phase.history)) this.#startOver();
        else this.#removeSome(phase.history);
        return 'worked';
      case 'removed':
        this.#reopen();
        return 'worked';
      default:
        return unreachable(phase);
    }
  }

  /** Up to which revision pages have lost their files; at most so many pages, each told once. */
  takeGone(pagesMax: number): HistoryPlace[] {
    const places: HistoryPlace[] = [];
    for (const [page, revision] of this.#gone) {
      if (places.length >= pagesMax) break;
      places.push({ page, revision });
      this.#gone.delete(page);
    }
    return places;
  }

  /** What was left alone and not told yet. */
  takeLeft(): LeftFiles | undefined {
    if (this.#left === 0) return undefined;
    const left = { count: this.#left, failure: this.#failure };
    this.#left = 0;
    return left;
  }

  close(): void {
    if (this.#phase.kind !== 'removed') this.#phase.history.close();
    this.#phase = { kind: 'removed' };
  }

  #opened(): Phase {
    const { root, fileSystem } = this.#place;
    const history = new HistoryFolder(fileSystem, root);
    const scan = new HistoryScan(history, fileSystem, this.#filesKnownMax, (error) =>
      this.#leave(error.message),
    );
    return { kind: 'scanning', history, scan };
  }

  #reopen(): void {
    try {
      this.#phase = this.#opened();
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error;
      // Removed once more. What was to be added is gone with it.
      this.#forget();
    }
  }

  #endScan(history: HistoryFolder, scan: HistoryScan): void {
    if (scan.isCut) this.#leave(`more than ${this.#filesKnownMax} files`);
    this.#phase = { kind: 'sorting', history, files: scan.files() };
  }

  /**
   * What was found comes before what was added meanwhile. Some of that may have been found too:
   * revisions count up, so all from the lowest one that was added is, or will be, added, and is
   * passed over here.
   *
   * @returns whether there is more of it
   */
  #keepFound(history: HistoryFolder, files: FoundFiles): boolean {
    for (let count = 0; count < sliceFoundMax; count += 1) {
      const { done, value: file } = files.next();
      if (done === true) {
        this.#keepAdded();
        this.#phase = { kind: 'scanned', history };
        return false;
      }
      const firstAdded = this.#firstAdded.get(file.page) ?? Number.POSITIVE_INFINITY;
      if (file.revision < firstAdded) this.#keep(file);
    }
    return true;
  }

  #keepAdded(): void {
    const added = this.#added;
    this.#added = [];
    this.#firstAdded = new Map();
    for (const file of added) this.#keep(file);
  }

  #keep(file: HistoryFile): void {
    if (!this.#kept.add(file)) return;
    if (this.#kept.countOf(file.page) > this.#revisionsMax) this.#pagesOver.push(file.page);
    if (this.#kept.size <= this.#filesKnownMax) return;
    this.#takeOldest();
    this.#leave(`more than ${this.#filesKnownMax} files`);
  }

  #isOver(): boolean {
    return this.#pagesOver.length > 0 || this.#isOverInAll();
  }

  #isOverInAll(): boolean {
    return this.#kept.bytes > this.#bytesMax || this.#kept.size > this.#filesMax;
  }

  #removeSome(history: HistoryFolder): void {
    for (let count = 0; count < sliceRemovalsMax; count += 1) {
      const file = this.#takeExcess();
      if (file === undefined) return;
      this.#remove(history, file);
    }
  }

  /** The next file that is too much. */
  #takeExcess(): HistoryFile | undefined {
    for (let page = this.#pagesOver.pop(); page !== undefined; page = this.#pagesOver.pop()) {
      // It may have lost files since, because there were too many to be known.
      if (this.#kept.countOf(page) > this.#revisionsMax) return this.#kept.takeOldestOf(page);
    }
    return this.#isOverInAll() ? this.#takeOldest() : undefined;
  }

  /** Of the page whose file came before all others, the oldest revision. */
  #takeOldest(): HistoryFile | undefined {
    const page = this.#kept.oldestPage;
    return page === undefined ? undefined : this.#kept.takeOldestOf(page);
  }

  /**
   * A file that is not there any more is no failure. But it is not told either: it may be of a
   * folder that was removed, and the ledger that would be told may count its pages anew.
   */
  #remove(history: HistoryFolder, { page, revision }: HistoryFile): void {
    try {
      history.remove({ page, revision });
    } catch (error) {
      if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return;
      if (!(error instanceof FileError)) throw error;
      this.#leave(error.message);
      return;
    }
    this.#gone.set(page, Math.max(revision, this.#gone.get(page) ?? 0));
  }

  /**
   * Whether the folder that is open has no name any more. The ledger may be gone with it, and then
   * pages and revisions are counted from 1 again: nothing that is known here is true any longer.
   */
  #isRemoved(history: HistoryFolder): boolean {
    let links = 0;
    history.withFolder(undefined, (folder) => {
      links = this.#place.fileSystem.fstat(folder).links;
    });
    return links === 0;
  }

  #startOver(): void {
    this.#forget();
    this.#reopen();
  }

  #forget(): void {
    this.close();
    this.#kept = new KeptFiles();
    this.#pagesOver = [];
    this.#added = [];
    this.#firstAdded = new Map();
    this.#gone.clear();
  }

  #leave(failure: string): void {
    this.#left += 1;
    this.#failure = failure;
  }
}
