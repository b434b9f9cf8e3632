/**
 * Heads of pages that were parsed before, so that a page which takes many inserts is parsed once.
 *
 * A page's parser reads from left to right and stops behind the body tag, so what it found depends
 * on the bytes up to there and on nothing else: a page that begins with the same bytes has the same
 * place. A head is looked up by a guess where it ends, and then compared byte for byte.
 */

import { startsWith } from '../../base/bytes.ts';
import type { PageCharset } from './charset.ts';
import type { Place } from './place.ts';

/** A longer head is parsed each time; it is rare, and would take memory from many others. */
const headBytesMax = 4_096;

/** Heads that are kept: 2 MiB at most. */
const headsMax = 512;

const tagOpen = Buffer.from('<body');
const tagEnd = 0x3e;

export interface KnownHead {
  /** Absent where something behind the head decides it. */
  readonly charset: PageCharset | undefined;
  readonly place: Place;
}

interface Kept extends KnownHead {
  /** The page up to the end of its body tag. */
  readonly bytes: Uint8Array;
}

export class KnownHeads {
  /** By a digest of the bytes up to the first `<body…>`. */
  readonly #kept = new Map<number, Kept>();

  /** What is known of a page that begins as this one does. */
  find(page: Uint8Array): KnownHead | undefined {
    const guess = digestOfHead(page);
    const kept = guess === undefined ? undefined : this.#kept.get(guess);
    return kept !== undefined && startsWith(page, 0, kept.bytes) ? kept : undefined;
  }

  /** Keeps what was found of a page whose body has a tag. */
  keep(page: Uint8Array, charset: PageCharset, place: Place): void {
    if (place.kind !== 'after-body-tag' || place.at > headBytesMax) return;
    const guess = digestOfHead(page);
    if (guess === undefined) return;
    if (this.#kept.size >= headsMax) this.#forgetOldest();
    const { decidedBefore } = charset;
    const isDecided = decidedBefore !== undefined && decidedBefore <= place.at;
    this.#kept.set(guess, {
      charset: isDecided ? charset : undefined,
      place,
      bytes: page.slice(0, place.at),
    });
  }

  #forgetOldest(): void {
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest);
      return;
    }
  }
}

/** Where the head probably ends is a guess: the first `<body` may stand in a comment. */
function digestOfHead(page: Uint8Array): number | undefined {
  const head = Buffer.from(page.buffer, page.byteOffset, Math.min(page.length, headBytesMax));
  const start = head.indexOf(tagOpen);
  const end = start === -1 ? -1 : head.indexOf(tagEnd, start);
  return end === -1 ? undefined : Bun.hash.xxHash32(head.subarray(0, end + 1));
}
