/**
 * The routed request: what the methods work on, checked as a whole by one schema. The wire grammar
 * has been checked by `src/http`; here stand the rules of what a request may ask of this server.
 */

import { z } from 'zod';
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

/** A rule that is broken is reported under its code, which the answer is made from. */
function broken(context: z.core.$RefinementCtx, code: RequestErrorCode): typeof z.NEVER {
  context.issues.push({ code: 'custom', input: undefined, params: { error: code } });
  return z.NEVER;
}

const pathSchema = z.object({ path: z.string(), foldsCase: z.boolean() });

const pageSchema = pathSchema.transform(({ path, foldsCase }, context): PageName => {
  const page = takePagePath(path, foldsCase);
  return typeof page === 'string' ? broken(context, page) : page;
});

const mediaTypeSchema = z.string().transform((field, context): MediaType => {
  return takeMediaType(field) ?? broken(context, 'content-type');
});

/** `identity` codes nothing (RFC 9110 section 12.5.3), so it says nothing. */
const contentEncodingSchema = z.string().superRefine((field, context) => {
  if (field.toLowerCase() !== 'identity') broken(context, 'content-coded');
});

const contentRangeSchema = z.string().superRefine((_, context) => {
  broken(context, 'content-partial');
});

const requestSchema = z.object({
  page: pageSchema,
  prefer: z.enum(['minimal', 'representation']).optional(),
  contentType: mediaTypeSchema.optional(),
  contentEncoding: contentEncodingSchema.optional(),
  contentRange: contentRangeSchema.optional(),
});

/** The codes that an issue of the schemas above may carry. */
const issueCodes: ReadonlySet<string> = new Set<RequestErrorCode>([
  'bad-path',
  'hidden-path',
  'content-type',
  'content-coded',
  'content-partial',
]);

function isIssueCode(value: unknown): value is RequestErrorCode {
  return typeof value === 'string' && issueCodes.has(value);
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
  // What a request without an edit says of its content does not matter: the content is discarded.
  const writes = action === 'insert' || action === 'replace';
  const checked = requestSchema.safeParse({
    page: { path: target.path, foldsCase },
    prefer: takePreference(head),
    contentType: writes ? contentTypeField(action, fields) : undefined,
    contentEncoding: writes ? fields.combined('content-encoding') : undefined,
    // Only PUT is told what a partial content would mean to it (RFC 9110 section 14.4).
    contentRange: method === 'PUT' ? fields.combined('content-range') : undefined,
  });
  if (!checked.success) return firstCode(checked.error);
  const conditions = takeConditions(fields, nowMs);
  if (conditions === undefined) return 'bad-condition';
  // Reading twice is reading once: there a key says nothing.
  const keyed = isSafe(action) ? undefined : takeKeyedFields(fields);
  if (keyed === 'malformed') return 'bad-idempotency-key';
  const query = target.query === undefined ? '' : `?${target.query}`;
  const { page, contentType, prefer } = checked.data;
  // Only GET has ranges (RFC 9110 section 14.2).
  const range = method === 'GET' ? takeRange(fields, nowMs) : undefined;
  return { method, page, query, contentType, conditions, range, prefer, keyed };
}

/** What replaces a page is stored whatever its type, so also when it is said to be of none. */
function contentTypeField(action: Action, fields: Fields): string | undefined {
  const field = fields.combined('content-type');
  if (field === undefined || action === 'insert') return field;
  return takeMediaType(field) === undefined ? undefined : field;
}

function firstCode(error: z.ZodError): RequestErrorCode {
  for (const issue of error.issues) {
    const code = issue.code === 'custom' ? issue.params?.['error'] : undefined;
    if (isIssueCode(code)) return code;
  }
  return 'bad-target';
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
