/** OPTIONS: which methods a page takes, whether it is there or not. */

import type { AppContext } from './context.ts';
import { errorResponse } from './error-response.ts';
import { errorRow } from './refusal.ts';
import type { RoutedRequest } from './request.ts';
import { everywhere, type Respond, type Response } from './response.ts';
import { acceptPatch, allowedMethods, allowedReadMethods } from './semantics.ts';

/** From here on it is the server's fault: that tells nothing of the page. */
const faultStatusMin = 500;

/**
 * Says what would not be 405 (RFC 9110 section 10.2.1). A folder takes edits where it has an index
 * page, so only of a folder the files are asked.
 */
export function describe(
  context: AppContext,
  request: RoutedRequest,
  _content: Uint8Array,
  respond: Respond,
): void {
  const { method, page } = request;
  if (!page.folder || page.readOnly) {
    respond(description(page.readOnly, undefined));
    return;
  }
  const asked = { key: page.key, want: 'metadata', conditions: {} } as const;
  context.dispatcher.read(asked, (result, worker) => {
    const code = result.kind === 'refused' ? result.code : undefined;
    if (code !== undefined && errorRow(code).status >= faultStatusMin) {
      respond(errorResponse(code, { method, semantics: context.semantics, key: page.key, worker }));
      return;
    }
    respond(description(code === 'not-found', worker));
  });
}

function description(readOnly: boolean, worker: number | undefined): Response {
  return {
    status: 200,
    fields: [
      ['Allow', readOnly ? allowedReadMethods : allowedMethods],
      ...(readOnly ? [] : [['Accept-Patch', acceptPatch] as const]),
      ...everywhere,
    ],
    content: { kind: 'bytes', bytes: new Uint8Array(0) },
    log: { worker },
  };
}
