/** What the application answers: a response as a value, before it is framed and sent. */

import type { CachedPage } from '../dispatch/cache/page-cache.ts';
import type { StreamHandle, StreamReceiver } from '../dispatch/dispatcher.ts';
import type { FieldLine } from '../http/message.ts';
import type { DoneBy } from '../model/operation.ts';

/** The content of a response. */
export type ResponseContent =
  | { readonly kind: 'none' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Content of `bytes` bytes that is described and not sent: the answer to HEAD. */
  | { readonly kind: 'described'; readonly bytes: number }
  /** Content of `bytes` bytes in all, made of parts of an open file; to be opened once. */
  | {
      readonly kind: 'stream';
      readonly bytes: number;
      /** One after the other, none of them empty. */
      readonly pieces: readonly ContentPiece[];
      readonly open: (receiver: StreamReceiver) => StreamHandle;
    };

/** A piece of content: bytes that are at hand, or those of the open file from `start` to `end`. */
export type ContentPiece =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly start: number; readonly end: number };

export interface Response {
  readonly status: number;
  /** Without `Date`, framing and `Connection`, which belong to the connection. */
  readonly fields: readonly FieldLine[];
  readonly content: ResponseContent;
  /** For the access log. */
  readonly log: ResponseLog;
  /**
   * The page that it was made of, where the same request has the same response but for its date as
   * long as that page is current.
   */
  readonly page?: CachedPage | undefined;
}

export interface ResponseLog {
  /** Who did it. */
  readonly worker?: DoneBy | undefined;
  /** No worker did it: the page was in memory. */
  readonly cached?: boolean | undefined;
  /** Why it was not done: `no such file: blank.html`. */
  readonly why?: string | undefined;
}

/** Takes the one response to a request; may be called before the call it was given to returns. */
export type Respond = (response: Response) => void;

/** A person's browser must not guess another type, and a page must show its latest state. */
export const everywhere: readonly FieldLine[] = [['X-Content-Type-Options', 'nosniff']];

/** Bytes of a response's content, sent or described. */
export function contentBytes(content: ResponseContent): number {
  switch (content.kind) {
    case 'none':
      return 0;
    case 'bytes':
      return content.bytes.length;
    default:
      return content.bytes;
  }
}
