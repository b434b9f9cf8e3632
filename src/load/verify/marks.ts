/**
 * How the marks of a run are spelled in a page: `iw7f3a9c02-00000123`, of one width, with a prefix
 * that no other run has, so that the marks of earlier runs are content like any other.
 */

import { assert } from '../../base/assert.ts';
import { latin1Bytes } from '../../base/bytes.ts';
import type { Random } from '../../base/random.ts';
import type { Mark } from '../history/history.ts';

/** Digits of a mark: a run with `--swap` takes a new one for each try. */
const digits = 8;
export const marksMax = 10 ** digits;
/** Characters of a UUID that tell one run from another: all before its first hyphen. */
const tokenLength = 8;

const zero = 0x30;

export class MarkSpelling {
  /** Tells this run from others; letters and digits. */
  readonly token: string;
  /** Bytes of a mark. */
  readonly width: number;
  readonly #prefix: string;
  readonly #prefixBytes: Uint8Array;
  #next = 0;

  constructor(random: Random) {
    this.token = `iw${random.uuid().slice(0, tokenLength)}`;
    this.#prefix = `${this.token}-`;
    this.#prefixBytes = latin1Bytes(this.#prefix);
    this.width = this.#prefix.length + digits;
  }

  /** A mark that was not there before. */
  next(): Mark {
    assert(this.#next < marksMax, 'no mark is left');
    this.#next += 1;
    return this.#next - 1;
  }

  text(mark: Mark): string {
    return this.#prefix + String(mark).padStart(digits, '0');
  }

  bytes(mark: Mark): Uint8Array {
    return latin1Bytes(this.text(mark));
  }

  /** The mark that begins at `at`; `undefined` when there is none. */
  take(page: Uint8Array, at: number): Mark | undefined {
    if (at + this.width > page.length) return undefined;
    const prefix = this.#prefixBytes;
    for (let index = 0; index < prefix.length; index += 1) {
      if (page[at + index] !== prefix[index]) return undefined;
    }
    let mark = 0;
    for (let index = at + prefix.length; index < at + this.width; index += 1) {
      const digit = (page[index] ?? 0) - zero;
      if (digit < 0 || digit > 9) return undefined;
      mark = mark * 10 + digit;
    }
    return mark;
  }
}
