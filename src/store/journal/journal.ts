/**
 * The redo journal: a group of edits is durable once its record is synced in here, long before its
 * pages are. Records go into two segments in turn; one is used again when all that its records
 * tell is known to be on disk by other means, which is called settled.
 *
 * What a start finds is a run of records without a gap. It has every record that was synced and is
 * not settled, it ends with the last one that was synced or with a later one, and all in it were
 * appended. It may begin with some that are settled, so redoing must do no harm. Let the segments
 * be A and B, and A the one in use:
 *
 * 1. `beginSettling`: nothing is written. All in A is synced, for this is asserted.
 * 2. The first append to B writes its header and the record. B's old records are settled, for no
 *    settling is under way when one is begun, and those in between lie in A.
 *    - Neither is on disk: B has its old header, whose sequence number is lower than A's. What of
 *      its old records was overwritten ends the run of B before A begins, and A counts alone; if
 *      none was, B's records come before A's once more.
 *    - The header is torn: B counts for nothing, and A alone is all that there is.
 *    - The header is there: B is the newer one. A is whole and ends where B begins, so A and then
 *      B count; a torn record ends B.
 * 3. `endSettling`: nothing is written. Records and headers from now on tell that A is settled, and
 *    whoever finds one of them leaves out what it tells. Until then A is left over once more.
 * 4. `beginSettling` again: A is used now, as B was in 2. When A does not end where B begins, it is
 *    because A is being overwritten: then all in it was settled, and B counts alone.
 *
 * A start writes the header of a fresh segment over the one that is not the newest, when all that
 * was left over is done and synced. If that is torn or lost, the newer one's records are left over
 * again, and they are the last of the run. That header tells that all before it is settled.
 *
 * What was found may be known to the kernel alone, after the death of a process: the segments are
 * synced when they are opened, so that a power cut in the middle of the redoing finds it again.
 *
 * No record is invented. A record has the random mark of its segment's header, so no bytes of an
 * earlier use of the place count, whatever numbers they have, and nobody can send a page that
 * holds a record. Numbers and marks alone would not tell the rest of a record that failed from a
 * record: the checksum behind it does, and its mark is wiped out.
 *
 * It is assumed that a write changes no bytes beside those that were given, also when the power is
 * cut. That bytes change long after they were synced is not noticed as such: behind the first one
 * of them nothing of its segment counts.
 */

import { assert } from '../../base/assert.ts';
import { utf8Bytes } from '../../base/bytes.ts';
import { type Random, systemRandom } from '../../base/random.ts';
import { FileError } from '../errno.ts';
import { closeQuietly, type FileDescriptor, type FileSystem } from '../file-system.ts';
import { folderFlags, openOwnFolder } from '../open-store.ts';
import {
  encodeHeader,
  encodeRecord,
  headerBytes,
  payloadBytesMax,
  recordBytes,
  type SegmentHeader,
} from './format.ts';
import { findLeftOver, type LeftOver } from './left-over.ts';
import { Segment } from './segment.ts';

/**
 * A segment with so much is full: some ten thousand edits of small pages, more than a second under
 * full load. The rarer pages are settled, the more of them were displaced and pruned by then, and
 * never have to be written. What comes during a settling goes to the other one, and may be more.
 */
export const segmentBytesDefault = 16 * 1024 * 1024;

/** Room that a segment has from the start, so that a folder with few edits is not large. */
export const reservedBytesDefault = 2 * 1024 * 1024;

/** Room that is given at once where more is needed: one sync of many has a new size to tell. */
const growthBytes = 1024 * 1024;

/** A buffer for larger records is not kept: a group of the largest pages in it is below. */
const keptBufferBytesMax = 4 * 1024 * 1024;

export interface JournalOptions {
  readonly durability: 'sync' | 'none';
  /** A segment with so much is full. */
  readonly segmentBytes?: number;
  /** Room that a segment has from the start. */
  readonly reservedBytes?: number;
  readonly random?: Random;
}

export interface Journal {
  /**
   * Payloads that are not known to be settled, oldest first: what a start has to redo. Empty after
   * `restart`.
   */
  readonly leftOver: readonly Uint8Array[];
  /**
   * Everything in `leftOver` is done and synced: forgets it durably. To be called before the first
   * append. Throws `FileError`; then nothing is forgotten, or all.
   */
  restart(): void;
  /**
   * Writes a record behind the last one; it is not durable before `sync`. Throws `FileError`; then
   * it is as if it had not been asked, and the next record takes its place.
   */
  append(payload: Uint8Array): void;
  /**
   * Makes all appended records durable (under durability `none` it syncs nothing). Throws
   * `FileError`: whether they are durable is not known then, nor what a second try would say;
   * `ENOENT` when the segment was removed.
   */
  sync(): void;
  /**
   * The same, while this thread goes on: `done` is called later, with what `sync` would throw.
   * Until then nothing is appended, and no settling begins.
   */
  syncLater(done: (failure?: FileError) => void): void;
  /** So much was appended since the last settling began that it is time, and none is under way. */
  readonly isFull: boolean;
  /** Something was appended that is not settled. */
  readonly hasUnsettled: boolean;
  /**
   * From now on records go to the other segment; those so far are settled with `endSettling`. All
   * of them are synced, and no settling is under way.
   */
  beginSettling(): void;
  /** What was appended before `beginSettling` is on disk, and needs no redoing. */
  endSettling(): void;
  /**
   * All that was appended is settled: says so durably, so that a start finds nothing to do. Throws
   * `FileError`; then a start may do some of it again.
   */
  finish(): void;
  close(): void;
}

/**
 * Opens the folder at `path` with its segments, `0` and `1`, and makes what is missing; the folder
 * that it lies in is there. Under durability `none` no room is reserved, for nothing is synced.
 * Throws `FileError`; `EOPNOTSUPP` for a journal of a later release.
 */
export function openJournal(
  path: string,
  options: JournalOptions,
  fileSystem: FileSystem,
): Journal {
  const segmentBytes = options.segmentBytes ?? segmentBytesDefault;
  const reservedBytes = Math.min(segmentBytes, options.reservedBytes ?? reservedBytesDefault);
  assert(reservedBytes >= headerBytes, `${reservedBytes} bytes have no room for a header`);
  const open: { close(): void }[] = [];
  const folder = (descriptor: FileDescriptor): FileDescriptor => {
    open.push({ close: () => closeQuietly(fileSystem, descriptor) });
    return descriptor;
  };
  const segment = (name: string): Segment => {
    const opened = new Segment(`${path}/${name}`, fileSystem);
    open.push(opened);
    return opened;
  };
  try {
    const slash = path.lastIndexOf('/');
    const parent = folder(fileSystem.open(path.slice(0, slash), folderFlags, 0));
    const own = folder(openOwnFolder(fileSystem, parent, path.slice(slash + 1)));
    const segments = [segment('0'), segment('1')] as const;
    if (options.durability === 'sync') {
      for (const each of segments) {
        each.tryReserve(reservedBytes);
        each.syncWhole();
      }
      for (const each of [own, parent]) fileSystem.fsync(each);
    }
    const leftOver = findLeftOver(segments[0].read(), segments[1].read());
    const journal = new SegmentJournal(segments, leftOver, {
      ...options,
      segmentBytes,
      reservedBytes,
    });
    open.splice(2);
    return journal;
  } finally {
    for (const each of open) each.close();
  }
}

class SegmentJournal implements Journal {
  readonly #segments: readonly [Segment, Segment];
  readonly #segmentBytes: number;
  readonly #reservedBytes: number;
  readonly #isSyncing: boolean;
  readonly #random: Random;
  #leftOver: readonly Uint8Array[];
  #state: 'opened' | 'started' | 'closed' = 'opened';
  /** The segment in use, before the start the one that will be. */
  #current: 0 | 1;
  /** What its header says, or will say with the first record. */
  #header: SegmentHeader;
  /** Where the next record goes; the header goes before a first one at 0. */
  #position = 0;
  /** Number of the last record. */
  #last: number;
  #settled: number;
  /** Up to this number records are settled when the settling that is under way ends. */
  #settling: number | undefined;
  #hasUnsynced = false;
  /** The disk had no room for more of the segment in use. */
  #isCramped = false;
  #buffer = new Uint8Array(64 * 1024);

  constructor(
    segments: readonly [Segment, Segment],
    leftOver: LeftOver,
    options: JournalOptions & { readonly segmentBytes: number; readonly reservedBytes: number },
  ) {
    this.#segments = segments;
    this.#segmentBytes = options.segmentBytes;
    this.#reservedBytes = options.reservedBytes;
    this.#isSyncing = options.durability === 'sync';
    this.#random = options.random ?? systemRandom;
    this.#leftOver = leftOver.payloads;
    this.#current = leftOver.next;
    this.#last = leftOver.last;
    this.#settled = leftOver.last;
    this.#header = this.#headerAfter(leftOver.sequence);
  }

  get leftOver(): readonly Uint8Array[] {
    return this.#leftOver;
  }

  restart(): void {
    assert(this.#state === 'opened', 'a journal is started once, before its first record');
    const segment = this.#segments[this.#current];
    encodeHeader(this.#buffer, this.#header);
    segment.write(this.#buffer.subarray(0, headerBytes), 0);
    if (this.#isSyncing) segment.sync();
    segment.check();
    for (const each of this.#segments) each.shrink(this.#reservedBytes);
    this.#position = headerBytes;
    this.#leftOver = [];
    this.#state = 'started';
  }

  append(payload: Uint8Array): void {
    assert(this.#state === 'started', 'a journal that was not started, or is closed');
    assert(payload.length <= payloadBytesMax, `${payload.length} bytes are no record`);
    const start = this.#position === 0 ? headerBytes : 0;
    const bytes = this.#room(start + recordBytes(payload.length));
    const { mark } = this.#header;
    if (start > 0) encodeHeader(bytes, this.#header);
    const record = { number: this.#last + 1, settled: this.#settled, payload };
    encodeRecord(bytes.subarray(start), mark, record);
    const segment = this.#segments[this.#current];
    this.#makeRoom(segment, this.#position + bytes.length);
    try {
      segment.write(bytes, this.#position);
    } catch (error) {
      wipe(segment, this.#position + start);
      throw error;
    }
    this.#position += bytes.length;
    this.#last += 1;
    this.#hasUnsynced = true;
  }

  sync(): void {
    const segment = this.#segments[this.#current];
    if (this.#hasUnsynced && this.#isSyncing) segment.sync();
    segment.check();
    this.#hasUnsynced = false;
  }

  syncLater(done: (failure?: FileError) => void): void {
    const segment = this.#segments[this.#current];
    assert(this.#isSyncing && this.#hasUnsynced, 'nothing is to be synced');
    segment.syncLater((failure) => {
      this.#hasUnsynced = failure !== undefined;
      done(failure ?? failureOf(() => segment.check()));
    });
  }

  get isFull(): boolean {
    const bytes = this.#isCramped ? this.#reservedBytes : this.#segmentBytes;
    return this.#settling === undefined && this.#position >= bytes;
  }

  get hasUnsettled(): boolean {
    return this.#last > this.#settled;
  }

  beginSettling(): void {
    assert(this.#settling === undefined, 'one settling at a time: the other segment is needed');
    assert(!this.#hasUnsynced, 'a record that could be lost lies before those that come');
    this.#settling = this.#last;
    // Where nothing is, nothing is settled: the segment is as fresh as the other one.
    if (this.#last < this.#header.first) return;
    this.#header = this.#headerAfter(this.#header.sequence);
    this.#current = this.#current === 0 ? 1 : 0;
    this.#position = 0;
    this.#isCramped = false;
  }

  endSettling(): void {
    assert(this.#settling !== undefined, 'no settling is under way');
    this.#settled = this.#settling;
    this.#settling = undefined;
  }

  finish(): void {
    assert(this.#state === 'started' && !this.hasUnsettled, 'something may be needed again');
    assert(this.#settling === undefined, 'a settling is under way');
    // A segment that has its header and no record follows one that says so itself.
    if (this.#position > 0) return;
    const segment = this.#segments[this.#current];
    encodeHeader(this.#buffer, { ...this.#header, settled: this.#settled });
    segment.write(this.#buffer.subarray(0, headerBytes), 0);
    if (this.#isSyncing) segment.sync();
    this.#position = headerBytes;
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    for (const segment of this.#segments) segment.close();
  }

  #headerAfter(sequence: number): SegmentHeader {
    const mark = Bun.hash.xxHash3(utf8Bytes(this.#random.uuid()));
    const first = this.#last + 1;
    return { sequence: sequence + 1, mark, first, settled: this.#settled };
  }

  /** Where that fails, the write of the record tells. */
  #makeRoom(segment: Segment, end: number): void {
    if (!this.#isSyncing || this.#isCramped || end <= segment.room) return;
    const step = Math.min(growthBytes, this.#reservedBytes);
    this.#isCramped = !segment.tryReserve(Math.ceil(end / step) * step);
  }

  #room(bytes: number): Uint8Array {
    if (bytes > keptBufferBytesMax) return new Uint8Array(bytes);
    if (bytes > this.#buffer.length) {
      this.#buffer = new Uint8Array(Math.min(keptBufferBytesMax, 2 * bytes));
    }
    return this.#buffer.subarray(0, bytes);
  }
}

function failureOf(check: () => void): FileError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof FileError) return error;
    throw error;
  }
}

/** Makes sure that a record which was written in part is none, whatever was there before it. */
function wipe(segment: Segment, position: number): void {
  try {
    segment.write(new Uint8Array(8), position);
  } catch (error) {
    // The checksum is missing anyway, but for bytes that happen to be the same.
    if (!(error instanceof FileError)) throw error;
  }
}
