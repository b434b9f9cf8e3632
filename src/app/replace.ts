/** POST, and the standard PUT: a page holds exactly the content that was sent. */

import type { FieldLine } from '../http/message.ts';
import type { PageState } from '../model/operation.ts';
import type { AppContext } from './context.ts';
import { editedFields, refuseEdit, runEdit } from './edit.ts';
import { pageMediaType } from './media-type.ts';
import { pagePath } from './page-path.ts';
import type { RoutedRequest } from './request.ts';
import { everywhere, type Respond, type Response, type ResponseContent } from './response.ts';

export function replace(
  context: AppContext,
  request: RoutedRequest,
  content: Uint8Array,
  respond: Respond,
): void {
  if (request.contentType?.essence === 'multipart/form-data') {
    respond(refuseEdit(context, request, 'content-multipart'));
    return;
  }
  const edit = {
    kind: 'replace',
    // `/dir/` names the folder's index page where there is one, and makes none.
    create: !request.page.folder,
    content,
    conditions: request.conditions,
    // The content is at hand; the worker need not send it back.
    answer: 'minimal',
  } as const;
  runEdit(context, request, edit, respond, (result, worker) => {
    if (result.kind === 'removed') return refuseEdit(context, request, 'internal-error');
    const created = result.kind === 'created';
    return request.method === 'PUT'
      ? putAnswer(request, created, result.state, content, worker)
      : postAnswer(context, request, created, result.state, content, worker);
  });
}

/** 201 or 204, and no content unless the client prefers it (RFC 9110 section 9.3.4). */
function putAnswer(
  request: RoutedRequest,
  created: boolean,
  state: PageState,
  content: Uint8Array,
  worker: number | undefined,
): Response {
  const shown = request.prefer === 'representation';
  const preferred: FieldLine[] = shown ? [['Preference-Applied', 'return=representation']] : [];
  const options = { tagged: true, minimal: request.prefer === 'minimal' };
  const fields = [...everywhere, ...editedFields(request, state, options), ...preferred];
  const log = { worker };
  if (shown) {
    const type: FieldLine = ['Content-Type', pageMediaType(request.page.key, state)];
    return {
      status: created ? 201 : 200,
      fields: [type, ...fields],
      content: { kind: 'bytes', bytes: content },
      log,
    };
  }
  if (created) return { status: 201, fields, content: noBytes, log };
  return { status: 204, fields, content: { kind: 'none' }, log };
}

/** Classic answers 201 whether the page was there or not, as the original did. */
function postAnswer(
  context: AppContext,
  request: RoutedRequest,
  created: boolean,
  state: PageState,
  content: Uint8Array,
  worker: number | undefined,
): Response {
  const minimal = request.prefer === 'minimal';
  const status = created || context.semantics === 'classic' ? 201 : 200;
  const fields: FieldLine[] = [
    ['Content-Type', pageMediaType(request.page.key, state)],
    ...(status === 201 ? [['Location', pagePath(request.page.key)] as const] : []),
    ...everywhere,
    ...editedFields(request, state, { tagged: true, minimal }),
  ];
  const log = { worker };
  if (minimal && status === 200) return { status: 204, fields, content: { kind: 'none' }, log };
  const echoed = !minimal && content.length <= context.echoBytesMax;
  return { status, fields, content: echoed ? { kind: 'bytes', bytes: content } : noBytes, log };
}

const noBytes: ResponseContent = { kind: 'bytes', bytes: new Uint8Array(0) };
