/**
 * Replies whose heads differ in a few values only: one such head, as it is made the usual way, is
 * kept with the places of these, and each reply is a copy of it with values of its own.
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

  /**
   * A reply with these values, in memory of its own; `date` and `modified` as HTTP writes times,
   * `tag` without its quotes.
   */
  reply(date: string, tag: string, modified: string, content: Uint8Array): Uint8Array {
    if (date !== this.#date || modified !== this.#modified) this.#redate(date, modified);
    assert(tag.length === this.#tagLength, 'a tag of another length');
    const lengthAt = this.#bytes.length;
    const bytes = content.length;
    let digits = 1;
    for (let rest = bytes; rest >= 10; rest = Math.floor(rest / 10)) digits += 1;
    const headBytes = lengthAt + digits + 4;
    const reply = new Uint8Array(headBytes + bytes);
    reply.set(this.#bytes);
    writeLatin1(reply, this.#tagAt, tag);
    let rest = bytes;
    for (let at = lengthAt + digits - 1; at >= lengthAt; at -= 1) {
      reply[at] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    reply[headBytes - 4] = CR;
    reply[headBytes - 3] = LF;
    reply[headBytes - 2] = CR;
    reply[headBytes - 1] = LF;
    reply.set(content, headBytes);
    return reply;
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
