/**
 * Reads the responses of one connection and tells of each only what a load counts. A head that is
 * byte for byte the one that answered the same request before means the same, so it is recognised
 * and not parsed again, and its content is passed over by its length. Everything else goes through
 * the strict codec.
 */

import { assert, unreachable } from '../base/assert.ts';
import { isReplayed, unavailableStatus } from '../client/repetition.ts';
import { ClientConnection, type ClientEvent } from '../http/client-connection.ts';
import type { Framing, ResponseHead } from '../http/message.ts';

/**
 * The head that answered a request last, and what followed from it: while a response is told, its
 * own.
 */
export class HeadMemo {
  /** Empty before the first answer, and after one whose content has no length. */
  head: Buffer = Buffer.alloc(0);
  status = 0;
  contentBytes = 0;
  reusable = false;
  /** Whether it said that the answer is that of an earlier try. */
  replayed = false;
  /** When it refused for now: what it said of a better time. */
  retryAfter: string | undefined;
}

/** A request whose response is on its way. */
export interface Awaited {
  readonly method: string;
  readonly memo: HeadMemo;
}

export interface ResponseListener {
  /** The oldest request without a response; `undefined` when all were answered. */
  awaited(): Awaited | undefined;
  /**
   * Its response is whole. `reusable`: the connection may carry what follows. Returns whether to
   * read on.
   */
  response(status: number, reusable: boolean): boolean;
}

type State =
  /** At the start of a response. */
  | { readonly at: 'head' }
  /** Within the content of a response whose head was recognised. */
  | { readonly at: 'content' }
  /** The codec reads. */
  | { readonly at: 'codec' };

const atHead: State = { at: 'head' };
const atContent: State = { at: 'content' };
const atCodec: State = { at: 'codec' };

export class ResponseReader {
  readonly #codec = new ClientConnection();
  #state: State = atHead;
  /** Bytes of the recognised response's content that are still to come. */
  #contentLeft = 0;
  /** What the codec has said of the response that it reads. */
  #read: { readonly head: ResponseHead; readonly framing: Framing } | undefined;

  constructor(readonly listener: ResponseListener) {}

  /** Takes a read; it may keep `bytes`. Throws `ProtocolError` for what is no HTTP response. */
  receive(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      switch (this.#state.at) {
        case 'head': {
          const awaited = this.listener.awaited();
          const taken = awaited === undefined ? 0 : this.#recognise(bytes, at, awaited.memo);
          if (taken === 0) {
            this.#state = atCodec;
            break;
          }
          at += taken;
          if (this.#contentLeft === 0 && !this.#tellRecognised()) return;
          break;
        }
        case 'content': {
          const taken = Math.min(this.#contentLeft, bytes.length - at);
          this.#contentLeft -= taken;
          at += taken;
          if (this.#contentLeft === 0 && !this.#tellRecognised()) return;
          break;
        }
        case 'codec':
          this.#codec.receive(at === 0 ? bytes : bytes.subarray(at));
          this.#pump();
          return;
        default:
          unreachable(this.#state);
      }
    }
  }

  /**
   * The peer's FIN. A response that ends with its connection is whole now. Throws `ProtocolError`
   * when one was cut off.
   */
  receiveEnd(): void {
    if (this.#state.at === 'head' && this.listener.awaited() === undefined) return;
    this.#state = atCodec;
    this.#expect();
    this.#codec.receiveEnd();
    this.#pump();
  }

  /** How many bytes of a known head stand at `at`, 0 for none; its content is then to come. */
  #recognise(bytes: Uint8Array, at: number, memo: HeadMemo): number {
    const { head } = memo;
    const end = at + head.length;
    if (head.length === 0 || end > bytes.length) return 0;
    if (head.compare(bytes, at, end) !== 0) return 0;
    this.#state = atContent;
    this.#contentLeft = memo.contentBytes;
    return head.length;
  }

  #tellRecognised(): boolean {
    this.#state = atHead;
    const memo = this.listener.awaited()?.memo;
    assert(memo !== undefined, 'a head is recognised by the request it answers');
    return this.listener.response(memo.status, memo.reusable);
  }

  /** Takes the codec's events until it wants more bytes. */
  #pump(): void {
    for (;;) {
      this.#expect();
      const event = this.#codec.poll();
      if (event === undefined) return;
      if (!this.#handle(event)) return;
      if (this.#codec.isBetween) {
        this.#state = atHead;
        return;
      }
    }
  }

  /** Tells the codec which request is answered next; without one it refuses any byte. */
  #expect(): void {
    const awaited = this.listener.awaited();
    if (awaited === undefined || this.#codec.pending > 0 || !this.#codec.canSend) return;
    this.#codec.expect(awaited.method);
  }

  #handle(event: ClientEvent): boolean {
    switch (event.kind) {
      case 'interim':
      case 'content':
        return true;
      case 'head':
        this.#read = { head: event.head, framing: event.framing };
        return true;
      case 'end': {
        const read = this.#read;
        const memo = this.listener.awaited()?.memo;
        assert(read !== undefined && memo !== undefined, 'a response has a head and a request');
        this.#read = undefined;
        remember(memo, read.head, fixedLength(read.framing), event.reusable);
        return this.listener.response(read.head.status, event.reusable);
      }
      default:
        return unreachable(event);
    }
  }
}

/** @param contentBytes absent where the head alone does not tell */
function remember(
  memo: HeadMemo,
  { status, fields, raw }: ResponseHead,
  contentBytes: number | undefined,
  reusable: boolean,
): void {
  memo.head = Buffer.from(contentBytes === undefined ? '' : raw);
  memo.contentBytes = contentBytes ?? 0;
  memo.status = status;
  memo.reusable = reusable;
  memo.replayed = isReplayed(fields);
  memo.retryAfter = status === unavailableStatus ? fields.only('retry-after') : undefined;
}

/** The length of a content that is known from the head alone. */
function fixedLength(framing: Framing): number | undefined {
  switch (framing.kind) {
    case 'none':
      return 0;
    case 'length':
      return framing.bytes;
    case 'chunked':
    case 'until-close':
      return undefined;
    default:
      return unreachable(framing);
  }
}
