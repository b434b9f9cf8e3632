/** Frames a response for the peer that gets it (RFC 9112 section 6), and dates it. */

import { contentBytes, type Response } from '../app/response.ts';
import { emptyBytes, latin1Bytes } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { formatHttpDate } from '../http/date.ts';
import { encodeResponseHead, statusLine } from '../http/encoder.ts';
import type { FieldLine, Framing } from '../http/message.ts';
import { isContentless } from '../http/status.ts';

/** What the server calls itself: enough to recognise it, nothing for an attacker to look up. */
export const SERVER_NAME = 'Inkwire';

/** Gives the `Date` of now, made at most once a second. */
export class DateStamp {
  #second = -1;
  #text = '';
  #bytes: Uint8Array = emptyBytes;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The text as of the last `refresh`. */
  get text(): string {
    return this.#text;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The wall clock's second as of the last `refresh`, since 1970. */
  get second(): number {
    return this.#second;
  }

  /** Looks at the clock. */
  refresh(): void {
    const second = Math.floor(this.#clock.wallMs() / 1_000);
    if (second === this.#second) return;
    this.#second = second;
    this.#text = formatHttpDate(second * 1_000);
    this.#bytes = latin1Bytes(this.#text);
  }
}

/** Where the text of `Date` begins in the head of a response with this status. */
export function dateOffset(status: number): number {
  return statusLine(status).length + 'Date: '.length;
}

export interface Peer {
  readonly method: string;
  readonly minorVersion: number;
}

/**
 * The head of `response`. Its content, where it has one, is exactly as long as the head says.
 *
 * @param shared fields that it carries whatever it is
 */
export function encodeReplyHead(
  response: Response,
  peer: Peer,
  close: boolean,
  shared: readonly FieldLine[],
  date: DateStamp,
): Uint8Array {
  date.refresh();
  const connection: FieldLine[] = [];
  if (close) connection.push(['Connection', 'close']);
  // A 1.0 client only believes in a connection that goes on when it is told (RFC 9112 9.3).
  else if (peer.minorVersion === 0) connection.push(['Connection', 'keep-alive']);
  return encodeResponseHead(
    response.status,
    // First, so that `dateOffset` need not look for it.
    [['Date', date.text], ['Server', SERVER_NAME], ...response.fields, ...shared, ...connection],
    framing(response, peer),
  );
}

function framing(response: Response, peer: Peer): Framing {
  const { status, content } = response;
  if (isContentless(status)) return { kind: 'none' };
  // To HEAD a length may only be said where GET would say the same (RFC 9110 section 8.6).
  if (peer.method === 'HEAD' && content.kind === 'none') return { kind: 'none' };
  return { kind: 'length', bytes: contentBytes(content) };
}
