/**
 * Signatures: what a request for a page is known by again. One holds all of a head that any answer
 * to a GET or HEAD of a page can depend on, and nothing else, so that two requests with the same
 * one are both good or both refused, and are answered alike.
 */

import { latin1Bytes, startsWith } from '../base/bytes.ts';
import { fieldBits, knownBit, MARKS_PER_FIELD } from '../http/fields.ts';
import { HeadScan } from '../http/head-scan.ts';
import type { HeadLimits } from '../http/limits.ts';
import type { RequestHead } from '../http/message.ts';

/** A longer one is no ordinary request, and would let a few of them fill much memory. */
const SIGNATURE_BYTES_MAX = 1_024;

/**
 * The fields of a request that an answer to GET or HEAD can depend on, but for those that frame
 * content. What asks a head for another field has to be named here, or two requests would be taken
 * for the same (`test/server/plans.test.ts` watches over it).
 */
export const signatureNames = [
  'host',
  'connection',
  'expect',
  'origin',
  'range',
  'if-range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
] as const;

const signatureBits = fieldBits(signatureNames);
/** What has content is no ordinary request for a page. */
const contentBits = fieldBits(['content-length', 'transfer-encoding']);

const GET = latin1Bytes('GET');
const HEAD = latin1Bytes('HEAD');
const LF = 0x0a;
const QUESTION_MARK = 0x3f;

/** FNV-1a of 32 bits: quick over the few bytes of a signature. */
const HASH_START = 0x811c9dc5;
const HASH_FACTOR = 0x01000193;

export interface Signature {
  readonly bytes: Uint8Array;
  /** Of the bytes. Two signatures may have the same. */
  readonly hash: number;
}

/** Reads heads, one after the other, and writes the signature of each in the same memory. */
export class SignatureReader {
  readonly #scan: HeadScan;
  readonly #bytes = new Uint8Array(SIGNATURE_BYTES_MAX);
  #length = 0;
  #hash = 0;

  constructor(limits: HeadLimits) {
    this.#scan = new HeadScan(limits);
  }

  /** Where the last head ends. */
  get end(): number {
    return this.#scan.end;
  }

  /** Of the bytes of its signature. */
  get hash(): number {
    return this.#hash;
  }

  /** The last head itself, as it lies in `bytes`. */
  in(bytes: Uint8Array): RequestHead {
    return this.#scan.headIn(bytes);
  }

  /**
   * Reads the head that stands in `bytes` at `start`. False when it has no signature, for no plan
   * answers it: it is not whole, or not plain, or content follows it.
   */
  read(bytes: Uint8Array, start: number): boolean {
    return this.#scan.read(bytes, start) && this.#write(bytes, start);
  }

  /**
   * The first letter of the method, the minor version, the path, and each field that counts: a line
   * end, which is in none of these, the number of its name, and its value.
   */
  #write(bytes: Uint8Array, start: number): boolean {
    const { methodEnd, targetStart, targetEnd, minorVersion, marks, marksEnd } = this.#scan;
    if (!isReading(bytes, start, methodEnd)) return false;
    this.#length = 0;
    this.#hash = HASH_START;
    this.#put(bytes[start] ?? 0);
    this.#put(minorVersion);
    // What stands behind the mark matters to no page.
    this.#putUntil(bytes, targetStart, targetEnd, QUESTION_MARK);
    for (let mark = 0; mark < marksEnd; mark += MARKS_PER_FIELD) {
      const bit = knownBit(bytes, marks[mark] ?? 0, marks[mark + 1] ?? 0);
      if ((bit & contentBits) !== 0) return false;
      if ((bit & signatureBits) === 0) continue;
      this.#put(LF);
      this.#put(Math.clz32(bit));
      this.#putUntil(bytes, marks[mark + 2] ?? 0, marks[mark + 3] ?? 0, LF);
    }
    return this.#length <= SIGNATURE_BYTES_MAX;
  }

  /** Whether the last signature is this one. */
  isLike(signature: Signature): boolean {
    const { bytes } = signature;
    return bytes.length === this.#length && startsWith(this.#bytes, 0, bytes);
  }

  /** The last signature, in memory of its own. */
  copy(): Signature {
    return { bytes: this.#bytes.slice(0, this.#length), hash: this.#hash };
  }

  #put(byte: number): void {
    this.#bytes[this.#length] = byte;
    this.#length += 1;
    this.#hash = Math.imul(this.#hash ^ byte, HASH_FACTOR);
  }

  #putUntil(bytes: Uint8Array, start: number, end: number, mark: number): void {
    // Kept out of the fields of this object, which every turn would write.
    const own = this.#bytes;
    let length = this.#length;
    let hash = this.#hash;
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === mark) break;
      own[length] = byte;
      length += 1;
      hash = Math.imul(hash ^ byte, HASH_FACTOR);
    }
    this.#length = length;
    this.#hash = hash;
  }
}

function isReading(bytes: Uint8Array, start: number, end: number): boolean {
  const method = end - start === GET.length ? GET : HEAD;
  if (end - start !== method.length) return false;
  for (let index = 0; index < method.length; index += 1) {
    if (bytes[start + index] !== method[index]) return false;
  }
  return true;
}
