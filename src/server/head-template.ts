/**
 * Heads of answers that differ in a few values only: one such head, as it is made the usual way, is
 * cut where these stand, and put together again around others.
 */

import { assert } from '../base/assert.ts';
import { latin1Text } from '../base/bytes.ts';

/** The lines that are cut, in the order in which they stand in every head. */
const names = ['Date', 'ETag', 'Last-Modified', 'Content-Length'] as const;

export class HeadTemplate {
  readonly #untilDate: string;
  readonly #untilTag: string;
  readonly #untilModified: string;
  readonly #untilLength: string;
  readonly #end: string;
  /** All that stands before the tag, as it was dated last. */
  #start = '';
  #date = '';

  /** @param head whole, with each of the lines that are cut */
  constructor(head: Uint8Array) {
    const text = latin1Text(head);
    const pieces: string[] = [];
    let from = 0;
    for (const name of names) {
      // No value holds a line end, so this is the line and nothing else.
      const line = `\r\n${name}: `;
      const found = text.indexOf(line, from);
      assert(found !== -1, `no ${name} behind the line before it`);
      pieces.push(text.slice(from, found + line.length));
      from = text.indexOf('\r\n', found + line.length);
    }
    const [untilDate = '', untilTag = '', untilModified = '', untilLength = ''] = pieces;
    this.#untilDate = untilDate;
    this.#untilTag = untilTag;
    this.#untilModified = untilModified;
    this.#untilLength = untilLength;
    this.#end = text.slice(from);
  }

  /** The head with these values; `date` and `modified` as HTTP writes times. */
  with(date: string, tag: string, modified: string, bytes: number): string {
    if (date !== this.#date) {
      this.#date = date;
      this.#start = `${this.#untilDate}${date}${this.#untilTag}`;
    }
    return `${this.#start}${tag}${this.#untilModified}${modified}${this.#untilLength}${bytes}${this.#end}`;
  }
}
