/**
 * Which part of a page is new: an edit mostly leaves its beginning and its end as they were, and
 * the journal that holds the page before it need not hold these twice.
 */

import { sameBytesAt } from '../../base/bytes.ts';
import type { PlannedRevision } from './group-plan.ts';

/** A page that begins and ends as an earlier one does. */
export interface Splice {
  /** The edit that made the earlier page. */
  readonly base: number;
  /** Bytes in common at the beginning, and at the end. */
  readonly head: number;
  readonly tail: number;
  readonly middle: Uint8Array;
}

/** Pages that are remembered, bytes; past that, whole pages are written again. */
export const rememberedBytesMax = 16 * 1_024 * 1_024;

/** A page as the journal holds it, with the edit that made it. */
interface KnownContent {
  readonly edit: number;
  readonly revision: number;
  readonly bytes: Uint8Array;
  /** How much of it was in common with the version before, at the beginning. */
  readonly head: number;
}

/** What the journal holds of each page since settling began last: its newest version. */
export class KnownContents {
  readonly #pages = new Map<number, KnownContent>();
  #bytes = 0;

  /**
   * What has to be written down of a revision's content, given what was written before: all of it,
   * or its middle. Remembers it.
   */
  splice(
    { id, page, revision, displaces }: PlannedRevision,
    content: Uint8Array,
  ): Uint8Array | Splice {
    const known = this.#pages.get(page);
    const isBase = known !== undefined && known.revision === displaces;
    const spliced = isBase ? spliceOf(known, content) : undefined;
    this.#bytes += content.length - (known?.bytes.length ?? 0);
    if (this.#bytes > rememberedBytesMax) this.forget();
    else {
      // A copy: what came may be a part of a message, and would keep all of that.
      const [bytes, head] = [content.slice(), spliced?.head ?? 0];
      this.#pages.set(page, { edit: id, revision, bytes, head });
    }
    return spliced ?? content;
  }

  /** From now on nothing may rest on what was written so far. */
  forget(): void {
    this.#pages.clear();
    this.#bytes = 0;
  }
}

function spliceOf(before: KnownContent, content: Uint8Array): Splice {
  const { bytes, edit: base } = before;
  const shorter = Math.min(bytes.length, content.length);
  const tailOf = (length: number): boolean =>
    sameBytesAt(bytes, bytes.length - length, content, content.length - length, length);
  // Edits of a page mostly take place where the last one did. No middle could be shorter then.
  const guess = before.head;
  const isSamePlace =
    guess <= shorter && sameBytesAt(bytes, 0, content, 0, guess) && tailOf(shorter - guess);
  const head = isSamePlace
    ? guess
    : commonLength(shorter, (length) => sameBytesAt(bytes, 0, content, 0, length));
  const tail = isSamePlace ? shorter - guess : commonLength(shorter - head, tailOf);
  return { base, head, tail, middle: content.subarray(head, content.length - tail) };
}

/** The greatest length, up to `most`, for which `isCommon` holds; it holds for all below that. */
function commonLength(most: number, isCommon: (length: number) => boolean): number {
  let low = 0;
  let high = most;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isCommon(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
