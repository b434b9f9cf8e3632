/** One of a journal's two files: opened with its room, read whole, written at a place, synced. */

import { constants } from 'node:fs';
import { FileError, refusalOf } from '../errno.ts';
import { closeQuietly, type FileDescriptor, type FileSystem } from '../file-system.ts';
import { readFully, writeFully } from '../page-file.ts';

/** Nobody but the server has business with it: it holds pages that may be removed by now. */
const segmentMode = 0o600;

const segmentFlags =
  constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Zeros are written in pieces of this size, each some 100 µs. */
const pieceBytes = 1024 * 1024;

export class Segment {
  readonly #fileSystem: FileSystem;
  readonly #descriptor: FileDescriptor;
  #room = 0;

  /** Opens the file, or makes it. Throws `FileError`. */
  constructor(path: string, fileSystem: FileSystem) {
    this.#fileSystem = fileSystem;
    this.#descriptor = fileSystem.open(path, segmentFlags, segmentMode);
    try {
      if (fileSystem.fstat(this.#descriptor).type !== 'file') throw new FileError('EINVAL', 'open');
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Throws `FileError`. */
  get bytes(): number {
    return Number(this.#fileSystem.fstat(this.#descriptor).identity.size);
  }

  /**
   * Gives a file that is shorter that many bytes, zeros, so that a later sync has content alone to
   * write; where there is no room for that, it stays as it is, and false is returned. Throws
   * `FileError`.
   */
  tryReserve(bytes: number): boolean {
    const before = this.bytes;
    this.#room = before;
    try {
      const zeros = new Uint8Array(Math.max(0, Math.min(pieceBytes, bytes - before)));
      for (let at = before; at < bytes; at += zeros.length) {
        this.write(zeros.subarray(0, bytes - at), at);
      }
      this.#room = Math.max(before, bytes);
      return true;
    } catch (error) {
      if (!(error instanceof FileError) || refusalOf(error.errno, 'storage') !== 'storage-full') {
        throw error;
      }
      // The last bytes of a full disk are for pages.
      this.#fileSystem.ftruncate(this.#descriptor, before);
      return false;
    }
  }

  /** Bytes that it had when room was last reserved; a record behind its end makes it longer. */
  get room(): number {
    return this.#room;
  }

  /** Cuts off what a rush of records has made it grow by. Throws `FileError`. */
  shrink(bytes: number): void {
    if (this.bytes <= bytes) return;
    this.#fileSystem.ftruncate(this.#descriptor, bytes);
    this.#room = bytes;
  }

  /** All of it. Throws `FileError`. */
  read(): Uint8Array {
    return readFully(this.#fileSystem, this.#descriptor, 0, this.bytes);
  }

  /** Writes all of `bytes` at `position`. Throws `FileError`: then a part of them may be there. */
  write(bytes: Uint8Array, position: number): void {
    writeFully(this.#fileSystem, this.#descriptor, bytes, position);
  }

  /** Its size and all else, once, when it is opened. Throws `FileError`. */
  syncWhole(): void {
    this.#fileSystem.fsync(this.#descriptor);
  }

  /** Its content, and of the rest what one needs to read that. Throws `FileError`. */
  sync(): void {
    this.#fileSystem.fdatasync(this.#descriptor);
  }

  /** The same, beside what this thread does meanwhile: `done` is called later. */
  syncLater(done: (failure: FileError | undefined) => void): void {
    this.#fileSystem.fdatasyncLater(this.#descriptor, done);
  }

  /** Throws `FileError` (`ENOENT`) when its name was taken away: no start will find it. */
  check(): void {
    if (this.#fileSystem.fstat(this.#descriptor).links === 0)
      throw new FileError('ENOENT', 'fstat');
  }

  close(): void {
    closeQuietly(this.#fileSystem, this.#descriptor);
  }
}
