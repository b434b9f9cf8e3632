/**
 * Inserts content into the body of a page: bytes in, bytes out, no files.
 *
 * The steps: read the content; tell the page's charset; find the place; judge the markup; put it
 * into the charset; lay it out; check what came out. Each has a file of its own here. The caller
 * has checked that the page is one that takes inserts (`.html`, `.htm`) and how large page and
 * content are.
 */

import { concatBytes, sameBytesAt } from '../../base/bytes.ts';
import { type InsertForm, type Refused, refused } from '../../model/operation.ts';
import {
  charsetOfPage,
  isAsciiCompatible,
  mayHideSectionEnd,
  type PageCharset,
} from './charset.ts';
import { encodeFor, escapeText, headingOf, readContent } from './content.ts';
import { refuseFragment } from './fragment.ts';
import { KnownHeads } from './known-heads.ts';
import { layOut } from './layout.ts';
import { findPlace, type Place } from './place.ts';
import { prescanBytesMax } from './prescan.ts';

export interface Inserted {
  readonly kind: 'inserted';
  /** The whole new page, in memory of its own. */
  readonly page: Uint8Array;
  /** Byte offset of the insertion. */
  readonly at: number;
  /** Bytes that were put in. */
  readonly bytes: number;
}

const knownHeads = new KnownHeads();

/**
 * Puts `content` into the body of `page`, as its first thing: `text` is escaped and set as
 * `<h2> text </h2>`, `heading` is markup and set as `<h2> markup </h2>`, `markup` goes in as it is.
 *
 * Refuses with `content-empty`, `content-not-utf8`, `fragment-open`, `fragment-structure`,
 * `page-frameset`, `page-open`, `page-charset`, `page-too-large` and, if the result is not the old
 * page plus one insertion, with `internal-error`.
 *
 * @param heads what is known of pages; those of this thread when absent
 */
export function insertInto(
  page: Uint8Array,
  form: InsertForm,
  content: Uint8Array,
  heads: KnownHeads = knownHeads,
): Inserted | Refused {
  const text = readContent(content);
  if (typeof text !== 'string') return text;
  const known = heads.find(page);
  const charset = known?.charset ?? charsetOfPage(page);
  if (!isAsciiCompatible(charset.encoding)) return refused('page-charset', charset.encoding);
  const place = known?.place ?? findPlace(page, charset.markBytes);
  if (place.kind === 'refused') return place;
  if (known === undefined) heads.keep(page, charset, place);
  if (mayHideSectionEnd(charset.encoding) && holdsSection(page, place.at)) {
    return refused('page-charset', charset.encoding);
  }
  const markup = form === 'markup' ? text : headingOf(form === 'text' ? escapeText(text) : text);
  const refusal = refuseMarkup(form, text, markup, place.quirks);
  if (refusal !== undefined) return refusal;
  const encoded = encodeFor(charset.encoding, form, markup);
  if (!(encoded instanceof Uint8Array)) return encoded;
  return putIn(page, charset, place, layOut(page, place, encoded));
}

/**
 * What was sent must close what it opens by itself, without help from the heading's end tag; and as
 * a heading too it must leave the rest alone, for it may hold an `</h2>` of its own.
 */
function refuseMarkup(
  form: InsertForm,
  sent: string,
  markup: string,
  quirks: boolean,
): Refused | undefined {
  switch (form) {
    case 'text':
      return undefined;
    case 'heading':
      return refuseFragment(sent, quirks) ?? refuseFragment(markup, quirks);
    case 'markup':
      return refuseFragment(sent, quirks);
  }
}

/** Builds the new page and checks it. */
function putIn(
  page: Uint8Array,
  charset: PageCharset,
  place: Place,
  insertion: Uint8Array,
): Inserted | Refused {
  const { at } = place;
  const result = concatBytes([page.subarray(0, at), insertion, page.subarray(at)]);
  if (!isOneInsertion(page, at, insertion, result)) return refused('internal-error');
  const refusal = refuseNewCharset(charset, at, insertion.length, result);
  return refusal ?? { kind: 'inserted', page: result, at, bytes: insertion.length };
}

/** The new page is the old one, and nothing else, around exactly this insertion. */
function isOneInsertion(
  page: Uint8Array,
  at: number,
  insertion: Uint8Array,
  result: Uint8Array,
): boolean {
  const end = at + insertion.length;
  return (
    insertion.length > 0 &&
    result.length === page.length + insertion.length &&
    sameBytesAt(result, 0, page, 0, at) &&
    sameBytesAt(result, at, insertion, 0, insertion.length) &&
    sameBytesAt(result, end, page, at, page.length - at)
  );
}

/**
 * An insertion near the top of a page can change the charset of all of it: a `meta` in the markup
 * would be the first one, or the page's own moves out of the first 1,024 bytes. Then every other
 * byte of the page would be read otherwise, so the insert is refused.
 */
function refuseNewCharset(
  charset: PageCharset,
  at: number,
  bytes: number,
  result: Uint8Array,
): Refused | undefined {
  const { decidedBefore } = charset;
  if (at >= prescanBytesMax || (decidedBefore !== undefined && decidedBefore <= at))
    return undefined;
  const after = charsetOfPage(result);
  if (after.encoding === charset.encoding) return undefined;
  const isByInsertion = after.decidedBefore !== undefined && after.decidedBefore <= at + bytes;
  return isByInsertion
    ? refused('fragment-structure', '<meta>')
    : refused('page-charset', charset.encoding);
}

/** Whether a CDATA section begins before `end`. */
function holdsSection(page: Uint8Array, end: number): boolean {
  return Buffer.from(page.buffer, page.byteOffset, end).includes('<![CDATA[', 0, 'latin1');
}
