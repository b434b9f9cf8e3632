/** DELETE: the page is gone. */

import type { AppContext } from './context.ts';
import { runEdit } from './edit.ts';
import type { RoutedRequest } from './request.ts';
import { everywhere, type Respond } from './response.ts';

export function remove(
  context: AppContext,
  request: RoutedRequest,
  _content: Uint8Array,
  respond: Respond,
): void {
  const edit = { kind: 'remove', conditions: request.conditions } as const;
  runEdit(context, request, edit, respond, (_result, worker) => ({
    status: 204,
    fields: [['Cache-Control', 'no-store'], ...everywhere],
    content: { kind: 'none' },
    log: { worker },
  }));
}
