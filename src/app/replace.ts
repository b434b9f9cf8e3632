/** POST, and the standard PUT: a page holds exactly the content that was sent. */

import type { AppContext } from './context.ts';
import { refuseEdit, runEdit } from './edit.ts';
import type { RoutedRequest } from './request.ts';
import type { Respond } from './response.ts';

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
  runEdit(context, request, edit, content, respond);
}
