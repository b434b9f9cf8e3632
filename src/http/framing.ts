/**
 * How the content of a received message is delimited (RFC 9112 section 6.3), and whether it
 * persists.
 */

import type { Fields, Framing } from './message.ts';
import { ProtocolError } from './protocol-error.ts';

/** 15 decimal digits count every content below 2^53 bytes, the largest exact number. */
export const LENGTH_DIGITS_MAX = 15;

/** Whether a request has a field that says how its content is framed. */
export function announcesContent(fields: Fields): boolean {
  return fields.countOf('transfer-encoding') > 0 || fields.countOf('content-length') > 0;
}

/** The framing of a request. Throws `ProtocolError` where two readings are possible. */
export function requestFraming(minorVersion: number, fields: Fields): Framing {
  const coded = fields.countOf('transfer-encoding') > 0;
  const lengths = fields.countOf('content-length');
  if (coded) {
    if (minorVersion === 0) throw new ProtocolError('coding-in-http-1.0');
    // A proxy in front may believe the other field: the classic way to smuggle a request.
    if (lengths > 0) throw new ProtocolError('length-with-coding');
    requireChunked(fields);
    return { kind: 'chunked' };
  }
  return lengths === 0 ? { kind: 'none' } : contentLength(fields);
}

/**
 * The framing of a final response to a request with `method`. A response with both fields is
 * refused too: the peer, or somebody between, is confused.
 */
export function responseFraming(
  method: string,
  status: number,
  minorVersion: number,
  fields: Fields,
): Framing {
  if (method === 'HEAD' || status === 204 || status === 304) return { kind: 'none' };
  if (endsHttp(method, status)) return { kind: 'none' };
  const lengths = fields.countOf('content-length');
  if (fields.countOf('transfer-encoding') > 0) {
    if (minorVersion === 0) throw new ProtocolError('coding-in-http-1.0');
    if (lengths > 0) throw new ProtocolError('length-with-coding');
    requireChunked(fields);
    return { kind: 'chunked' };
  }
  return lengths === 0 ? { kind: 'until-close' } : contentLength(fields);
}

/**
 * Whether what follows the head of this response is another protocol, or a tunnel, whose bytes are
 * no content (RFC 9112 section 6.3, RFC 9110 section 15.2.2).
 */
export function endsHttp(method: string, status: number): boolean {
  return status === 101 || (method === 'CONNECT' && status >= 200 && status <= 299);
}

/** Whether the connection may carry another message after this one (RFC 9112 section 9.3). */
export function persists(minorVersion: number, fields: Fields): boolean {
  // Without the field, or with what every browser sends, there is nothing to take apart.
  const field = fields.combined('connection');
  if (field === undefined) return minorVersion >= 1;
  if (field === 'keep-alive') return true;
  const options = fields.tokens('connection');
  if (options.includes('close')) return false;
  return minorVersion >= 1 || options.includes('keep-alive');
}

/** One decimal number; a list of equal numbers counts as one (RFC 9110 section 8.6). */
function contentLength(fields: Fields): Framing {
  const members = (fields.combined('content-length') ?? '').split(',').map(trimBlanks);
  const [first = ''] = members;
  const valid = /^[0-9]+$/.test(first) && members.every((member) => member === first);
  const digits = first.replace(/^0+(?=.)/, '');
  if (!valid || digits.length > LENGTH_DIGITS_MAX) throw new ProtocolError('bad-content-length');
  return { kind: 'length', bytes: Number(digits) };
}

function trimBlanks(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}

/**
 * Only `chunked` alone is spoken; another coding before it is unknown here, elsewhere it is an
 * error.
 */
function requireChunked(fields: Fields): void {
  const members = (fields.combined('transfer-encoding') ?? '')
    .split(',')
    .map((member) => trimBlanks(member).toLowerCase());
  if (members.at(-1) !== 'chunked') throw new ProtocolError('coding-not-chunked');
  if (members.length === 1) return;
  // "chunked" twice would frame the content in two ways.
  const repeated = members.slice(0, -1).some((member) => member === 'chunked' || member === '');
  throw new ProtocolError(repeated ? 'coding-not-chunked' : 'unknown-coding');
}
