/**
 * Which files a thread has open, written where another thread can read it when that one is gone.
 * Descriptors belong to the process: those of a thread that died would stay open for ever, and one
 * that is closed twice closes a file of somebody else.
 *
 * While the thread runs, it alone closes what it has opened. When it runs no code any more, whoever
 * started it takes all marks that are left, and closes those files. A mark is set after the file
 * was opened and taken before it is closed, so a thread that is stopped between the two leaves its
 * file open; it never lets it be closed twice.
 */

import { assert } from '../base/assert.ts';

/**
 * Descriptors that can be marked: as many as Linux gives a process at most, unless it is told
 * otherwise. A byte each, of which the kernel gives memory only to those that are used.
 */
export const markedFilesMax = 1 << 20;

const marked = 1;
const unmarked = 0;

export class FileMarks {
  readonly #marks: Uint8Array;

  constructor(memory: SharedArrayBuffer) {
    this.#marks = new Uint8Array(memory);
  }

  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(markedFilesMax);
  }

  /** False when there is no place for a number so high; it must be closed at once then. */
  tryMark(descriptor: number): boolean {
    if (descriptor >= this.#marks.length) return false;
    const before = Atomics.exchange(this.#marks, descriptor, marked);
    assert(before === unmarked, `descriptor ${descriptor} was opened twice`);
    return true;
  }

  /** Takes the mark, and with it the duty to close the file. Throws where there is none. */
  take(descriptor: number): void {
    const before = Atomics.exchange(this.#marks, descriptor, unmarked);
    assert(before === marked, `descriptor ${descriptor} is closed by someone who does not own it`);
  }

  /** Takes every mark. For when the thread runs no code any more. */
  takeAll(): number[] {
    const descriptors: number[] = [];
    for (;;) {
      const from = (descriptors.at(-1) ?? -1) + 1;
      const descriptor = this.#marks.indexOf(marked, from);
      if (descriptor < 0) return descriptors;
      this.take(descriptor);
      descriptors.push(descriptor);
    }
  }
}
