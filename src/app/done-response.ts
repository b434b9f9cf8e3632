/**
 * The response to an edit that was made: by this request, or before, by one with the same
 * idempotency key.
 */

import { emptyBytes } from '../base/bytes.ts';
import type { FieldLine } from '../http/message.ts';
import { formatEntityTag } from '../model/entity-tag.ts';
import type { DoneBy, EditDone, PageState } from '../model/operation.ts';
import { pagePath } from '../model/page-name.ts';
import type { AppContext } from './context.ts';
import { pageMediaType } from './media-type.ts';
import type { RoutedRequest } from './request.ts';
import { everywhere, type Response, type ResponseContent } from './response.ts';

/** What was done, and what is known of the page as it was then. */
export interface Done {
  readonly kind: EditDone;
  /** Absent after a removal, and of an edit made before whose page no history holds any more. */
  readonly state?: PageState;
  /** The page, where the answer may need more than the content that was sent. */
  readonly page?: Uint8Array;
  readonly worker: DoneBy | undefined;
}

/** @param content what the request sent */
export function doneResponse(
  context: AppContext,
  request: RoutedRequest,
  content: Uint8Array,
  done: Done,
): Response {
  switch (done.kind) {
    case 'inserted':
      return inserted(request, done);
    case 'created':
    case 'replaced':
      return request.method === 'PUT'
        ? put(request, content, done)
        : posted(context, request, content, done);
    case 'removed': {
      const fields: FieldLine[] = [['Cache-Control', 'no-store'], ...everywhere];
      return { status: 204, fields, content: { kind: 'none' }, log: { worker: done.worker } };
    }
  }
}

/** 200 and the whole page, unless the client prefers less. */
function inserted(request: RoutedRequest, { state, page, worker }: Done): Response {
  const minimal = request.prefer === 'minimal';
  // What was stored is not what PUT sent, so it must not vouch for it (RFC 9110 section 9.3.4).
  const tagged = request.method !== 'PUT';
  const fields = [...everywhere, ...editedFields(request, state, { tagged, minimal })];
  const log = { worker };
  if (minimal) return { status: 204, fields, content: { kind: 'none' }, log };
  if (state === undefined || page === undefined) {
    return { status: 200, fields, content: noBytes, log };
  }
  const type: FieldLine = ['Content-Type', pageMediaType(request.page.key, state)];
  return { status: 200, fields: [type, ...fields], content: { kind: 'bytes', bytes: page }, log };
}

/** 201 or 204, and no content unless the client prefers it (RFC 9110 section 9.3.4). */
function put(request: RoutedRequest, content: Uint8Array, done: Done): Response {
  const { state, worker } = done;
  const created = done.kind === 'created';
  const shown = request.prefer === 'representation';
  const options = { tagged: true, minimal: request.prefer === 'minimal' };
  const fields = [...everywhere, ...editedFields(request, state, options)];
  const log = { worker };
  if (shown && state !== undefined) {
    const type: FieldLine = ['Content-Type', pageMediaType(request.page.key, state)];
    return {
      status: created ? 201 : 200,
      fields: [type, ...fields, ['Preference-Applied', 'return=representation']],
      content: { kind: 'bytes', bytes: content },
      log,
    };
  }
  if (created || shown) return { status: created ? 201 : 200, fields, content: noBytes, log };
  return { status: 204, fields, content: { kind: 'none' }, log };
}

/** Classic answers 201 whether the page was there or not, as the original did. */
function posted(
  context: AppContext,
  request: RoutedRequest,
  content: Uint8Array,
  { kind, state, worker }: Done,
): Response {
  const minimal = request.prefer === 'minimal';
  const status = kind === 'created' || context.semantics === 'classic' ? 201 : 200;
  const fields: FieldLine[] = [
    ...(state === undefined
      ? []
      : [['Content-Type', pageMediaType(request.page.key, state)] as const]),
    ...(status === 201 ? [['Location', pagePath(request.page.key)] as const] : []),
    ...everywhere,
    ...editedFields(request, state, { tagged: true, minimal }),
  ];
  const log = { worker };
  if (minimal && status === 200) return { status: 204, fields, content: { kind: 'none' }, log };
  const echoed = !minimal && state !== undefined && content.length <= context.echoBytesMax;
  return { status, fields, content: echoed ? { kind: 'bytes', bytes: content } : noBytes, log };
}

/** The fields of an answer that carries, or describes, the page that an edit left. */
function editedFields(
  request: RoutedRequest,
  state: PageState | undefined,
  options: { readonly tagged: boolean; readonly minimal: boolean },
): FieldLine[] {
  const fields: FieldLine[] = [];
  if (state !== undefined) fields.push(['Content-Location', pagePath(request.page.key)]);
  fields.push(['Cache-Control', 'no-store']);
  if (options.tagged && state?.tag !== undefined) fields.push(['ETag', formatEntityTag(state.tag)]);
  if (options.minimal) fields.push(['Preference-Applied', 'return=minimal']);
  return fields;
}

const noBytes: ResponseContent = { kind: 'bytes', bytes: emptyBytes };
