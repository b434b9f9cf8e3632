/** PATCH, and the classic PUT: content goes into a page's body. */

import type { InsertForm } from '../model/operation.ts';
import type { AppContext } from './context.ts';
import { refuseEdit, runEdit } from './edit.ts';
import type { RequestErrorCode } from './refusal.ts';
import type { RoutedRequest } from './request.ts';
import type { Respond } from './response.ts';

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
  const answer = request.prefer === 'minimal' ? 'minimal' : 'page';
  const edit = { kind: 'insert', form, content, conditions: request.conditions, answer } as const;
  runEdit(context, request, edit, content, respond);
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
