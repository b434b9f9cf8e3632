/** The content of one open page, read in order, as long as nobody changes it in place. */

import { assert } from '../base/assert.ts';
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
  #position = 0;

  /** Takes over the descriptor: `close` closes it. */
  constructor(fileSystem: FileSystem, descriptor: FileDescriptor, opened: FileIdentity) {
    this.size = Number(opened.size);
    this.#fileSystem = fileSystem;
    this.#opened = opened;
    this.#descriptor = descriptor;
  }

  get remaining(): number {
    return this.size - this.#position;
  }

  read(bytesMax: number): Uint8Array | undefined {
    assert(this.#descriptor !== undefined, 'a closed content was read');
    const wanted = Math.min(bytesMax, this.remaining);
    try {
      const bytes = readFully(this.#fileSystem, this.#descriptor, this.#position, wanted);
      // What was sent already belongs to the old content, so a changed page cannot be completed.
      const now = this.#fileSystem.fstat(this.#descriptor).identity;
      if (bytes.length < wanted || !sameContent(this.#opened, now)) return undefined;
      this.#position += bytes.length;
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
