/**
 * Reads the marks of a page, byte for byte: one that is not exactly what its layout says is torn.
 */

import { equalBytes, latin1Text } from '../../base/bytes.ts';
import type { Mark } from '../history/history.ts';
import type { MarkSpelling } from './marks.ts';
import { type PageLayout, sharedLength } from './page-layout.ts';

export type PageContent =
  /** The oldest first. */
  | { readonly kind: 'marks'; readonly marks: readonly Mark[] }
  | { readonly kind: 'torn'; readonly why: string };

/** Bytes of a page that a sentence quotes. */
const quotedBytesMax = 32;

/**
 * Reads pages of one layout. Pages mostly grow, so the one that was read last is remembered and
 * compared whole, by the machine: only marks beyond it are read one by one.
 */
export class PageReader {
  /** From the first mark to the last one of the page that was read last. */
  #region: Uint8Array = new Uint8Array(0);
  /** Its marks, the oldest first. */
  #marks: readonly Mark[] = [];

  constructor(
    readonly layout: PageLayout,
    readonly spelling: MarkSpelling,
  ) {}

  /** What `page` holds; the array must not be changed afterwards. */
  read(page: Uint8Array): PageContent {
    const { base, head, tail } = this.layout;
    if (page.length === base.length && equalBytes(page, base)) return { kind: 'marks', marks: [] };
    const marks = this.#takeMarks(page);
    const framed =
      marks !== undefined &&
      equalBytes(page.subarray(0, head.length), head) &&
      equalBytes(page.subarray(page.length - tail.length), tail);
    if (!framed) return { kind: 'torn', why: whyTorn(page, this.layout, this.spelling) };
    this.#region = page.subarray(head.length, page.length - tail.length);
    this.#marks = marks;
    return { kind: 'marks', marks };
  }

  /** The marks between where the head must end and the tail begin; `undefined` if torn there. */
  #takeMarks(page: Uint8Array): readonly Mark[] | undefined {
    const { head, glue, tail, newestFirst } = this.layout;
    const region = page.subarray(head.length, Math.max(head.length, page.length - tail.length));
    const unit = this.spelling.width + glue.length;
    const count = (region.length + glue.length) / unit;
    if (count < 1 || !Number.isInteger(count) || page.length < head.length + tail.length) {
      return undefined;
    }
    const known = this.#knownOf(region, count);
    if (known === this.#marks.length && known === count) return this.#marks;
    const marks = this.#marks.slice(0, known);
    for (let index = known; index < count; index += 1) {
      const at = unit * (newestFirst ? count - 1 - index : index);
      const mark = this.spelling.take(region, at);
      if (mark === undefined) return undefined;
      // What joins it to the mark before it, which stands below or above, and may be a known one.
      const glueAt = newestFirst ? at + this.spelling.width : at - glue.length;
      if (index > 0 && !startsWith(region, glueAt, glue)) return undefined;
      marks.push(mark);
    }
    return marks;
  }

  /** How many of the oldest of `count` marks are those of the page that was read last. */
  #knownOf(region: Uint8Array, count: number): number {
    const known = this.#region;
    const shared = Math.min(region.length, known.length);
    const same = this.layout.newestFirst
      ? equalBytes(region.subarray(region.length - shared), known.subarray(known.length - shared))
      : equalBytes(region.subarray(0, shared), known.subarray(0, shared));
    if (!same || shared === 0) return 0;
    return Math.min(this.#marks.length, count);
  }
}

function startsWith(page: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (page[at + index] !== text[index]) return false;
  }
  return true;
}

/** Where `page` first differs from what it should be, and how. */
function whyTorn(page: Uint8Array, layout: PageLayout, spelling: MarkSpelling): string {
  const { head, glue, tail } = layout;
  const inHead = sharedLength(page, head);
  if (inHead < head.length) return difference(page, inHead, 0, quote(head.subarray(inHead)));
  let at = head.length;
  for (let marks = 0; ; marks += 1) {
    if (spelling.take(page, at) === undefined) return difference(page, at, marks, 'a mark');
    at += spelling.width;
    const rest = page.subarray(at);
    const [inGlue, inTail] = [sharedLength(rest, glue), sharedLength(rest, tail)];
    if (inGlue === glue.length && spelling.take(page, at + inGlue) !== undefined) {
      at += inGlue;
      continue;
    }
    if (inTail === tail.length) return difference(page, at + inTail, marks + 1, 'its end');
    const [shared, wanted] = inTail >= inGlue ? [inTail, tail] : [inGlue, glue];
    const expected = shared === wanted.length ? 'a mark' : quote(wanted.subarray(shared));
    return difference(page, at + shared, marks + 1, expected);
  }
}

function difference(page: Uint8Array, at: number, marks: number, expected: string): string {
  const behind = marks === 1 ? 'behind 1 mark' : `behind ${marks} marks`;
  const place = marks === 0 ? `byte ${at}` : `byte ${at}, ${behind},`;
  if (at >= page.length) return `the page ends at ${place} where ${expected} was expected`;
  return `at ${place} stands ${quote(page.subarray(at))} where ${expected} was expected`;
}

function quote(bytes: Uint8Array): string {
  const cut = bytes.length > quotedBytesMax;
  return `"${latin1Text(bytes.subarray(0, quotedBytesMax))}${cut ? '…' : ''}"`;
}
