/** One request and what became of it, as the REPL and the load runner see it. */

import type { RequestMessage, ResponseHead } from '../http/message.ts';

/** Where a server listens, and what stands in `Host`. */
export interface Endpoint {
  /** Name or address to connect to, without brackets. */
  readonly host: string;
  readonly port: number;
  /** The `Host` field's value: `127.0.0.1:8080`, `[::1]:8080`, `example.test`. */
  readonly authority: string;
}

/** Why an exchange did not complete. Closed. */
export type FailureKind =
  /** Nothing listens there, or the name does not resolve. */
  | 'connect'
  /** The connection was reset. */
  | 'reset'
  /** The server closed the connection before the response was whole. */
  | 'closed'
  /** No whole response within the time given. */
  | 'timeout'
  /** The server's bytes are no HTTP/1.1 response. */
  | 'protocol'
  /** The person stopped it. */
  | 'cancelled';

/** Why no connection came about. Closed. */
export type ConnectCode =
  /** Nothing listens there. */
  | 'refused'
  /** The name has no address. */
  | 'unresolved'
  /** There is no way to the address. */
  | 'unreachable'
  /** Anything else, such as a lack of file descriptors; the message names it. */
  | 'other';

export interface Completed {
  readonly kind: 'completed';
  /** 1xx responses that came before, in order. */
  readonly interim: readonly ResponseHead[];
  readonly head: ResponseHead;
  /** The content without its framing. */
  readonly content: Uint8Array;
  /** From the first byte sent to the last byte received, milliseconds. */
  readonly elapsedMs: number;
  /** Whether bytes came right behind it that belong to no response: a fault of the server's. */
  readonly surplus: boolean;
}

export interface Failed {
  readonly kind: 'failed';
  readonly failure: FailureKind;
  /** With `connect` alone. */
  readonly connectCode?: ConnectCode;
  /** One sentence for a person. */
  readonly message: string;
  /**
   * True when bytes of the request went out, so that the server may have acted on it: a write whose
   * outcome is unknown.
   */
  readonly sent: boolean;
}

export type ExchangeResult = Completed | Failed;

/** A client of one server over one keep-alive connection at a time. */
export interface Client {
  readonly endpoint: Endpoint;
  /**
   * Sends `request` and resolves when its response is whole or has failed; it never rejects, but
   * with `AssertionFailed` for a request that the encoder refuses, which its maker had to check. A
   * connection that the server has closed in between is replaced before anything is sent; once
   * bytes of the request were sent, it is never sent again here: a `Repeater` does that, where it
   * may. One exchange at a time.
   */
  exchange(
    request: RequestMessage,
    options?: { readonly timeoutMs?: number },
  ): Promise<ExchangeResult>;
  /**
   * Ends the running exchange with `cancelled` and drops its connection; without one, does nothing.
   */
  cancel(): void;
  /** Closes the connection. */
  close(): void;
}
