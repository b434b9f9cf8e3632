/** Where the content ends: two readings of it are how requests are smuggled past a proxy. */

import { ask, type CompareRow, HIDDEN, one, post, refusedForGood } from './row.ts';

const CHUNKED = 'Transfer-Encoding: chunked';
const sizeLine = `${HIDDEN.length.toString(16)}\r\n`;
const hello = '5\r\nhello\r\n0\r\n\r\n';
const length = (value: string): string => `Content-Length: ${value}`;
const hiddenLength = length(String(HIDDEN.length));
const chunks = (content: string): string => post([CHUNKED], content);

const lengthAndCoding: readonly CompareRow[] = [
  {
    name: '`Content-Length`, then `Transfer-Encoding`; a request hidden behind the last chunk',
    raw: post([length(String(HIDDEN.length + 5)), CHUNKED], `0\r\n\r\n${HIDDEN}`),
    says: '9112 6.1: may be refused, else the coding counts; MUST close after the response',
    right: / close$/,
  },
  {
    name: 'the same in the other order; the request hidden in a chunk',
    raw: post([CHUNKED, length(String(sizeLine.length))], `${sizeLine}${HIDDEN}\r\n0\r\n\r\n`),
    says: '9112 6.1: the same',
    right: /^\d{3} close$/,
  },
  {
    name: '`Transfer-Encoding: xchunked`',
    raw: post(['Transfer-Encoding: xchunked'], HIDDEN),
    says: '9112 6.1, 6.3: unknown is 501 (SHOULD), not ending in chunked 400 (MUST); close',
    right: refusedForGood,
  },
  {
    name: '`Transfer-Encoding: chunked, identity`',
    raw: post(['Transfer-Encoding: chunked, identity'], `0\r\n\r\n${HIDDEN}`),
    says: '9112 6.3: chunked is not last: MUST be 400, and close',
    right: refusedForGood,
  },
  {
    name: 'two `Transfer-Encoding` lines, `chunked` and `x`',
    raw: post([CHUNKED, 'Transfer-Encoding: x'], `0\r\n\r\n${HIDDEN}`),
    says: '9112 6.3: one list, chunked is not last: MUST be 400, and close',
    right: refusedForGood,
  },
  {
    name: '`Transfer-Encoding: chunked, chunked`',
    raw: post(['Transfer-Encoding: chunked, chunked'], hello),
    says: '9112 6.1: MUST NOT be sent; one decoding leaves chunks as content',
    right: refusedForGood,
  },
  {
    name: '`Transfer-Encoding:` VT `chunked`',
    raw: post(['Transfer-Encoding: \x0bchunked'], hello),
    says: '9110 5.5: a control character is invalid; this is not "chunked"',
    right: refusedForGood,
  },
  {
    name: '`Transfer-Encoding : chunked`',
    raw: post(['Transfer-Encoding : chunked'], hello),
    says: '9112 5.1: a blank before the colon MUST be 400',
    right: /^400/,
  },
  {
    name: '`Transfer-Encoding` in HTTP/1.0',
    raw: `POST /made.html HTTP/1.0\r\nConnection: keep-alive\r\n${CHUNKED}\r\n\r\n${hello}`,
    says: '9112 6.1: MUST count as faulty framing, and close',
    right: /^\d{3} close$/,
  },
];

const lengths: readonly CompareRow[] = [
  {
    name: 'two `Content-Length` that differ',
    raw: post([length('0'), hiddenLength], HIDDEN),
    says: '9112 6.3: MUST be 400, and close',
    right: /^400 close$/,
  },
  {
    name: '`Content-Length: 5, 5`',
    raw: post([length('5, 5')], 'hello'),
    says: '9112 6.3: may be refused, or taken as one 5',
    right: one,
  },
  {
    name: '`Content-Length: +5`',
    raw: post([length('+5')], 'hello'),
    says: '9110 8.6: digits only; 9112 6.3: MUST be 400, and close',
    right: /^400 close$/,
  },
  {
    name: '`Content-Length: 0x5`',
    raw: post([length('0x5')], 'hello'),
    says: 'the same',
    right: /^400 close$/,
  },
  {
    name: '`Content-Length: -5`',
    raw: post([length('-5')], 'hello'),
    says: 'the same',
    right: /^400 close$/,
  },
  {
    name: '`Content-Length: 18446744073709551621`, 5 in 64 bits',
    raw: post([length('18446744073709551621')], 'hello'),
    says: '9110 8.6: large numerals MUST be anticipated: no overflow',
    right: refusedForGood,
  },
  {
    name: '`GET` with content that looks like a request',
    raw: ask('GET /page.html', [hiddenLength], HIDDEN),
    says: '9110 9.3.1: may be refused; else it is content, not a request',
    right: one,
  },
];

const chunked: readonly CompareRow[] = [
  {
    name: 'chunks, with an extension',
    raw: chunks('5;a=b\r\nhello\r\n0\r\n\r\n'),
    says: '9112 7.1: MUST be parsed; unknown extensions are ignored',
    right: /^(2\d\d|405)$/,
  },
  {
    name: 'chunk size `0x5`',
    raw: chunks(`0x5\r\nhello\r\n0\r\n\r\n`),
    says: '9112 7.1: hexadecimal digits only; 0 would be the last chunk',
    right: refusedForGood,
  },
  {
    name: 'chunk size with a leading blank',
    raw: chunks(' 5\r\nhello\r\n0\r\n\r\n'),
    says: '9112 7.1: not in the grammar',
    right: refusedForGood,
  },
  {
    name: 'chunk size `10000000000000005`, 5 in 64 bits',
    raw: chunks('10000000000000005\r\nhello\r\n0\r\n\r\n'),
    says: '9112 7.1: large numerals MUST be anticipated: no overflow',
    right: refusedForGood,
  },
  {
    name: 'chunk size `-5`',
    raw: chunks('-5\r\nhello\r\n0\r\n\r\n'),
    says: '9112 7.1: not in the grammar',
    right: refusedForGood,
  },
  {
    name: 'chunk size line that ends in a bare LF',
    raw: chunks('5\nhello\r\n0\r\n\r\n'),
    says: '9112 7.1: CRLF; the leave of 2.2 is for the start line and fields only',
    right: refusedForGood,
  },
  {
    name: 'LF inside a chunk extension, a request behind it',
    raw: chunks(`5;\n${HIDDEN}\r\n0\r\n\r\n`),
    says: '9112 7.1.1: not in the grammar; who skips it and who ends the line there read two things',
    right: refusedForGood,
  },
  {
    name: 'chunk data that are not followed by CRLF',
    raw: chunks('5\r\nhelloXX0\r\n\r\n'),
    says: '9112 7.1: not in the grammar',
    right: refusedForGood,
  },
  {
    name: 'trailers `Content-Length`, `Host`, `Transfer-Encoding`',
    raw: chunks(`5\r\nhello\r\n0\r\n${hiddenLength}\r\nHost: other\r\n${CHUNKED}\r\n\r\n`),
    says: '9110 6.5.1: MUST NOT be merged; ignored or refused',
    right: one,
  },
  {
    name: 'a trailer whose value reads like a request line',
    raw: chunks(`5\r\nhello\r\n0\r\nX:${HIDDEN}`),
    says: '9112 7.1.2: a well-formed trailer; to be dropped, or refused',
    right: one,
  },
  {
    name: 'a request where the trailers belong',
    raw: chunks(`5\r\nhello\r\n0\r\n${HIDDEN}`),
    says: '9112 7.1.2: a trailer is a field line; 2.2: SHOULD be 400, and close',
    right: refusedForGood,
  },
];

export const framingRows: readonly CompareRow[] = [...lengthAndCoding, ...lengths, ...chunked];
