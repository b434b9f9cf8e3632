/**
 * How an insertion is laid out in the source of a page: line ending and indent like its neighbours.
 */

import { concatBytes, latin1Text, utf8Bytes } from '../../base/bytes.ts';
import type { Place } from './place.ts';
import { carriageReturn, isLineBreak, lineFeed, skipBlank, skipWhite } from './white-space.ts';

/** What is added to a body line's own indent where no line shows the indent of the body. */
const indentStep = utf8Bytes('    ');

/**
 * Bytes of indent that are copied; deeper is no layout, and would be paid again with every insert.
 */
export const indentBytesMax = 1024;

/**
 * The bytes to put in at `place.at`, with `content` in them.
 *
 * After a body tag: a line ending, the indent, the content; if more follows on the tag's line, a
 * line ending and the indent again. Without a body tag: the content and a line ending.
 */
export function layOut(page: Uint8Array, place: Place, content: Uint8Array): Uint8Array {
  const ending = lineEndingOf(page);
  if (place.kind === 'no-body-tag') return concatBytes([content, ending]);
  const restEnd = endOfLine(page, place.at);
  const restIsBlank = skipBlank(page, place.at) >= restEnd;
  const indent = indentOfBody(page, place.tagStart, place.at, restEnd);
  const parts = [ending, indent, content];
  if (!restIsBlank) parts.push(ending, indent);
  return concatBytes(parts);
}

/** The ending of the page's first line; LF where there is only one line. */
function lineEndingOf(page: Uint8Array): Uint8Array {
  const feed = page.indexOf(lineFeed);
  if (feed > 0 && page[feed - 1] === carriageReturn) return utf8Bytes('\r\n');
  if (feed === -1 && page.includes(carriageReturn)) return utf8Bytes('\r');
  return utf8Bytes('\n');
}

/**
 * The indent of the next line that is not blank and in the body, else that of the tag's line and a
 * step.
 */
function indentOfBody(page: Uint8Array, tagStart: number, at: number, restEnd: number): Uint8Array {
  const firstText = skipWhite(page, restEnd);
  if (firstText < page.length && !endsBody(page, at, firstText)) {
    const lineStart = startOfLine(page, firstText);
    return page.slice(lineStart, Math.min(firstText, lineStart + indentBytesMax));
  }
  const lineStart = startOfLine(page, tagStart);
  const lineIndentEnd = Math.min(skipBlank(page, lineStart), lineStart + indentBytesMax);
  return concatBytes([page.subarray(lineStart, lineIndentEnd), indentStep]);
}

/**
 * Whether the body ends on the rest of its tag's line, or with the line whose text begins at
 * `text`.
 */
function endsBody(page: Uint8Array, at: number, text: number): boolean {
  const between = latin1Text(page, at, Math.min(text + '</body'.length, page.length));
  return /<\/(?:body|html)/i.test(between);
}

function startOfLine(page: Uint8Array, from: number): number {
  let at = from;
  while (at > 0 && !isLineBreak(page[at - 1])) at -= 1;
  // A byte order mark is no part of a line's indent.
  return at === 0 && page[0] === 0xef && page[1] === 0xbb && page[2] === 0xbf ? 3 : at;
}

/** The offset of the next line break, or the end of the page. */
function endOfLine(page: Uint8Array, from: number): number {
  const feed = page.indexOf(lineFeed, from);
  const end = feed === -1 ? page.length : feed;
  const inLine = page.subarray(from, end).indexOf(carriageReturn);
  return inLine === -1 ? end : from + inLine;
}
