/**
 * Both halves of a client's connection, free of I/O: requests to bytes, bytes to responses, in
 * order.
 */

import { assert, unreachable } from '../base/assert.ts';
import { ContentDecoder } from './content-decoder.ts';
import { encodeRequest } from './encoder.ts';
import { endsHttp, persists, responseFraming } from './framing.ts';
import { HeadParser, type ParsedHead } from './head-parser.ts';
import { defaultHeadLimits, type HeadLimits } from './limits.ts';
import type { Framing, RequestMessage, ResponseHead } from './message.ts';
import { ProtocolError } from './protocol-error.ts';
import { ReceiveBuffer } from './receive-buffer.ts';

export type ClientEvent =
  /** A 1xx response; another one follows for the same request. */
  | { readonly kind: 'interim'; readonly head: ResponseHead }
  | { readonly kind: 'head'; readonly head: ResponseHead; readonly framing: Framing }
  /** Some content; a view that is valid until the next call. */
  | { readonly kind: 'content'; readonly bytes: Uint8Array }
  /** The response is whole. `reusable`: the connection may carry another request. */
  | { readonly kind: 'end'; readonly reusable: boolean };

type State =
  | { readonly at: 'head' }
  | { readonly at: 'content'; readonly decoder: ContentDecoder; readonly reusable: boolean }
  | { readonly at: 'dead' };

export class ClientConnection {
  readonly #buffer = new ReceiveBuffer();
  readonly #parser: HeadParser;
  /** Methods of the requests that were not answered yet: they decide their responses' framing. */
  readonly #methods: string[] = [];
  #state: State = { at: 'head' };
  #ended = false;
  #sending = true;

  constructor(readonly limits: HeadLimits = defaultHeadLimits) {
    this.#parser = new HeadParser('response', limits);
  }

  /** Whether another request may be sent on this connection. */
  get canSend(): boolean {
    return this.#sending && !this.#ended && this.#state.at !== 'dead';
  }

  /** Responses still owed. */
  get pending(): number {
    return this.#methods.length;
  }

  /** Whether it stands between two responses, with no byte of the next one. */
  get isBetween(): boolean {
    return this.#state.at === 'head' && this.#buffer.length === 0;
  }

  /** The bytes of `request`, whose response is expected from now on. */
  send(request: RequestMessage): Uint8Array {
    const bytes = encodeRequest(request);
    const options = request.fields
      .filter(([name]) => name.toLowerCase() === 'connection')
      .flatMap(([, value]) => value.toLowerCase().split(','))
      .map((option) => option.trim());
    this.expect(request.method);
    // After "close" the server is to answer this one and no more (RFC 9112 9.6).
    if (options.includes('close')) this.#sending = false;
    return bytes;
  }

  /** Expects the response to a request that was encoded elsewhere. */
  expect(method: string): void {
    assert(this.canSend, 'a request on a connection that is to close');
    this.#methods.push(method);
  }

  /** Takes a read; the connection may keep `bytes` itself. */
  receive(bytes: Uint8Array): void {
    if (this.#state.at !== 'dead') this.#buffer.push(bytes);
  }

  /** The peer's FIN. */
  receiveEnd(): void {
    this.#ended = true;
  }

  /**
   * The next event, or `undefined` until more arrives. Throws `ProtocolError`; the connection is
   * dead then.
   */
  poll(): ClientEvent | undefined {
    try {
      return this.#next();
    } catch (error) {
      this.#state = { at: 'dead' };
      this.#buffer.clear();
      throw error;
    }
  }

  #next(): ClientEvent | undefined {
    const state = this.#state;
    switch (state.at) {
      case 'head': {
        // Bytes that answer no request cannot be trusted to belong to the next one.
        const unasked = this.#methods.length === 0 && this.#buffer.length > 0;
        if (unasked) throw new ProtocolError('unexpected-bytes');
        const head = this.#parser.parse(this.#buffer);
        if (head !== undefined) return this.#startResponse(head);
        if (this.#ended && this.#methods.length > 0) throw new ProtocolError('ended-early');
        this.#buffer.detach();
        return undefined;
      }
      case 'content':
        return this.#continueContent(state.decoder, state.reusable);
      case 'dead':
        return undefined;
      default:
        return unreachable(state);
    }
  }

  #continueContent(decoder: ContentDecoder, reusable: boolean): ClientEvent | undefined {
    let decoded = decoder.decode(this.#buffer);
    if (decoded === undefined && this.#ended) {
      decoder.receiveEnd();
      decoded = 'end';
    }
    if (decoded === 'end') {
      this.#methods.shift();
      this.#state = { at: 'head' };
      if (!reusable) this.#sending = false;
      return { kind: 'end', reusable: reusable && this.#sending };
    }
    if (decoded !== undefined) return { kind: 'content', bytes: decoded };
    this.#buffer.detach();
    return undefined;
  }

  #startResponse(parsed: ParsedHead): ClientEvent {
    const { status, reason, minorVersion, fields, raw } = parsed;
    const head: ResponseHead = { status, reason, minorVersion, fields, raw };
    // 101 is final here: this client never asks to switch protocols (RFC 9110 15.2.2).
    if (status < 200 && status !== 101) return { kind: 'interim', head };
    const method = this.#methods[0] ?? '';
    const framing = responseFraming(method, status, minorVersion, fields);
    const mayFollow = framing.kind !== 'until-close' && !endsHttp(method, status);
    const reusable = mayFollow && persists(minorVersion, fields);
    this.#state = { at: 'content', decoder: new ContentDecoder(framing, this.limits), reusable };
    return { kind: 'head', head, framing };
  }
}
