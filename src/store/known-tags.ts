/**
 * Entity tags of pages that were read before: to make one takes as long as to open the file. A tag
 * belongs to a file's identity: a file with the same one has the same content, where the stamps in
 * it were old when the content was read (`isSettledAt`). No content is kept.
 *
 * All of a record lies in two lines of the processor's memory, and each file has one place, which
 * the last one keeps: to look for what lies here and there takes as long as to make the tag.
 */

import { identityWords } from './statx-status.ts';

/** Of ten thousand files nearly each has a place to itself. All records take 2.6 MB. */
const PLACE_BITS = 15;
const PLACES = 2 ** PLACE_BITS;

/** 2^32 by the golden ratio: numbers in a row, as inodes come, are spread by it as by chance. */
const SPREAD = 0x9e3779b1;

/** Characters of a tag, without its quotes: 128 bits in base64. */
export const tagLength = 22;

/** Where in a record the tag stands, and behind it the label; both in words. */
const tagWord = identityWords.length;
const labelWord = tagWord + Math.ceil(tagLength / 4);
const recordWords = labelWord + 1;

/** The lower half of the inode, in a status. */
const inodeWord = 8;

/** Whether the content needs a label; 0 where nobody has asked. */
export const labels = { unknown: 0, none: 1, utf8: 2 } as const;

export class KnownTags {
  readonly #words = new Uint32Array(PLACES * recordWords);
  readonly #bytes = new Uint8Array(this.#words.buffer);

  /**
   * Copies the tag of the file that has this status to `tag`, and returns its label; `undefined`
   * where it is not known.
   *
   * @param status `struct statx`, in words
   */
  find(status: Uint32Array, tag: Uint8Array): number | undefined {
    const words = this.#words;
    const start = placeOf(status);
    for (let index = 0; index < tagWord; index += 1) {
      if (words[start + index] !== status[identityWords[index] ?? 0]) return undefined;
    }
    const bytes = this.#bytes;
    const from = (start + tagWord) * 4;
    for (let index = 0; index < tagLength; index += 1) tag[index] = bytes[from + index] ?? 0;
    return words[start + labelWord];
  }

  /** @param status of the file, whose stamps are old */
  keep(status: Uint32Array, tag: Uint8Array, label: number): void {
    const start = placeOf(status);
    for (const [index, at] of identityWords.entries()) this.#words[start + index] = status[at] ?? 0;
    this.#bytes.set(tag, (start + tagWord) * 4);
    this.#words[start + labelWord] = label;
  }
}

/** The first word of the record that is the file's. No file has a status of zeros. */
function placeOf(status: Uint32Array): number {
  return (Math.imul(status[inodeWord] ?? 0, SPREAD) >>> (32 - PLACE_BITS)) * recordWords;
}
