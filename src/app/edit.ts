/** What all edits share: one edit to the dispatcher, and what came of it as a response. */

import type { FieldLine } from '../http/message.ts';
import {
  type DoneBy,
  type Edit,
  type EditResult,
  type Replayed,
  refused,
} from '../model/operation.ts';
import type { AppContext } from './context.ts';
import { doneResponse } from './done-response.ts';
import { errorResponse } from './error-response.ts';
import { idempotencyOf } from './idempotency.ts';
import type { ErrorCode } from './refusal.ts';
import type { RoutedRequest } from './request.ts';
import type { Respond, Response } from './response.ts';
import { acceptPatch, allowedReadMethods } from './semantics.ts';

/**
 * Has `edit` done under the request's idempotency key, if it has one, and answers; a page that
 * takes no edits at all is answered here.
 *
 * @param content what the request sent
 */
export function runEdit(
  context: AppContext,
  request: RoutedRequest,
  edit: Edit,
  content: Uint8Array,
  respond: Respond,
): void {
  const { page, method, keyed } = request;
  if (page.readOnly) {
    respond(refuseEdit(context, request, 'hidden-path'));
    return;
  }
  const sent: Edit =
    keyed === undefined
      ? edit
      : { ...edit, idempotency: idempotencyOf(keyed, method, page.key, content) };
  context.dispatcher.edit(page.key, [sent], ([result = refused('internal-error')], worker) => {
    respond(responseTo(context, request, content, result, worker));
  });
}

function responseTo(
  context: AppContext,
  request: RoutedRequest,
  content: Uint8Array,
  result: EditResult,
  worker: DoneBy | undefined,
): Response {
  switch (result.kind) {
    case 'refused':
      return refuseEdit(context, request, result.code, result.detail, worker);
    case 'replayed':
      return replay(context, request, content, result, worker);
    default:
      return doneResponse(context, request, content, { ...result, worker });
  }
}

/** As the first response was, as far as it can be told; and it says that nothing was done now. */
function replay(
  context: AppContext,
  request: RoutedRequest,
  content: Uint8Array,
  replayed: Replayed,
  worker: DoneBy | undefined,
): Response {
  const done = { ...replayed, kind: replayed.of, worker };
  const response = doneResponse(context, request, content, done);
  return {
    ...response,
    fields: [...response.fields, ['Idempotency-Replayed', 'true']],
    log: { ...response.log, why: 'replayed' },
  };
}

/** The response to an edit that was not made. */
export function refuseEdit(
  context: AppContext,
  request: RoutedRequest,
  code: ErrorCode,
  detail?: string,
  worker?: DoneBy | undefined,
): Response {
  const { method, page } = request;
  const errorContext = { method, semantics: context.semantics, key: page.key, worker };
  // A target that ends in a slash and is no page: the folder itself takes no edits.
  if (code === 'not-found' && page.folder) {
    return errorResponse('method-not-taken-by-folder', errorContext, undefined, [
      ['Allow', allowedReadMethods],
    ]);
  }
  return errorResponse(code, errorContext, detail, patchHint(code));
}

const unsupportedByInserts: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'content-type',
  'content-charset',
  'content-coded',
  'not-html',
]);

/** An insert of an unsupported type is answered with the types that are (RFC 5789 section 2.2). */
export function patchHint(code: ErrorCode): FieldLine[] {
  return unsupportedByInserts.has(code) ? [['Accept-Patch', acceptPatch]] : [];
}
