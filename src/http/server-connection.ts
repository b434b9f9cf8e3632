/**
 * The receiving half of a server's connection: bytes in, requests out, in order. The answering half
 * is a `ResponseWriter` for each request; who goes first is the session's business.
 *
 *   head ──request──▶ content ──end──▶ head …      closed: the peer ended between two requests
 *     └─────────ProtocolError─────────▶ refused    stopped: the owner wants no more requests
 */

import { unreachable } from '../base/assert.ts';
import { ContentDecoder } from './content-decoder.ts';
import { announcesContent, persists, requestFraming } from './framing.ts';
import { HeadParser, type ParsedHead } from './head-parser.ts';
import type { HeadLimits } from './limits.ts';
import type { Framing, RequestHead } from './message.ts';
import { ProtocolError } from './protocol-error.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import { isAuthority } from './target.ts';

export type ServerEvent =
  /** A head that is well-formed. `persistent`: the peer wants to go on after the response. */
  | {
      readonly kind: 'request';
      readonly head: RequestHead;
      readonly framing: Framing;
      readonly persistent: boolean;
    }
  /** A whole request that `Recognise` has taken. */
  | { readonly kind: 'recognised' }
  /** Some content; a view that is valid until the next call. */
  | { readonly kind: 'content'; readonly bytes: Uint8Array }
  /** The request is whole. */
  | { readonly kind: 'end' }
  /** The peer will send no more requests. */
  | { readonly kind: 'closed' };

/**
 * Asked for each head that is well-formed and announces no content, before its fields are judged:
 * true when it is known that they were found good before, and no more need be said of the request.
 */
export type Recognise = (head: ParsedHead) => boolean;

const recognised: ServerEvent = { kind: 'recognised' };
const ended: ServerEvent = { kind: 'end' };

type State =
  | { readonly at: 'head' }
  /** The request has no content, and its end is to be told. */
  | { readonly at: 'end' }
  | { readonly at: 'content'; readonly decoder: ContentDecoder }
  | { readonly at: 'refused' }
  | { readonly at: 'closed' };

/** Where the receiving half stands, for deadlines. */
export type Awaiting = 'request' | 'head' | 'content' | 'nothing';

export class ServerConnection {
  readonly #buffer = new ReceiveBuffer();
  readonly #parser: HeadParser;
  #state: State = { at: 'head' };
  #ended = false;

  readonly #recognise: Recognise;

  constructor(
    readonly limits: HeadLimits,
    recognise: Recognise = () => false,
  ) {
    this.#recognise = recognise;
    this.#parser = new HeadParser('request', limits);
  }

  /** Bytes that arrived and were not parsed yet. */
  get unread(): number {
    return this.#buffer.length;
  }

  /** Whether the next byte is the first of a request, and none has been seen that was forgiven. */
  get isBetweenRequests(): boolean {
    return this.#state.at === 'head' && this.#parser.isFresh && this.#buffer.length === 0;
  }

  get awaiting(): Awaiting {
    if (this.#state.at === 'content' || this.#state.at === 'end') return 'content';
    if (this.#state.at !== 'head') return 'nothing';
    return this.#parser.begun || this.#buffer.length > 0 ? 'head' : 'request';
  }

  /** Takes a read; the connection may keep `bytes` itself. After a refusal they are dropped. */
  receive(bytes: Uint8Array): void {
    if (this.#state.at === 'refused' || this.#state.at === 'closed') return;
    this.#buffer.push(bytes);
  }

  /** The peer's FIN: it sends no more, but may still read. */
  receiveEnd(): void {
    this.#ended = true;
  }

  /** Parses nothing more: what follows belongs to nobody. Dropped bytes are not an error. */
  stop(): void {
    this.#state = { at: 'closed' };
    this.#buffer.clear();
  }

  /**
   * The next event, or `undefined` until more arrives. Throws `ProtocolError` once; from then on
   * the connection gives nothing, for where the next message begins is unknown.
   */
  poll(): ServerEvent | undefined {
    try {
      return this.#next();
    } catch (error) {
      this.#state = { at: 'refused' };
      this.#buffer.clear();
      throw error;
    }
  }

  #next(): ServerEvent | undefined {
    const state = this.#state;
    switch (state.at) {
      case 'head': {
        const head = this.#parser.parse(this.#buffer);
        if (head !== undefined) return this.#startRequest(head);
        if (this.#ended) return this.#close();
        this.#buffer.detach();
        return undefined;
      }
      case 'end':
        this.#state = { at: 'head' };
        return ended;
      case 'content': {
        const decoded = state.decoder.decode(this.#buffer);
        if (decoded === 'end') {
          this.#state = { at: 'head' };
          return ended;
        }
        if (decoded !== undefined) return { kind: 'content', bytes: decoded };
        if (this.#ended) state.decoder.receiveEnd();
        this.#buffer.detach();
        return undefined;
      }
      case 'refused':
      case 'closed':
        return undefined;
      default:
        return unreachable(state);
    }
  }

  #close(): ServerEvent {
    if (this.#parser.begun) throw new ProtocolError('ended-early');
    this.stop();
    return { kind: 'closed' };
  }

  #startRequest(parsed: ParsedHead): ServerEvent {
    const { method, target, minorVersion, fields } = parsed;
    if (!announcesContent(fields) && this.#recognise(parsed)) return recognised;
    checkHost(parsed);
    const framing = requestFraming(minorVersion, fields);
    this.#state =
      framing.kind === 'none'
        ? { at: 'end' }
        : { at: 'content', decoder: new ContentDecoder(framing, this.limits) };
    return {
      kind: 'request',
      head: { method, target, minorVersion, fields },
      framing,
      persistent: persists(minorVersion, fields),
    };
  }
}

/**
 * RFC 9112 section 3.2: HTTP/1.1 needs exactly one `Host`; an invalid one is refused in any
 * version.
 */
function checkHost({ minorVersion, fields }: ParsedHead): void {
  const count = fields.countOf('host');
  if (count > 1) throw new ProtocolError('host-repeated');
  if (count === 0) {
    if (minorVersion >= 1) throw new ProtocolError('host-missing');
    return;
  }
  if (!isAuthority(fields.only('host') ?? '')) throw new ProtocolError('bad-host');
}
