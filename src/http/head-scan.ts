/**
 * Reads a request head that lies whole in one piece of memory: a single pass over its bytes that
 * notes where things stand and makes nothing. It knows the plain case only. Whatever else there is,
 * an error too, it leaves to the parser (`head-parser.ts`), and takes nothing that one refuses.
 */

import { latin1Bytes, latin1Text } from '../base/bytes.ts';
import { COLON, CR, HTAB, isTargetByte, isTokenByte, isValueByte, LF, SP } from './byte-classes.ts';
import { FieldSection, MARKS_PER_FIELD } from './fields.ts';
import type { HeadLimits } from './limits.ts';
import type { RequestHead } from './message.ts';

/** What stands between the target and the digit of the minor version. */
const versionPrefix = latin1Bytes(' HTTP/1.');
const DELETE = 0x7f;
const ZERO = 0x30;
const NINE = 0x39;

/** Of the last head that was read; all offsets count from the beginning of its memory. */
export class HeadScan {
  start = 0;
  methodEnd = 0;
  targetStart = 0;
  targetEnd = 0;
  minorVersion = 0;
  /** Behind the blank line. */
  end = 0;
  /** {@link MARKS_PER_FIELD} for each field line; what stands behind `marksEnd` is older. */
  readonly marks: number[];
  marksEnd = 0;
  readonly #limits: HeadLimits;
  /** No head is longer. */
  readonly #bytesMax: number;

  constructor(limits: HeadLimits) {
    this.#limits = limits;
    const { methodBytesMax, targetBytesMax, sectionBytesMax } = limits;
    this.#bytesMax =
      methodBytesMax + 1 + targetBytesMax + versionPrefix.length + 3 + sectionBytesMax;
    this.marks = Array.from({ length: limits.fieldsMax * MARKS_PER_FIELD }, () => 0);
  }

  /**
   * Whether `bytes[start, end)` begins with a whole head that is good. Else it is left to the
   * parser to say what it is, and nothing here means anything.
   */
  read(bytes: Uint8Array, start: number, end = bytes.length): boolean {
    const stop = Math.min(end, start + this.#bytesMax);
    const sectionStart = this.#readStartLine(bytes, start, stop);
    if (sectionStart === -1) return false;
    const { fieldBytesMax, sectionBytesMax } = this.#limits;
    const { marks } = this;
    let mark = 0;
    let at = sectionStart;
    while (at < stop && bytes[at] !== CR) {
      const lineStart = at;
      while (at < stop && isTokenByte[bytes[at] ?? 0] === 1) at += 1;
      const nameEnd = at;
      if (at === stop || at === lineStart || bytes[at] !== COLON) return false;
      at += 1;
      while (at < stop && (bytes[at] === SP || bytes[at] === HTAB)) at += 1;
      const valueStart = at;
      at = behindValue(bytes, at, stop);
      if (at - lineStart > fieldBytesMax || mark === marks.length) return false;
      if (at + 1 >= stop || bytes[at] !== CR || bytes[at + 1] !== LF) return false;
      let valueEnd = at;
      while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1])) valueEnd -= 1;
      marks[mark] = lineStart;
      marks[mark + 1] = nameEnd;
      marks[mark + 2] = valueStart;
      marks[mark + 3] = valueEnd;
      mark += MARKS_PER_FIELD;
      at += 2;
    }
    if (at + 1 >= stop || bytes[at + 1] !== LF) return false;
    this.end = at + 2;
    this.marksEnd = mark;
    return this.end - sectionStart <= sectionBytesMax;
  }

  /** The head that was read last, for those who want to know more of it; `bytes` are kept. */
  headIn(bytes: Uint8Array): RequestHead {
    return {
      method: latin1Text(bytes, this.start, this.methodEnd),
      target: latin1Text(bytes, this.targetStart, this.targetEnd),
      minorVersion: this.minorVersion,
      fields: new FieldSection(bytes, this.marks.slice(0, this.marksEnd)),
    };
  }

  /** Returns where the first field line begins, -1 when it is no plain request line. */
  #readStartLine(bytes: Uint8Array, start: number, stop: number): number {
    const { methodBytesMax, targetBytesMax } = this.#limits;
    let at = start;
    this.start = start;
    while (at < stop && isTokenByte[bytes[at] ?? 0] === 1) at += 1;
    this.methodEnd = at;
    if (at === start || at - start > methodBytesMax) return -1;
    if (at === stop || bytes[at] !== SP) return -1;
    at += 1;
    this.targetStart = at;
    while (at < stop && isTargetByte[bytes[at] ?? 0] === 1) at += 1;
    this.targetEnd = at;
    if (at === this.targetStart || at - this.targetStart > targetBytesMax) return -1;
    const digitAt = at + versionPrefix.length;
    if (digitAt + 2 >= stop) return -1;
    for (let index = 0; index < versionPrefix.length; index += 1) {
      if (bytes[at + index] !== versionPrefix[index]) return -1;
    }
    const digit = bytes[digitAt] ?? 0;
    if (digit < ZERO || digit > NINE) return -1;
    this.minorVersion = digit - ZERO;
    if (bytes[digitAt + 1] !== CR || bytes[digitAt + 2] !== LF) return -1;
    return digitAt + 3;
  }
}

/** The offset of the first byte from `at` on that may not stand in a value, `stop` at most. */
function behindValue(bytes: Uint8Array, at: number, stop: number): number {
  const last = stop - 4;
  let index = at;
  // Four at a time: most of a head is values, and most of these are visible ASCII. A byte less
  // than a space makes a number below zero.
  while (index < last) {
    const first = bytes[index] ?? 0;
    const second = bytes[index + 1] ?? 0;
    const third = bytes[index + 2] ?? 0;
    const fourth = bytes[index + 3] ?? 0;
    if (((first - SP) | (second - SP) | (third - SP) | (fourth - SP)) < 0) break;
    if (first === DELETE || second === DELETE || third === DELETE || fourth === DELETE) break;
    index += 4;
  }
  while (index < stop && isValueByte[bytes[index] ?? 0] === 1) index += 1;
  return index;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SP || byte === HTAB;
}
