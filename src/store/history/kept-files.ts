/**
 * Which files the history holds: those of a page in the order of revisions, and all of them in the
 * order in which they came.
 *
 * There may be a million, so none has an object: a file is a row of numbers, 40 bytes, and a page
 * is one entry of a map.
 */

import { assert } from '../../base/assert.ts';
import type { HistoryPlace } from '../history-folder.ts';

/** A version of a page that an edit displaced. */
export interface HistoryFile extends HistoryPlace {
  readonly bytes: number;
}

/** No row. */
const none = -1;

const firstRows = 1024;

/** Numbers of a row that may be large: the page, the revision and the bytes. */
const numbersARow = 3;
/** Numbers of a row that lead to other rows, and the count. */
const linksARow = 4;

/** The next revision of the page; the newest one's is the oldest, so that a page is a ring. */
const later = 0;
/** How many files the page has; true in the row of its newest one alone. */
const count = 1;
/** The files that came just before and just after, of whatever page. */
const older = 2;
const younger = 3;

export class KeptFiles {
  #numbers = new Float64Array(firstRows * numbersARow);
  #links = new Int32Array(firstRows * linksARow);
  /** Rows from here on were never used. */
  #unused = 0;
  /** The first of the rows that are free again; the others follow as its later ones. */
  #free = none;
  /** The row of each page's newest revision. */
  readonly #newest = new Map<number, number>();
  #oldest = none;
  #youngest = none;
  #size = 0;
  #bytes = 0;

  /** How many files there are. */
  get size(): number {
    return this.#size;
  }

  /** What they hold together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The page whose file came before all others; `undefined` when there is none. */
  get oldestPage(): number | undefined {
    return this.#oldest === none ? undefined : this.#number(this.#oldest, 0);
  }

  countOf(page: number): number {
    const row = this.#newest.get(page);
    return row === undefined ? 0 : this.#link(row, count);
  }

  /** Adds a file as the one that came last; false when it is known already. */
  add({ page, revision, bytes }: HistoryFile): boolean {
    const newest = this.#newest.get(page);
    const before = newest === undefined ? none : this.#rowBefore(newest, revision);
    if (before !== none && this.#revisionOf(before) === revision) return false;
    const row = this.#takeRow();
    this.#numbers.set([page, revision, bytes], row * numbersARow);
    this.#linkInPage(page, row, newest ?? none, before);
    this.#linkByAge(row);
    this.#size += 1;
    this.#bytes += bytes;
    return true;
  }

  /** Takes out the oldest revision of a page; `undefined` when it has none. */
  takeOldestOf(page: number): HistoryFile | undefined {
    const newest = this.#newest.get(page);
    if (newest === undefined) return undefined;
    const row = this.#link(newest, later);
    const bytes = this.#number(row, 2);
    const file = { page, revision: this.#revisionOf(row), bytes };
    if (row === newest) {
      this.#newest.delete(page);
    } else {
      this.#setLink(newest, later, this.#link(row, later));
      this.#setLink(newest, count, this.#link(newest, count) - 1);
    }
    this.#unlinkByAge(row);
    this.#setLink(row, later, this.#free);
    this.#free = row;
    this.#size -= 1;
    this.#bytes -= bytes;
    return file;
  }

  /**
   * The page's last row whose revision is not above `revision`; `none` when all are above. Almost
   * always that is the newest one, at which it looks first.
   */
  #rowBefore(newest: number, revision: number): number {
    if (this.#revisionOf(newest) <= revision) return newest;
    let before = none;
    let row = this.#link(newest, later);
    while (this.#revisionOf(row) <= revision) {
      before = row;
      row = this.#link(row, later);
    }
    return before;
  }

  /** Puts a row into its page's ring, behind `before`, or in front of all. */
  #linkInPage(page: number, row: number, newest: number, before: number): void {
    if (newest === none) {
      this.#setLink(row, later, row);
      this.#setLink(row, count, 1);
      this.#newest.set(page, row);
      return;
    }
    const place = before === none ? newest : before;
    this.#setLink(row, later, this.#link(place, later));
    this.#setLink(place, later, row);
    const last = before === newest ? row : newest;
    this.#setLink(last, count, this.#link(newest, count) + 1);
    this.#newest.set(page, last);
  }

  #linkByAge(row: number): void {
    this.#setLink(row, older, this.#youngest);
    this.#setLink(row, younger, none);
    if (this.#youngest === none) this.#oldest = row;
    else this.#setLink(this.#youngest, younger, row);
    this.#youngest = row;
  }

  #unlinkByAge(row: number): void {
    const before = this.#link(row, older);
    const after = this.#link(row, younger);
    if (before === none) this.#oldest = after;
    else this.#setLink(before, younger, after);
    if (after === none) this.#youngest = before;
    else this.#setLink(after, older, before);
  }

  #takeRow(): number {
    const row = this.#free;
    if (row !== none) {
      this.#free = this.#link(row, later);
      return row;
    }
    if (this.#unused * linksARow === this.#links.length) this.#grow();
    this.#unused += 1;
    return this.#unused - 1;
  }

  #grow(): void {
    const numbers = new Float64Array(this.#numbers.length * 2);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    const links = new Int32Array(this.#links.length * 2);
    links.set(this.#links);
    this.#links = links;
  }

  #revisionOf(row: number): number {
    return this.#number(row, 1);
  }

  #number(row: number, which: number): number {
    const value = this.#numbers[row * numbersARow + which];
    assert(value !== undefined, 'a row that is not there');
    return value;
  }

  #link(row: number, which: number): number {
    const value = this.#links[row * linksARow + which];
    assert(value !== undefined, 'a row that is not there');
    return value;
  }

  #setLink(row: number, which: number, to: number): void {
    this.#links[row * linksARow + which] = to;
  }
}
