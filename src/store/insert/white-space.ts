/** The white space of HTML in the bytes of a page (of an ASCII-compatible charset). */

const tab = 0x09;
export const lineFeed = 0x0a;
const formFeed = 0x0c;
export const carriageReturn = 0x0d;
const space = 0x20;

/** The offset behind the blanks that stand at `from`, on the same line. */
export function skipBlank(page: Uint8Array, from: number): number {
  let at = from;
  while (at < page.length && isBlank(page[at])) at += 1;
  return at;
}

/** The offset behind the blanks and line breaks that stand at `from`. */
export function skipWhite(page: Uint8Array, from: number): number {
  let at = from;
  while (at < page.length && (isBlank(page[at]) || isLineBreak(page[at]))) at += 1;
  return at;
}

export function isLineBreak(byte: number | undefined): boolean {
  return byte === lineFeed || byte === carriageReturn;
}

function isBlank(byte: number | undefined): boolean {
  return byte === space || byte === tab || byte === formFeed;
}
