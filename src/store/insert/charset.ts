/**
 * The charset of a page: which one a browser would read it in, and whether text can be put into it.
 */

import { latin1Text } from '../../base/bytes.ts';
import { prescanBytesMax, prescanMeta } from './prescan.ts';

export interface PageCharset {
  /** The name of the encoding, in lower case, as the Encoding Standard has it. */
  readonly encoding: string;
  /** How many bytes of byte order mark the page begins with. */
  readonly markBytes: number;
  /**
   * Where the declaration ends: bytes that are put in behind it do not change the charset.
   * `undefined` when nothing declares one, so that something inserted could.
   */
  readonly decidedBefore: number | undefined;
}

const zero = 0x00;
const lessThan = 0x3c;

/**
 * The charset by byte order mark, else by a `meta` element in the first 1,024 bytes, else UTF-8.
 *
 * UTF-32 and UTF-16 without a mark are told by the zeros around the first `<`. A browser would take
 * such a page for something else and show garbage, which is no reason to write ASCII into it.
 */
export function charsetOfPage(page: Uint8Array): PageCharset {
  const [a, b, c, d] = page;
  if (a === 0xef && b === 0xbb && c === 0xbf) return marked('utf-8', 3);
  if (a === 0xff && b === 0xfe)
    return c === 0 && d === 0 ? marked('utf-32', 4) : marked('utf-16le', 2);
  if (a === 0xfe && b === 0xff) return marked('utf-16be', 2);
  if (a === zero && b === zero && c === 0xfe && d === 0xff) return marked('utf-32', 4);
  if (a === zero && b === zero && c === zero && d === lessThan) return marked('utf-32', 0);
  if (a === lessThan && b === zero && c === zero && d === zero) return marked('utf-32', 0);
  if (a === lessThan && b === zero && d === zero) return marked('utf-16le', 0);
  if (a === zero && b === lessThan && c === zero) return marked('utf-16be', 0);
  const declared = prescanMeta(latin1Text(page, 0, Math.min(page.length, prescanBytesMax)));
  if (declared === undefined) return { encoding: 'utf-8', markBytes: 0, decidedBefore: undefined };
  return { encoding: declared.encoding, markBytes: 0, decidedBefore: declared.end };
}

function marked(encoding: string, markBytes: number): PageCharset {
  return { encoding, markBytes, decidedBefore: 0 };
}

/**
 * Whether every byte below 0x80 that means something to the HTML parser means the same in this
 * encoding, so that the page can be parsed, and ASCII put into it, without decoding it.
 *
 * The single-byte encodings, EUC-JP and UTF-8 use bytes below 0x80 for ASCII alone. Shift_JIS, GBK,
 * gb18030, Big5 and EUC-KR also use them as second bytes, from 0x40 to 0x7E (gb18030 also 0x30 to
 * 0x39): letters, digits and `@ [ \ ] ^ _ { | } ~` and the grave accent. None of these opens or
 * ends a tag, a comment, a quoted value or a reference, a first byte (0x81 and up) always stands
 * before them, so no name that the parser knows can come from them, and a broken character never
 * takes the ASCII byte behind it along (the decoders put it back). The one exception is `]`, see
 * {@link mayHideSectionEnd}. UTF-16, UTF-32, ISO-2022 and HZ give the bytes of ASCII other
 * meanings.
 */
export function isAsciiCompatible(encoding: string): boolean {
  return !/^(?:utf-16|utf-32|iso-2022|csiso2022|hz-|replacement)/.test(encoding);
}

/**
 * Whether `]` can be the second byte of a character in this encoding: then the bytes `]]>` may be
 * text inside a CDATA section, and whether the section ends there takes a decoder to tell.
 */
export function mayHideSectionEnd(encoding: string): boolean {
  return ['shift_jis', 'gbk', 'gb18030', 'big5', 'euc-kr'].includes(encoding);
}
