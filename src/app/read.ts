/** GET and HEAD: a page as it is, its folder's redirect, or the start page. */

import { formatHttpDate } from '../http/date.ts';
import type { FieldLine } from '../http/message.ts';
import { type ByteRange, rangeBytes } from '../model/byte-range.ts';
import { formatEntityTag } from '../model/entity-tag.ts';
import type { OutcomeContent, PageState, ReadResult } from '../model/operation.ts';
import { INDEX_NAME, type PageName, pagePath } from '../model/page-name.ts';
import type { ResourceKey } from '../model/resource-key.ts';
import { partialContent } from './byte-ranges.ts';
import { cacheControl } from './cache-rules.ts';
import type { AppContext } from './context.ts';
import { type ErrorContext, errorResponse } from './error-response.ts';
import { pageMediaType } from './media-type.ts';
import type { RoutedRequest } from './request.ts';
import {
  everywhere,
  type Respond,
  type Response,
  type ResponseContent,
  type ResponseLog,
} from './response.ts';
import type { Method } from './semantics.ts';
import { startPage } from './start-page.ts';

/** From then on a date tells versions of a page apart for good. */
const DATE_SETTLED_MS = 2_000;

export function read(
  context: AppContext,
  request: RoutedRequest,
  _content: Uint8Array,
  respond: Respond,
): void {
  const { page, method, conditions, range } = request;
  const want = method === 'HEAD' ? 'metadata' : 'content';
  const asked = { key: page.key, want, conditions, ...(range && { range }) } as const;
  context.dispatcher.read(asked, (result, worker, cached) => {
    const log = cached === undefined ? { worker } : { cached: true };
    const response = answer(context, request, result, log);
    const repeats = cached !== undefined && isRepeatable(result, context.clock.wallMs());
    respond(repeats ? { ...response, page: cached } : response);
  });
}

/**
 * Whether the same request has the same answer for as long as the page is what it is: not where a
 * date was judged, or told, that may count for something else in a second (RFC 9110 8.8.2), nor
 * where parts are bounded by what nobody may foresee.
 */
function isRepeatable(result: ReadResult, nowMs: number): boolean {
  if (result.kind !== 'found' && result.kind !== 'not-modified') return false;
  if (result.kind === 'found' && (result.ranges?.length ?? 0) > 1) return false;
  return nowMs - result.state.modifiedMs >= DATE_SETTLED_MS;
}

function answer(
  context: AppContext,
  request: RoutedRequest,
  result: ReadResult,
  log: ResponseLog,
): Response {
  const { page, method, query } = request;
  switch (result.kind) {
    case 'found':
      return foundAnswer(context, request, result, log);
    case 'unsatisfiable':
      return errorResponse(
        'range-unsatisfiable',
        { method, semantics: context.semantics, key: page.key, ...log },
        undefined,
        [['Content-Range', `bytes */${result.state.size}`]],
      );
    case 'not-modified':
      return {
        status: 304,
        fields: [...repeated(context, result.state), ...caching(context, request), ...everywhere],
        content: { kind: 'none' },
        log,
      };
    case 'refused': {
      const errorContext: ErrorContext = {
        method,
        semantics: context.semantics,
        key: page.key,
        ...log,
      };
      if (result.code === 'is-folder' && !page.folder) {
        return redirectToFolder(pagePath(page.key), query, log);
      }
      if (result.code === 'not-found' && page.folder && page.key === INDEX_NAME) {
        if (context.startPage) return startPage(method === 'HEAD', log.worker);
      }
      // To a reader, what is no page is not there: a folder named index.html, a FIFO.
      const missing = result.code === 'is-folder' || result.code === 'not-regular';
      return errorResponse(missing ? 'not-found' : result.code, errorContext, result.detail);
    }
  }
}

/** What a GET of a page without conditions and ranges is answered, but for its content. */
export function wholeAnswer(context: AppContext, key: ResourceKey, state: PageState): Response {
  const request = { method: 'GET', page: { key, folder: false } } as const;
  return foundAnswer(context, request, { kind: 'found', state, content: { kind: 'none' } }, {});
}

/** What the answer to a page that was found depends on. */
interface PageRequest {
  readonly method: Method;
  readonly page: Pick<PageName, 'key' | 'folder'>;
}

function foundAnswer(
  context: AppContext,
  request: PageRequest,
  { state, content: found, ranges }: Extract<ReadResult, { kind: 'found' }>,
  log: ResponseLog,
): Response {
  const type = pageMediaType(request.page.key, state);
  const shared: FieldLine[] = [
    ['Accept-Ranges', 'bytes'],
    ...entityTag(state),
    ...lastModified(context, state),
    ...caching(context, request),
    ...everywhere,
  ];
  const head = request.method === 'HEAD';
  const content = contentOf(context, head, ranges ?? [{ start: 0, end: state.size }], found);
  if (ranges === undefined) {
    return { status: 200, fields: [['Content-Type', type], ...shared], content, log };
  }
  const boundary = context.random.uuid();
  const partial = partialContent(ranges, state.size, type, content, boundary);
  const fields = [...partial.fields, ...shared];
  return { status: 206, fields, content: partial.content, log };
}

function contentOf(
  context: AppContext,
  head: boolean,
  ranges: readonly ByteRange[],
  found: OutcomeContent,
): ResponseContent {
  const bytes = rangeBytes(ranges);
  switch (found.kind) {
    case 'whole':
      return { kind: 'bytes', bytes: found.bytes };
    case 'open':
      return {
        kind: 'stream',
        bytes,
        pieces: ranges.map((range) => ({ kind: 'file', ...range })),
        open: (receiver) => context.dispatcher.openStream(found.stream, receiver),
      };
    case 'none':
      return head ? { kind: 'described', bytes } : { kind: 'none' };
  }
}

function entityTag({ tag }: PageState): FieldLine[] {
  return tag === undefined ? [] : [['ETag', formatEntityTag(tag)]];
}

/** Never later than `Date` (RFC 9110 section 8.8.2.1), for a clock may be set back. */
function lastModified({ clock }: AppContext, { modifiedMs }: PageState): FieldLine[] {
  return [['Last-Modified', formatHttpDate(Math.min(modifiedMs, clock.wallMs()))]];
}

/** What a 304 repeats of the validators: the weaker one is of no use beside a tag (15.4.5). */
function repeated(context: AppContext, state: PageState): FieldLine[] {
  return state.tag === undefined ? lastModified(context, state) : entityTag(state);
}

function caching({ cacheRules }: AppContext, { page }: PageRequest): FieldLine[] {
  const fields: FieldLine[] = [['Cache-Control', cacheControl(cacheRules, `/${page.key}`)]];
  if (page.folder) fields.push(['Content-Location', pagePath(page.key)]);
  return fields;
}

function redirectToFolder(path: string, query: string, log: ResponseLog): Response {
  const location = `${path}/${query}`;
  return {
    status: 301,
    fields: [['Location', location], ['Cache-Control', 'no-cache'], ...everywhere],
    content: { kind: 'bytes', bytes: new Uint8Array(0) },
    log: { ...log, why: `is a folder, see ${path}/` },
  };
}
