/**
 * Which part of a page is new: an edit mostly leaves its beginning and its end as they were, and
 * the journal that holds the page before it need not hold these twice.
 */

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

/** What the journal holds of each page since settling began last: its newest version. */
export class KnownContents {
  readonly #pages = new Map<number, { edit: number; revision: number; bytes: Uint8Array }>();
  #bytes = 0;

  /**
   * What has to be written down of a revision's content, given what was written before: all of it,
   * or its middle. Remembers it.
   */
  splice(revision: PlannedRevision, content: Uint8Array): Uint8Array | Splice {
    const { id, page, displaces } = revision;
    const known = this.#pages.get(page);
    const isBase = known !== undefined && known.revision === displaces;
    const spliced = isBase ? spliceOf(known.edit, known.bytes, content) : content;
    this.#bytes += content.length - (known?.bytes.length ?? 0);
    if (this.#bytes > rememberedBytesMax) this.forget();
    // A copy: what came may be a part of a message, and would keep all of that.
    else this.#pages.set(page, { edit: id, revision: revision.revision, bytes: content.slice() });
    return spliced;
  }

  /** From now on nothing may rest on what was written so far. */
  forget(): void {
    this.#pages.clear();
    this.#bytes = 0;
  }
}

function spliceOf(base: number, before: Uint8Array, content: Uint8Array): Splice {
  const shorter = Math.min(before.length, content.length);
  const head = commonLength(shorter, (length) =>
    isSame(before.subarray(0, length), content.subarray(0, length)),
  );
  const tail = commonLength(shorter - head, (length) =>
    isSame(before.subarray(before.length - length), content.subarray(content.length - length)),
  );
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

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
