/**
 * Heads that differ in a few values only: one such, as it is made the usual way, is kept with the
 * places of these, and each is a copy of it with values of its own.
 */

import { assert } from '../base/assert.ts';
import { latin1Bytes, latin1Text, writeLatin1 } from '../base/bytes.ts';

const CR = 0x0d;
const LF = 0x0a;
const ZERO = 0x30;

/** Where the value of a field stands in a head that has it. */
function valueAt(text: string, name: string): { start: number; end: number } {
  // No value holds a line end, so this is the line and nothing else.
  const line = `\r\n${name}: `;
  const found = text.indexOf(line);
  assert(found !== -1, `no ${name} in the head`);
  const start = found + line.length;
  return { start, end: text.indexOf('\r\n', start) };
}

/** Of a length that a number can tell. */
const lengthDigitsMax = 16;

export interface HeadValues {
  readonly date: string;
  readonly tag: Uint8Array;
  readonly modified: string;
  readonly contentBytes: number;
}

export class HeadTemplate {
  /** Up to the length, which is the last value. */
  readonly #bytes: Uint8Array;
  readonly #dateAt: number;
  readonly #tagAt: number;
  readonly #modifiedAt: number;
  readonly #dateLength: number;
  readonly #tagLength: number;
  /** As they stand in it now. */
  #date = '';
  #modified = '';

  /** @param head whole, with `Date`, `ETag`, `Last-Modified`, and `Content-Length` at its end */
  constructor(head: Uint8Array) {
    const text = latin1Text(head);
    const length = valueAt(text, 'Content-Length');
    assert(length.end + 4 === text.length, 'something stands behind the length');
    this.#bytes = latin1Bytes(text.slice(0, length.start));
    const date = valueAt(text, 'Date');
    const tag = valueAt(text, 'ETag');
    this.#dateAt = date.start;
    this.#dateLength = date.end - date.start;
    // Between its quotes.
    this.#tagAt = tag.start + 1;
    this.#tagLength = tag.end - tag.start - 2;
    this.#modifiedAt = valueAt(text, 'Last-Modified').start;
  }

  /** No head is longer. */
  get bytesMax(): number {
    return this.#bytes.length + lengthDigitsMax + 4;
  }

  /**
   * Writes a head with these values to `memory`, so that it ends at `end`, and returns where it
   * begins; `date` and `modified` as HTTP writes times, `tag` its characters, without the quotes.
   */
  write(memory: Uint8Array, end: number, values: HeadValues): number {
    const { date, tag, modified, contentBytes } = values;
    if (date !== this.#date || modified !== this.#modified) this.#redate(date, modified);
    assert(tag.length === this.#tagLength, 'a tag of another length');
    memory[end - 1] = LF;
    memory[end - 2] = CR;
    memory[end - 3] = LF;
    memory[end - 4] = CR;
    let at = end - 4;
    let rest = contentBytes;
    do {
      at -= 1;
      memory[at] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    } while (rest > 0);
    const start = at - this.#bytes.length;
    memory.set(this.#bytes, start);
    const tagStart = start + this.#tagAt;
    for (let index = 0; index < tag.length; index += 1) memory[tagStart + index] = tag[index] ?? 0;
    return start;
  }

  #redate(date: string, modified: string): void {
    assert(date.length === this.#dateLength, 'a date of another length');
    assert(modified.length === this.#dateLength, 'a time of another length');
    writeLatin1(this.#bytes, this.#dateAt, date);
    writeLatin1(this.#bytes, this.#modifiedAt, modified);
    this.#date = date;
    this.#modified = modified;
  }
}
