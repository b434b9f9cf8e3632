/**
 * The parts of an open file, one after the other: read right here where they lie in memory, and
 * else fetched by the worker that has the file open.
 */

import { assert } from '../base/assert.ts';
import type { FetchedBytes, StreamHandle } from '../dispatch/dispatcher.ts';
import { slotBytes } from '../dispatch/limits.ts';
import type { InstantReader } from './instant-reader.ts';

/**
 * Parts that are fetched at once: one, where those behind it will lie in memory by then; else one
 * that is being sent, and one that is being read.
 */
const FETCHES_MAX = { besideReader: 1, alone: 2 };

export class ContentParts {
  readonly #handle: StreamHandle;
  /** Absent once it is known that it can read nothing of this file. */
  #reader: InstantReader | undefined;
  readonly #more: () => void;
  /** What has come and was not sent yet, in order. */
  #fetched: FetchedBytes[] = [];
  /** Up to where of the file was fetched or is being. */
  #fetchedTo = 0;
  /** Fetches under way that are wanted. */
  #owed = 0;
  /** Fetches under way that are not wanted any more; they come before the others. */
  #stale = 0;

  /** @param more called when it is worth to ask again after `later` */
  constructor(handle: StreamHandle, reader: InstantReader | undefined, more: () => void) {
    this.#handle = handle;
    this.#reader = handle.file === undefined ? undefined : reader;
    this.#more = more;
  }

  /**
   * Bytes from `position` on, at least one and none at `end` or behind. They hold until something
   * is asked of anyone who shares the reader, and must be dropped or passed before the next ones
   * are taken. `changed`: the file is not what it was, and the rest cannot be had.
   */
  take(position: number, end: number): Uint8Array | 'later' | 'changed' {
    const [fetched] = this.#fetched;
    if (fetched !== undefined) {
      assert(fetched.position === position, `${position} was asked for, not ${fetched.position}`);
      return fetched.bytes;
    }
    const { file } = this.#handle;
    if (this.#owed === 0 && file !== undefined && this.#reader !== undefined) {
      const read = this.#reader.readNow(file, position, end - position);
      if (typeof read === 'number') return this.#reader.bytes.subarray(0, read);
      if (read === 'changed') return 'changed';
      if (read === 'unsupported') this.#reader = undefined;
    }
    this.#fetch(position, end);
    return 'later';
  }

  /** What was taken has been sent whole; the next one will be asked for up to `end`. */
  passed(end: number): void {
    const fetched = this.#fetched.shift();
    if (fetched === undefined) return;
    fetched.release();
    if (this.#reader === undefined) this.#fetch(this.#fetchedTo, end);
  }

  /** Keeps nothing: what was fetched and not passed is fetched again when it is asked for. */
  drop(): void {
    for (const { release } of this.#fetched) release();
    this.#fetched = [];
    this.#stale += this.#owed;
    this.#owed = 0;
  }

  /** Takes what a worker has read. */
  receive(piece: FetchedBytes): void {
    if (this.#stale > 0) {
      this.#stale -= 1;
      piece.release();
    } else {
      this.#owed -= 1;
      this.#fetched.push(piece);
    }
    this.#more();
  }

  #fetch(position: number, end: number): void {
    if (this.#owed === 0 && this.#fetched.length === 0) this.#fetchedTo = position;
    const most = this.#reader === undefined ? FETCHES_MAX.alone : FETCHES_MAX.besideReader;
    while (this.#owed + this.#stale + this.#fetched.length < most && this.#fetchedTo < end) {
      const bytes = Math.min(slotBytes, end - this.#fetchedTo);
      this.#owed += 1;
      this.#handle.fetch(this.#fetchedTo, bytes);
      this.#fetchedTo += bytes;
    }
  }
}
