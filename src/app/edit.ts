/** What all edits share: one edit to the dispatcher, and its refusal as a response. */

import type { FieldLine } from '../http/message.ts';
import { formatEntityTag } from '../model/entity-tag.ts';
import type { Edit, EditResult, PageState, Refused, Replayed } from '../model/operation.ts';
import type { AppContext } from './context.ts';
import { errorResponse } from './error-response.ts';
import { pagePath } from './page-path.ts';
import type { ErrorCode } from './refusal.ts';
import type { RoutedRequest } from './request.ts';
import type { Respond, Response } from './response.ts';
import { acceptPatch, allowedReadMethods } from './semantics.ts';

type Done = Exclude<EditResult, Refused | Replayed>;

/**
 * Has `edit` done and answers with what `answer` makes of its result; a refusal, and a page that
 * takes no edits at all, is answered here.
 */
export function runEdit(
  context: AppContext,
  request: RoutedRequest,
  edit: Edit,
  respond: Respond,
  answer: (result: Done, worker: number | undefined) => Response,
): void {
  if (request.page.readOnly) {
    respond(refuseEdit(context, request, 'hidden-path'));
    return;
  }
  context.dispatcher.edit(request.page.key, [edit], (results, worker) => {
    const result = results[0] ?? { kind: 'refused', code: 'internal-error' };
    if (result.kind === 'refused') {
      respond(refuseEdit(context, request, result.code, result.detail, worker));
    } else if (result.kind === 'replayed') {
      respond(refuseEdit(context, request, 'internal-error', undefined, worker));
    } else {
      respond(answer(result, worker));
    }
  });
}

/** The response to an edit that was not made. */
export function refuseEdit(
  context: AppContext,
  request: RoutedRequest,
  code: ErrorCode,
  detail?: string,
  worker?: number | undefined,
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

/** The fields of an answer that carries, or describes, the page that an edit left. */
export function editedFields(
  request: RoutedRequest,
  state: PageState,
  options: { readonly tagged: boolean; readonly minimal: boolean },
): FieldLine[] {
  const fields: FieldLine[] = [
    ['Content-Location', pagePath(request.page.key)],
    ['Cache-Control', 'no-store'],
  ];
  if (options.tagged && state.tag !== undefined) fields.push(['ETag', formatEntityTag(state.tag)]);
  if (options.minimal) fields.push(['Preference-Applied', 'return=minimal']);
  return fields;
}
