/** OPTIONS: which methods a page takes, whether it is there or not. */

import type { AppContext } from './context.ts';
import type { RoutedRequest } from './request.ts';
import { everywhere, type Respond } from './response.ts';
import { acceptPatch, allowedMethods, allowedReadMethods } from './semantics.ts';

export function describe(
  _context: AppContext,
  request: RoutedRequest,
  _content: Uint8Array,
  respond: Respond,
): void {
  const { readOnly } = request.page;
  respond({
    status: 200,
    fields: [
      ['Allow', readOnly ? allowedReadMethods : allowedMethods],
      ...(readOnly ? [] : [['Accept-Patch', acceptPatch] as const]),
      ...everywhere,
    ],
    content: { kind: 'bytes', bytes: new Uint8Array(0) },
    log: {},
  });
}
