/** Bytes and text: the conversions that the rest of the code needs, each with one meaning. */

const utf8Encoder = new TextEncoder();
// `ignoreBOM` keeps a leading byte order mark in the text, so that whoever drops it does so on
// purpose.
const utf8Strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Methods of `Buffer` that work on every `Uint8Array`, so that no `Buffer` need be made. */
const { latin1Slice, latin1Write, compare } = Buffer.prototype;

/** So many bytes are compared in less time than it takes to call what compares any number. */
const byHandMax = 64;

export const emptyBytes = new Uint8Array(0);

/** The UTF-8 bytes of `text`. */
export function utf8Bytes(text: string): Uint8Array {
  return utf8Encoder.encode(text);
}

/**
 * The text of UTF-8 bytes, a leading byte order mark kept; `undefined` when they are not valid
 * UTF-8.
 */
export function takeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8Strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * One character a byte, `U+0000` to `U+00FF`, for `bytes[start, end)`: lossless, so the text of a
 * header section can be compared and put back as it came.
 */
export function latin1Text(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return latin1Slice.call(bytes, start, end);
}

/** The inverse of {@link latin1Text}. The text must hold nothing above `U+00FF`. */
export function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  latin1Write.call(bytes, text, 0, text.length);
  return bytes;
}

/** Writes `text` into `bytes` at `offset`, one byte a character. */
export function writeLatin1(bytes: Uint8Array, offset: number, text: string): void {
  latin1Write.call(bytes, text, offset, text.length);
}

/** All `parts` in one array of their own. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Whether both hold the same bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** Whether `prefix` stands in `bytes` at `offset`. */
export function startsWith(bytes: Uint8Array, offset: number, prefix: Uint8Array): boolean {
  const end = offset + prefix.length;
  if (end > bytes.length) return false;
  if (prefix.length <= byHandMax) {
    for (let at = 0; at < prefix.length; at += 1) {
      if (bytes[offset + at] !== prefix[at]) return false;
    }
    return true;
  }
  if (offset === 0 && end === bytes.length) return Buffer.compare(bytes, prefix) === 0;
  return compare.call(prefix, bytes, offset, end, 0, prefix.length) === 0;
}

/** Whether `length` bytes of `a` from `aStart` on are those of `b` from `bStart` on. */
export function sameBytesAt(
  a: Uint8Array,
  aStart: number,
  b: Uint8Array,
  bStart: number,
  length: number,
): boolean {
  const [aEnd, bEnd] = [aStart + length, bStart + length];
  if (aEnd > a.length || bEnd > b.length) return false;
  // Without views: each would cost more than the comparison of a page.
  return compare.call(a, b, bStart, bEnd, aStart, aEnd) === 0;
}

/**
 * The same bytes in a buffer that holds nothing else: `bytes` itself where that is so, else a copy.
 * A small view pins, and is cloned to another thread with, the whole buffer that it lies in.
 */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}
