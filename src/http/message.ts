/**
 * The messages of HTTP/1.1 as values (RFC 9112 section 2): what a parser gives and an encoder
 * takes.
 */

/** A field line to send. The name is written as it stands, the value too. */
export type FieldLine = readonly [name: string, value: string];

/** The field section of a received message. Values are Latin-1 text, without surrounding blanks. */
export interface Fields {
  /** How many field lines there are. */
  readonly count: number;
  /** How many lines have this name, given in lower case. */
  countOf(name: string): number;
  /** The value of the only line with this name; `undefined` when there is none or more than one. */
  only(name: string): string | undefined;
  /**
   * The values of all lines with this name joined by `, ` (RFC 9110 5.3); `undefined` when none.
   */
  combined(name: string): string | undefined;
  /**
   * The members of a comma-separated list over all lines, trimmed, empty ones dropped, lower-cased.
   */
  tokens(name: string): string[];
  /** Every line as it was received, in order. */
  lines(): FieldLine[];
}

export interface RequestHead {
  readonly method: string;
  /** The request target as it was received: printable ASCII. */
  readonly target: string;
  /** 0 for HTTP/1.0; 1 and above are spoken to as HTTP/1.1. */
  readonly minorVersion: number;
  readonly fields: Fields;
}

export interface ResponseHead {
  readonly status: number;
  /** May be empty; Latin-1. */
  readonly reason: string;
  readonly minorVersion: number;
  readonly fields: Fields;
  /** The head as it was received, from the status line to the blank line included. */
  readonly raw: Uint8Array;
}

/** How the content of a message is delimited (RFC 9112 section 6). */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' };

/** A request to send. The encoder adds nothing but the framing that `content` needs. */
export interface RequestMessage {
  readonly method: string;
  readonly target: string;
  readonly fields: readonly FieldLine[];
  /** Absent: no content and no `Content-Length`. */
  readonly content?: Uint8Array;
}
