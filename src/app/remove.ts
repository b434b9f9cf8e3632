/** DELETE: the page is gone. */

import type { AppContext } from './context.ts';
import { runEdit } from './edit.ts';
import type { RoutedRequest } from './request.ts';
import type { Respond } from './response.ts';

export function remove(
  context: AppContext,
  request: RoutedRequest,
  content: Uint8Array,
  respond: Respond,
): void {
  runEdit(context, request, { kind: 'remove', conditions: request.conditions }, content, respond);
}
