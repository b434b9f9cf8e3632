/** The content of one open page, as long as nobody changes it. */

import { assert } from '../base/assert.ts';
import type { FileIdentity } from '../model/messages.ts';
import { FileError } from './errno.ts';
import { closeQuietly, type FileDescriptor, type FileSystem } from './file-system.ts';
import { fillFrom, sameContent } from './page-file.ts';
import type { OpenContent } from './store.ts';

export class FileContent implements OpenContent {
  readonly #fileSystem: FileSystem;
  readonly #opened: FileIdentity;
  #descriptor: FileDescriptor | undefined;

  /** Takes over the descriptor: `close` closes it. */
  constructor(fileSystem: FileSystem, descriptor: FileDescriptor, opened: FileIdentity) {
    this.#fileSystem = fileSystem;
    this.#opened = opened;
    this.#descriptor = descriptor;
  }

  tryRead(target: Uint8Array, position: number): boolean {
    assert(this.#descriptor !== undefined, 'a closed content was read');
    assert(position + target.length <= this.#opened.size, 'a content was read behind its end');
    try {
      const count = fillFrom(this.#fileSystem, this.#descriptor, target, position);
      // What was sent already belongs to the old content, so a changed page cannot be completed.
      const now = this.#fileSystem.fstat(this.#descriptor).identity;
      return count === target.length && sameContent(this.#opened, now);
    } catch (error) {
      if (error instanceof FileError) return false;
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
