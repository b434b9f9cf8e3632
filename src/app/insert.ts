/** PATCH, and the classic PUT: content goes into a page's body. */

import type { InsertForm } from '../model/operation.ts';
import type { AppContext } from './context.ts';
import { editedFields, refuseEdit, runEdit } from './edit.ts';
import { pageMediaType } from './media-type.ts';
import type { RequestErrorCode } from './refusal.ts';
import type { RoutedRequest } from './request.ts';
import { everywhere, type Respond } from './response.ts';

/** What `curl -d` sends unasked counts as text, for nobody means a form by it. */
const textTypes = new Set(['text/plain', 'application/x-www-form-urlencoded']);

const utf8Labels = new Set(['utf-8', 'utf8', 'us-ascii']);

export function insert(
  context: AppContext,
  request: RoutedRequest,
  content: Uint8Array,
  respond: Respond,
): void {
  const form = insertForm(request);
  if (form === 'content-type' || form === 'content-charset') {
    respond(refuseEdit(context, request, form));
    return;
  }
  const minimal = request.prefer === 'minimal';
  const answer = minimal ? 'minimal' : 'page';
  const edit = { kind: 'insert', form, content, conditions: request.conditions, answer } as const;
  runEdit(context, request, edit, respond, (result, worker) => {
    if (result.kind === 'removed') return refuseEdit(context, request, 'internal-error');
    // What was stored is not what PUT sent, so it must not vouch for it (RFC 9110 section 9.3.4).
    const tagged = request.method !== 'PUT';
    const fields = editedFields(request, result.state, { tagged, minimal });
    const log = { worker };
    if (minimal || result.page === undefined) {
      return { status: 204, fields: [...everywhere, ...fields], content: { kind: 'none' }, log };
    }
    const type = pageMediaType(request.page.key, result.state);
    return {
      status: 200,
      fields: [['Content-Type', type], ...everywhere, ...fields],
      content: { kind: 'bytes', bytes: result.page },
      log,
    };
  });
}

/** How the content goes in, by its type; PUT sets markup as a heading too. */
function insertForm({
  contentType,
  method,
}: RoutedRequest): InsertForm | Extract<RequestErrorCode, 'content-type' | 'content-charset'> {
  if (contentType === undefined) return 'text';
  const { essence, charset } = contentType;
  const html = essence === 'text/html';
  if (!html && !textTypes.has(essence)) return 'content-type';
  if (charset !== undefined && !utf8Labels.has(charset)) return 'content-charset';
  if (!html) return 'text';
  return method === 'PUT' ? 'heading' : 'markup';
}
