/** The content of one open page, or ranges of it, read in order, as long as nobody changes it. */

import { assert } from '../base/assert.ts';
import { type ByteRange, rangeBytes } from '../model/byte-range.ts';
import type { FileIdentity } from '../model/messages.ts';
import { FileError } from './errno.ts';
import { closeQuietly, type FileDescriptor, type FileSystem } from './file-system.ts';
import { readFully, sameContent } from './page-file.ts';
import type { ContentStream } from './store.ts';

export class FileContentStream implements ContentStream {
  readonly size: number;
  readonly #fileSystem: FileSystem;
  readonly #opened: FileIdentity;
  #descriptor: FileDescriptor | undefined;
  readonly #ranges: ByteRange[];
  #remaining: number;

  /**
   * Takes over the descriptor: `close` closes it.
   *
   * @param ranges read one after the other
   */
  constructor(
    fileSystem: FileSystem,
    descriptor: FileDescriptor,
    opened: FileIdentity,
    ranges: readonly ByteRange[],
  ) {
    this.#ranges = [...ranges];
    this.size = rangeBytes(ranges);
    this.#remaining = this.size;
    this.#fileSystem = fileSystem;
    this.#opened = opened;
    this.#descriptor = descriptor;
  }

  get remaining(): number {
    return this.#remaining;
  }

  read(bytesMax: number): Uint8Array | undefined {
    assert(this.#descriptor !== undefined, 'a closed content was read');
    const [range] = this.#ranges;
    assert(range !== undefined, 'a content was read behind its end');
    const wanted = Math.min(bytesMax, range.end - range.start);
    try {
      const bytes = readFully(this.#fileSystem, this.#descriptor, range.start, wanted);
      // What was sent already belongs to the old content, so a changed page cannot be completed.
      const now = this.#fileSystem.fstat(this.#descriptor).identity;
      if (bytes.length < wanted || !sameContent(this.#opened, now)) return undefined;
      this.#remaining -= wanted;
      const start = range.start + wanted;
      if (start < range.end) this.#ranges[0] = { start, end: range.end };
      else this.#ranges.shift();
      return bytes;
    } catch (error) {
      if (error instanceof FileError) return undefined;
      throw error;
    }
  }

  /** Closing twice is no error: the second time there is nothing left to close. */
  close(): void {
    if (this.#descriptor === undefined) return;
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    closeQuietly(this.#fileSystem, descriptor);
  }
}
