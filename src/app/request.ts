/**
 * The routed request: what the methods work on, checked as a whole in one place. The wire grammar
 * has been checked by `src/http`; here stand the rules of what a request may ask of this server.
 */

import type { Fields, RequestHead } from '../http/message.ts';
import type { Target } from '../http/target.ts';
import type { RangeRequest } from '../model/byte-range.ts';
import type { Conditions } from '../model/conditions.ts';
import type { PageName } from '../model/page-name.ts';
import { takeConditions } from './conditions.ts';
import { type KeyedFields, takeKeyedFields } from './idempotency.ts';
import { type MediaType, takeMediaType } from './media-type.ts';
import { takePagePath } from './page-path.ts';
import { takeRange } from './range.ts';
import type { RequestErrorCode } from './refusal.ts';
import { type Action, isSafe, type Method } from './semantics.ts';

/** A request that may be carried out. */
export interface RoutedRequest {
  readonly method: Method;
  readonly page: PageName;
  /** With its `?`, or empty. */
  readonly query: string;
  readonly contentType: MediaType | undefined;
  readonly conditions: Conditions;
  /** Which part of the page a GET asks for; absent: all of it. */
  readonly range: RangeRequest | undefined;
  readonly prefer: 'minimal' | 'representation' | undefined;
  /** The idempotency key of a write, with what its fields say to tell it from others. */
  readonly keyed: KeyedFields | undefined;
}

/**
 * Checks a request against what `action` needs.
 *
 * @param nowMs wall-clock time, which decides the century of an old date form
 * @param foldsCase whether names that differ in case only are one name where the pages lie
 * @returns the request, or the code of the first rule it breaks
 */
export function routeRequest(
  method: Method,
  action: Action,
  head: RequestHead,
  target: Extract<Target, { path: string }>,
  nowMs: number,
  foldsCase: boolean,
): RoutedRequest | RequestErrorCode {
  const { fields } = head;
  const page = takePagePath(target.path, foldsCase);
  if (typeof page === 'string') return page;
  // What a request without an edit says of its content does not matter: the content is discarded.
  const writes = action === 'insert' || action === 'replace';
  const content = writes ? takeContentFields(action, fields) : noContentFields;
  if (typeof content === 'string') return content;
  // Only PUT is told what a partial content would mean to it (RFC 9110 section 14.4).
  if (method === 'PUT' && fields.countOf('content-range') > 0) return 'content-partial';
  const conditions = takeConditions(fields, nowMs);
  if (conditions === undefined) return 'bad-condition';
  // Reading twice is reading once: there a key says nothing.
  const keyed = isSafe(action) ? undefined : takeKeyedFields(fields);
  if (keyed === 'malformed') return 'bad-idempotency-key';
  const query = target.query === undefined ? '' : `?${target.query}`;
  const prefer = takePreference(head);
  const { contentType } = content;
  // Only GET has ranges (RFC 9110 section 14.2).
  const range = method === 'GET' ? takeRange(fields, nowMs) : undefined;
  return { method, page, query, contentType, conditions, range, prefer, keyed };
}

/** What a request says of the content that an edit takes. */
type ContentFields = Pick<RoutedRequest, 'contentType'>;

const noContentFields: ContentFields = { contentType: undefined };

function takeContentFields(action: Action, fields: Fields): ContentFields | RequestErrorCode {
  const field = fields.combined('content-type');
  const contentType = field === undefined ? undefined : takeMediaType(field);
  // What replaces a page is stored whatever its type, so also when it is said to be of none.
  if (field !== undefined && contentType === undefined && action === 'insert') {
    return 'content-type';
  }
  const coding = fields.combined('content-encoding');
  // `identity` codes nothing (RFC 9110 section 12.5.3), so it says nothing.
  if (coding !== undefined && coding.toLowerCase() !== 'identity') return 'content-coded';
  return { contentType };
}

/** `Prefer: return=…` (RFC 7240 section 4.2); the first of several counts, all else is ignored. */
function takePreference(head: RequestHead): 'minimal' | 'representation' | undefined {
  for (const token of head.fields.tokens('prefer')) {
    const preference = /^return[ \t]*=[ \t]*"?(minimal|representation)"?[ \t]*(?:;|$)/.exec(
      token,
    )?.[1];
    if (preference === 'minimal' || preference === 'representation') return preference;
  }
  return undefined;
}
