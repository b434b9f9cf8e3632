/**
 * What was sent to be inserted, as text: decoded, trimmed, escaped, and put into the page's
 * charset.
 */

import { parse, serialize } from 'parse5';
import { takeUtf8, utf8Bytes } from '../../base/bytes.ts';
import { type InsertForm, type Refused, refused } from '../../model/operation.ts';

const replacementCharacter = '\ufffd';

/**
 * The content without the white space around it; refuses what is not UTF-8, and an empty rest.
 *
 * White space is what `String.prototype.trim` takes off: that of HTML (tab, line feed, form feed,
 * carriage return, space), vertical tab, U+2028, U+2029, the Unicode category Zs, and U+FEFF, so a
 * leading byte order mark goes with it.
 */
export function readContent(content: Uint8Array): string | Refused {
  const text = takeUtf8(content);
  if (text === undefined) return refused('content-not-utf8');
  const trimmed = text.trim();
  return trimmed === '' ? refused('content-empty') : trimmed;
}

/**
 * Markup that shows `text`. Line breaks and control characters stay as they were sent: HTML reads a
 * CR as a line feed and keeps the others. Only NUL cannot be written in HTML, not by a reference
 * either; it becomes U+FFFD, which is what the parser itself does where it does not drop it.
 */
export function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\0', replacementCharacter);
}

/** The markup as a heading. */
export function headingOf(markup: string): string {
  return `<h2> ${markup} </h2>`;
}

/**
 * The bytes of `markup` for a page in `encoding`. In another charset than UTF-8, characters that
 * are not ASCII go in as decimal character references; that is exact for text, and for markup it is
 * checked that the same tree comes out of it: references mean nothing in comments, in names, in
 * `style`, `script` and other raw text, and U+0080 to U+009F have none. Refuses `page-charset`
 * then.
 */
export function encodeFor(
  encoding: string,
  form: InsertForm,
  markup: string,
): Uint8Array | Refused {
  if (encoding === 'utf-8') return utf8Bytes(markup);
  // A reference to U+0080 … U+009F means another character (`&#128;` is the euro sign).
  const source = form === 'text' ? markup.replace(/[\x80-\x9f]/g, replacementCharacter) : markup;
  const ascii = source.replace(/[^\0-\x7f]/gu, (character) => `&#${character.codePointAt(0)};`);
  if (form !== 'text' && ascii !== source && treeOf(ascii) !== treeOf(source)) {
    return refused('page-charset', encoding);
  }
  return utf8Bytes(ascii);
}

/** What the parser makes of a fragment, as text that two fragments can be compared by. */
function treeOf(fragment: string): string {
  return serialize(parse(`<!doctype html><body>${fragment}`));
}
