/** A request as bytes, with what its connection must remember to understand the response. */

import { encodeRequest } from '../http/encoder.ts';
import type { RequestMessage } from '../http/message.ts';

export interface EncodedRequest {
  /** The response to HEAD has no content, so the codec must know. */
  readonly method: string;
  readonly bytes: Uint8Array;
  /** Whether the request itself says that it is the connection's last (RFC 9112 section 9.6). */
  readonly closes: boolean;
}

/** Throws `AssertionFailed` on a request that is no HTTP: whoever made it had to check it. */
export function encodedRequest(request: RequestMessage): EncodedRequest {
  return { method: request.method, bytes: encodeRequest(request), closes: closes(request) };
}

function closes(request: RequestMessage): boolean {
  for (const [name, value] of request.fields) {
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    for (const option of value.split(',')) {
      if (option.trim().toLowerCase() === 'close') return true;
    }
  }
  return false;
}
