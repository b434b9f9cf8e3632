/**
 * Where the marks stand in a page, to the byte: a page with marks is `head (mark glue)* mark tail`,
 * one without is `base`, and anything else is torn.
 */

import { concatBytes, equalBytes, latin1Text, utf8Bytes } from '../../base/bytes.ts';

export interface PageLayout {
  /** The page before the first edit. */
  readonly base: Uint8Array;
  readonly head: Uint8Array;
  /** What stands between two marks. */
  readonly glue: Uint8Array;
  readonly tail: Uint8Array;
  /** Whether a new mark stands above the others, or below them. */
  readonly newestFirst: boolean;
}

/**
 * Learns the layout from a page before any edit, with the mark `first`, and with both. A sentence
 * when the edits did more than put one piece of text each into the page.
 *
 * The first edit may put in more than a later one does: a server may end the line behind its text,
 * or open a list, and the later ones find that done. What it put in besides stays in head and tail.
 */
export function learnLayout(
  pages: { readonly base: Uint8Array; readonly one: Uint8Array; readonly two: Uint8Array },
  marks: { readonly first: Uint8Array; readonly second: Uint8Array },
): PageLayout | string {
  const { base, one, two } = pages;
  const { first, second } = marks;
  const amiss = amissIn(one, first, 'first') ?? amissIn(two, second, 'second');
  if (amiss !== undefined) return amiss;
  if (countOf(two, first) !== 1) {
    return 'the text of the first edit does not stand once in the page after the second';
  }
  const [firstAt, secondAt] = [indexOf(two, first), indexOf(two, second)];
  const [upperAt, lowerAt] = [Math.min(firstAt, secondAt), Math.max(firstAt, secondAt)];
  const head = two.slice(0, upperAt);
  const glue = two.slice(upperAt + first.length, lowerAt);
  const tail = two.slice(lowerAt + first.length);
  if (!equalBytes(one, concatBytes([head, first, tail]))) {
    return 'the second edit changed more than it put in, or somebody else edits the page';
  }
  if (!isInsertion(base, one)) {
    const others = 'or somebody else edits the page, or an old page was read';
    return `the first edit changed more than it put in, ${others}`;
  }
  return { base, head, glue, tail, newestFirst: secondAt < firstAt };
}

/** The layout where the client itself puts marks in: lines before `</body>`, or at the end. */
export function ownLayout(base: Uint8Array): PageLayout {
  const found = latin1Text(base).toLowerCase().lastIndexOf('</body>');
  const at = found < 0 ? base.length : found;
  const [before, after] = [utf8Bytes('<p>'), utf8Bytes('</p>\n')];
  return {
    base,
    head: concatBytes([base.subarray(0, at), before]),
    glue: concatBytes([after, before]),
    tail: concatBytes([after, base.subarray(at)]),
    newestFirst: false,
  };
}

/** `page`, which holds `held` marks, with one more behind them. Only for {@link ownLayout}. */
export function withMark(
  layout: PageLayout,
  page: Uint8Array,
  held: number,
  mark: Uint8Array,
): Uint8Array {
  const { head, glue, tail } = layout;
  if (held === 0) return concatBytes([head, mark, tail]);
  return concatBytes([page.subarray(0, page.length - tail.length), glue, mark, tail]);
}

/** Why the text of an edit that was acknowledged does not stand once in the page after it. */
function amissIn(page: Uint8Array, mark: Uint8Array, edit: 'first' | 'second'): string | undefined {
  const count = countOf(page, mark);
  if (count === 1) return undefined;
  if (count > 1) return `the text of the ${edit} edit stands ${count} times in the page`;
  return notThere(edit);
}

/** An edit was acknowledged, and the page that was read after it does not show it. */
export function notThere(edit: 'first' | 'second'): string {
  return `the ${edit} edit was acknowledged, but not there: it was lost, or an old page was read`;
}

/** Whether `grown` is `base` with one piece put in. */
function isInsertion(base: Uint8Array, grown: Uint8Array): boolean {
  if (grown.length < base.length) return false;
  const before = sharedLength(base, grown);
  const rest = base.subarray(before);
  return equalBytes(rest, grown.subarray(grown.length - rest.length));
}

/** How many bytes both have in common at their beginning. */
export function sharedLength(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at < most && a[at] === b[at]) at += 1;
  return at;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function indexOf(page: Uint8Array, text: Uint8Array, from = 0): number {
  return bufferOf(page).indexOf(text, from);
}

function countOf(page: Uint8Array, text: Uint8Array): number {
  let count = 0;
  for (let at = indexOf(page, text); at >= 0; at = indexOf(page, text, at + 1)) count += 1;
  return count;
}
