/**
 * Every reason for which a request is not done, with the status and the sentence that answer it.
 */

import type { RefusalCode } from '../model/operation.ts';
import type { Method, Semantics } from './semantics.ts';

/** Reasons that the request itself gives, before any page is looked at. */
export type RequestErrorCode =
  | 'bad-target'
  | 'misdirected'
  | 'cross-origin'
  | 'bad-path'
  | 'hidden-path'
  | 'method-unknown'
  | 'method-connect'
  | 'method-not-taken'
  | 'method-not-taken-by-folder'
  | 'content-too-large'
  | 'content-coded'
  | 'content-partial'
  | 'content-type'
  | 'content-charset'
  | 'content-multipart'
  | 'bad-condition'
  | 'condition-required'
  | 'bad-idempotency-key'
  | 'expectation'
  | 'range-unsatisfiable';

export type ErrorCode = RequestErrorCode | RefusalCode;

interface ErrorRow {
  readonly status: number;
  /** Fixed, complete, and safe to show. `{detail}` stands for the refusal's detail. */
  readonly sentence: string;
  /** Whether the classic semantics answers 400 instead, for every method. */
  readonly classic?: 400;
  /** Whether trying again after a moment may help. */
  readonly retry?: true;
}

const table: Readonly<Record<ErrorCode, ErrorRow>> = {
  'bad-target': { status: 400, sentence: 'The request target is not one that this method takes.' },
  misdirected: {
    status: 421,
    sentence:
      'This server listens at loopback and does not answer to that name; ' +
      '--allowed-hosts makes it do so.',
  },
  'cross-origin': {
    status: 403,
    sentence: 'A page of another origin may not edit anything here.',
  },
  'bad-path': {
    status: 400,
    sentence: 'The path holds a broken or forbidden percent-encoding, or a character no name has.',
  },
  'hidden-path': { status: 404, sentence: 'There is no such page.' },
  'method-unknown': { status: 501, sentence: 'This server does not know the method.' },
  'method-connect': { status: 501, sentence: 'This server is not a proxy.' },
  'method-not-taken': { status: 405, sentence: 'The method is not taken here.' },
  'method-not-taken-by-folder': {
    status: 405,
    sentence: 'A folder without an index page takes no edits; name a page in it.',
  },
  'content-too-large': {
    status: 413,
    sentence: 'The content is larger than the {detail} bytes taken here.',
  },
  'content-coded': {
    status: 415,
    classic: 400,
    sentence: 'Content-Encoding is not taken: send the content as it is to be stored.',
  },
  'content-partial': {
    status: 400,
    sentence: 'Content-Range is not taken: PUT sends a whole content, PATCH an insert.',
  },
  'content-type': {
    status: 415,
    classic: 400,
    sentence: 'An insert is text/html, text/plain or application/x-www-form-urlencoded.',
  },
  'content-charset': { status: 415, classic: 400, sentence: 'An insert must be in UTF-8.' },
  'content-multipart': {
    status: 415,
    classic: 400,
    sentence: 'multipart/form-data is not taken: its envelope would be stored.',
  },
  'bad-condition': {
    status: 400,
    sentence: 'An If-Match or If-None-Match field is not "*" or a list of entity tags.',
  },
  'condition-required': {
    status: 428,
    sentence:
      'A page is replaced or removed here only under a condition: If-Match with its ETag, ' +
      'If-Unmodified-Since, or If-None-Match: * to make one that is not there.',
  },
  'bad-idempotency-key': {
    status: 400,
    sentence:
      'Idempotency-Key is not one token or one string in double quotes, of 1 to 255 characters.',
  },
  expectation: { status: 417, sentence: 'The only expectation met here is 100-continue.' },
  'range-unsatisfiable': {
    status: 416,
    sentence: 'No range that was asked for lies in the page.',
  },
  'key-reused': {
    status: 422,
    sentence: 'The idempotency key was used before, for another request.',
  },
  'not-found': { status: 404, sentence: 'There is no such page.' },
  'is-folder': { status: 409, classic: 400, sentence: 'A folder has this name.' },
  forbidden: { status: 403, classic: 400, sentence: 'The operating system denies it.' },
  'other-mount': {
    status: 409,
    classic: 400,
    sentence: 'The page lies on another file system, where an edit could not be made whole.',
  },
  'symbolic-link': {
    status: 409,
    classic: 400,
    sentence: 'The page is reached through a symbolic link, and is edited only by its own name.',
  },
  'hard-links': {
    status: 409,
    classic: 400,
    sentence: 'The file has several hard links, and an edit would part them.',
  },
  'not-regular': { status: 409, classic: 400, sentence: 'It is not a regular file.' },
  'parent-not-folder': {
    status: 409,
    classic: 400,
    sentence: 'A file stands where a folder is named.',
  },
  unstable: { status: 503, retry: true, sentence: 'Another program keeps changing the page.' },
  'not-html': { status: 415, classic: 400, sentence: 'Only .html and .htm pages take inserts.' },
  'page-too-large': {
    status: 409,
    classic: 400,
    sentence: 'The page is too large to take an insert.',
  },
  'page-frameset': { status: 409, classic: 400, sentence: 'A frameset page has no body.' },
  'page-charset': {
    status: 409,
    classic: 400,
    sentence: 'The page is in a charset that inserts are not made in ({detail}).',
  },
  'page-open': {
    status: 409,
    classic: 400,
    sentence: 'The page ends inside {detail}, which would swallow an insert.',
  },
  'content-empty': { status: 400, sentence: 'The content is empty: there is nothing to insert.' },
  'content-not-utf8': { status: 400, sentence: 'The content is not valid UTF-8.' },
  'fragment-open': { status: 400, sentence: 'The fragment leaves {detail} open.' },
  'fragment-structure': {
    status: 400,
    sentence:
      'The fragment holds {detail}, which belongs to a whole page: send the page with POST, ' +
      'or with PUT to a server that runs with --semantics standard.',
  },
  'precondition-failed': {
    status: 412,
    sentence: 'The page is not in the state the request names.',
  },
  'storage-full': { status: 507, sentence: 'There is no room left; the old page stands.' },
  'storage-error': { status: 500, sentence: 'The storage failed; the old page stands.' },
  'internal-error': { status: 500, sentence: 'The server made a mistake; the old page stands.' },
  busy: { status: 503, retry: true, sentence: 'The server has too much to do.' },
  // The ledger was not asked: an earlier try under the same key may have changed the page.
  'worker-lost': {
    status: 500,
    sentence: 'The thread at work died; this request changed nothing.',
  },
  deadline: { status: 503, retry: true, sentence: 'It took too long.' },
  'outcome-unknown': {
    status: 503,
    sentence:
      'It took too long, or failed late: the edit may or may not have been made. Read the page, ' +
      'or send it again with the same Idempotency-Key.',
  },
  'read-only': {
    status: 503,
    sentence:
      'After a failure whose effect is not known, the server takes no edits until restarted.',
  },
};

/** All codes, for documents and tests. */
export const errorCodes = Object.keys(table) as readonly ErrorCode[];

/** The row of a code, for documents and tests. */
export function errorRow(code: ErrorCode): ErrorRow {
  return table[code];
}

/**
 * The status that answers `code`. Classic folds what the store says (docs/HTTP.md): a missing
 * page is 400 to HEAD, a conflict and an unsupported type are 400 to every method. A fault of the
 * server is never folded: it must not blame the client.
 */
export function errorStatus(
  code: ErrorCode,
  method: Method | undefined,
  semantics: Semantics,
): number {
  const { status, classic } = table[code];
  if (semantics === 'standard') return status;
  if (status === 404 && method === 'HEAD') return 400;
  return classic ?? status;
}

/** The sentence that answers `code`. */
export function errorSentence(code: ErrorCode, detail: string | undefined): string {
  return table[code].sentence.replace('{detail}', () => detail ?? 'something');
}

/** Whether `Retry-After` goes with it. */
export function mayRetry(code: ErrorCode): boolean {
  return table[code].retry === true;
}
