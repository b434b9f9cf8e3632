/**
 * Reads the responses of one connection and tells of each only what a load counts. A head that is
 * byte for byte the one that answered the same request before, but for the digits of its length,
 * means the same, so it is recognised and not parsed again, and its content is passed over by its
 * length. Everything else goes through the strict codec.
 */

import { assert, unreachable } from '../base/assert.ts';
import { latin1Text } from '../base/bytes.ts';
import { isReplayed, unavailableStatus } from '../client/repetition.ts';
import { ClientConnection, type ClientEvent } from '../http/client-connection.ts';
import { LENGTH_DIGITS_MAX } from '../http/framing.ts';
import type { Framing, ResponseHead } from '../http/message.ts';

const noBytes = Buffer.alloc(0);

/**
 * The head that answered a request last, and what followed from it: while a response is told, its
 * own.
 */
export class HeadMemo {
  /**
   * The head as far as the digits of its length, or to its end where no length counts. Empty before
   * the first answer, and after one whose content has no length.
   */
  start: Buffer = noBytes;
  /** The head behind the digits; `undefined` where no length counts. */
  rest: Buffer | undefined;
  status = 0;
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
  #recognise(bytes: Uint8Array, at: number, { start, rest }: HeadMemo): number {
    if (start.length === 0 || !standsAt(start, bytes, at)) return 0;
    let end = at + start.length;
    let contentBytes = 0;
    if (rest !== undefined) {
      const digits = countDigits(bytes, end);
      if (digits === 0 || !standsAt(rest, bytes, end + digits)) return 0;
      contentBytes = Number(latin1Text(bytes, end, end + digits));
      end += digits + rest.length;
    }
    this.#state = atContent;
    this.#contentLeft = contentBytes;
    return end - at;
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
        remember(memo, read.head, read.framing, event.reusable);
        return this.listener.response(read.head.status, event.reusable);
      }
      default:
        return unreachable(event);
    }
  }
}

function remember(
  memo: HeadMemo,
  { status, fields, raw }: ResponseHead,
  framing: Framing,
  reusable: boolean,
): void {
  [memo.start, memo.rest] = partsOf(raw, framing);
  memo.status = status;
  memo.reusable = reusable;
  memo.replayed = isReplayed(fields);
  memo.retryAfter = status === unavailableStatus ? fields.only('retry-after') : undefined;
}

/** What a later head is compared with: see {@link HeadMemo}. */
function partsOf(head: Uint8Array, framing: Framing): [start: Buffer, rest: Buffer | undefined] {
  switch (framing.kind) {
    case 'none':
      return [Buffer.from(head), undefined];
    case 'length': {
      const [line, ...others] = latin1Text(head).matchAll(lengthLine);
      const [, name = '', value = ''] = line ?? [];
      // A length that is said twice, or as a list, is left to the codec.
      const digits = others.length === 0 ? /^[0-9]+(?=[ \t]*$)/.exec(value)?.[0] : undefined;
      if (line === undefined || digits === undefined) return [noBytes, undefined];
      const at = line.index + name.length;
      return [Buffer.from(head.slice(0, at)), Buffer.from(head.slice(at + digits.length))];
    }
    case 'chunked':
    case 'until-close':
      return [noBytes, undefined];
    default:
      return unreachable(framing);
  }
}

const lengthLine = /(\r\ncontent-length:[ \t]*)([^\r]*)/gi;

function standsAt(part: Buffer, bytes: Uint8Array, at: number): boolean {
  const end = at + part.length;
  return end <= bytes.length && part.compare(bytes, at, end) === 0;
}

/** How many digits stand at `at`; 0 also when that is more than a length may have. */
function countDigits(bytes: Uint8Array, at: number): number {
  let digits = 0;
  while (isDigit(bytes[at + digits])) digits += 1;
  return digits > LENGTH_DIGITS_MAX ? 0 : digits;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
