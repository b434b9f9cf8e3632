/**
 * The reading half of a connection: bytes to exchanges, in order. It refuses content that is too
 * large and bytes that are no request, and reads no more once nothing may follow.
 */

import type { Intake } from '../app/app.ts';
import { RETRY_AFTER_SECONDS } from '../app/error-response.ts';
import { errorSentence } from '../app/refusal.ts';
import type { Response } from '../app/response.ts';
import { startsWith } from '../base/bytes.ts';
import type { ParsedHead } from '../http/head-parser.ts';
import type { FieldLine } from '../http/message.ts';
import { ProtocolError } from '../http/protocol-error.ts';
import { ServerConnection, type ServerEvent } from '../http/server-connection.ts';
import type { Waiting } from './deadlines.ts';
import {
  Exchange,
  expectsContinue,
  type RequestLine,
  requestLine,
  unreadable,
} from './exchange.ts';
import type { ExchangeQueue } from './exchange-queue.ts';
import type { Manner, PlainReads } from './plain-reads.ts';
import { type KnownHead, knownHead, type Plan } from './plans.ts';
import type { SessionContext } from './session-context.ts';
import type { Signature } from './signature.ts';

/** What goes with an answer that may be another one in a moment. */
export const retryFields: readonly FieldLine[] = [['Retry-After', String(RETRY_AFTER_SECONDS)]];

/**
 * A client whose heads all differ is not worth a copy of each. So after one that did not come again
 * so many are passed over before the next is remembered: twice as many each time, up to this.
 */
const STRANGE_HEADS_MAX = 63;

/** What the reader answers by itself. */
export interface Answerer {
  /**
   * Queues the reply of a plan that is ready.
   *
   * @param line of the request, where there is a log
   * @param startedMs when the request was read, monotonic milliseconds
   */
  reply(plan: Plan, line: RequestLine | undefined, startedMs: number): void;

  /** Queues the reply to a plain request, that which was put together last. */
  replyPlain(plain: PlainReads, line: RequestLine | undefined, startedMs: number): void;
}

export class RequestReader {
  readonly #context: SessionContext;
  readonly #exchanges: ExchangeQueue;
  readonly #connection: ServerConnection;
  readonly #answerer: Answerer;
  /** A head that was answered by a plan. */
  #known: KnownHead | undefined;
  /** How the last plain request was made. */
  #manner: Manner | undefined;
  /** The head that was parsed last, where no content comes with it. */
  #head: ParsedHead | undefined;
  /** How many other heads have come in a row since it was, and after how many one is known. */
  #strange = 0;
  #strangeUntil = 0;
  /** Of the head that was parsed last. */
  #signature: Signature | undefined;
  /** The last request, while its content arrives; it may have been answered already. */
  #receiving: Exchange | undefined;
  /** Since when it has waited for what it now reads, monotonic milliseconds. */
  #sinceMs: number;
  /** In which turn of the event loop it read last. */
  #turn: number;
  #peerEnded = false;
  #stopping = false;
  #isOver = false;
  #isHeldBack = false;

  /** @param exchanges gets every request, as its head is read, that is not answered at once */
  constructor(context: SessionContext, exchanges: ExchangeQueue, answerer: Answerer) {
    this.#context = context;
    this.#exchanges = exchanges;
    this.#answerer = answerer;
    this.#connection = new ServerConnection(context.headLimits, (head) => this.#recognise(head));
    this.#sinceMs = this.#now();
    this.#turn = context.turn.number;
  }

  /** Whether the peer sends no more. */
  get peerEnded(): boolean {
    return this.#peerEnded;
  }

  /** Whether no request is being read, not even in part. */
  get isIdle(): boolean {
    return this.#receiving === undefined;
  }

  /** Whether the connection is to close although every answer has been queued already. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether requests have arrived that there was no room for. */
  get isHeldBack(): boolean {
    return this.#isHeldBack;
  }

  /** What the peer is waited for; `undefined` when nothing of a request is awaited. */
  get waiting(): Waiting | undefined {
    const sinceMs = this.#sinceMs;
    const receiving = this.#receiving;
    if (receiving !== undefined) {
      // A peer that was not asked for its content yet cannot be late with it.
      if (receiving.awaitsContinue) return { for: 'answer' };
      return { for: 'content', sinceMs, bytes: receiving.contentBytes };
    }
    return this.#connection.awaiting === 'head' ? { for: 'head', sinceMs } : undefined;
  }

  /** Since when the next request has been waited for, monotonic milliseconds. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** Called before what was read is given to any of the next three. */
  beginRead(): void {
    const { plans, turn } = this.#context;
    const { number } = turn;
    if (number === this.#turn) plans.beginRun();
    else plans.joinRunOf(number);
    this.#turn = number;
  }

  /** Takes a read; it may be kept. */
  receive(bytes: Uint8Array): void {
    // The time of a head runs from its first byte.
    if (this.#connection.awaiting === 'request') this.restartTime();
    this.#connection.receive(bytes);
  }

  /**
   * Answers the requests that `bytes` begins with as long as nothing is owed to the peer, there is
   * a plan for each, and `hasRoom`. Returns how many bytes that took.
   */
  answerPlanned(bytes: Uint8Array, hasRoom: () => boolean): number {
    const { plans } = this.#context;
    if (plans.isEmpty || !this.#isQuiet) return 0;
    this.#sinceMs = this.#context.turn.beganMs;
    let offset = 0;
    while (offset < bytes.length && hasRoom()) {
      const taken = this.#answerKnown(bytes, offset) || this.#answerRead(bytes, offset);
      if (taken === 0) break;
      // The next may have begun to arrive later than the first.
      if (offset === 0 && taken < bytes.length) plans.beginRun();
      offset += taken;
    }
    return offset;
  }

  /**
   * Answers a head that is, byte for byte, one that was answered before on this connection: it was
   * found well-formed then, and is without content. Returns how many bytes it takes.
   */
  #answerKnown(bytes: Uint8Array, offset: number): number {
    const known = this.#known;
    if (known === undefined || !startsWith(bytes, offset, known.bytes)) return 0;
    if (!this.#context.plans.isReady(known.plan)) {
      this.#known = undefined;
      return 0;
    }
    this.#answerer.reply(known.plan, known.line, this.#sinceMs);
    this.#strange = 0;
    this.#strangeUntil = 0;
    return known.bytes.length;
  }

  /** Answers any other head for which there is a plan. Returns how many bytes it takes. */
  #answerRead(bytes: Uint8Array, offset: number): number {
    const { plans, log } = this.#context;
    if (!plans.head.read(bytes, offset)) return 0;
    const plan = plans.take();
    if (plan === undefined) return 0;
    const { end } = plans.head;
    const line = log.isOff ? undefined : requestLine(plans.head.in(bytes), log.wantsAgents);
    this.#answerer.reply(plan, line, this.#sinceMs);
    if (this.#strange === this.#strangeUntil) {
      this.#known = knownHead(bytes.slice(offset, end), plan, line);
      this.#strangeUntil = Math.min(this.#strangeUntil * 2 + 1, STRANGE_HEADS_MAX);
      this.#strange = 0;
    } else {
      this.#strange += 1;
    }
    return end - offset;
  }

  /** Answers straight what is one plain request and no more; false where that cannot be done. */
  answerPlain(bytes: Uint8Array, hasRoom: () => boolean): boolean {
    const { plain, log } = this.#context;
    const manner = this.#manner;
    if (plain === undefined || manner === undefined) return false;
    if (!this.#isQuiet || !hasRoom()) return false;
    this.#sinceMs = this.#context.turn.beganMs;
    if (!plain.take(bytes, manner)) return false;
    const line = log.isOff ? undefined : { ...manner.line, target: plain.targetOf(bytes, manner) };
    this.#answerer.replyPlain(plain, line, this.#sinceMs);
    return true;
  }

  /** Whether the next byte is the first of a request, and nothing is owed to the peer. */
  get #isQuiet(): boolean {
    return (
      this.#receiving === undefined &&
      !this.#stopping &&
      this.#exchanges.length === 0 &&
      this.#connection.isBetweenRequests
    );
  }

  /** The peer's FIN. */
  receiveEnd(): void {
    this.#peerEnded = true;
    this.#connection.receiveEnd();
  }

  /** Counts the peer's time anew: until now the server itself did not read, or had not asked. */
  restartTime(): void {
    this.#sinceMs = this.#now();
  }

  /** Reads as far as there are bytes and, before each new request, `hasRoom`. */
  read(hasRoom: () => boolean): void {
    this.#isHeldBack = false;
    try {
      for (;;) {
        if (this.#receiving === undefined && !hasRoom()) {
          this.#isHeldBack = this.#connection.unread > 0;
          return;
        }
        const event = this.#connection.poll();
        if (event === undefined) return;
        this.#take(event);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.fail(error.status, error.message, error.code.replaceAll('-', ' '));
    }
  }

  /** Reads no request after the one that is arriving, whose answer will be the last. */
  stopAfterThis(): void {
    this.#stopping = true;
    const { last } = this.#exchanges;
    if (last !== undefined) last.close = true;
    if (this.#receiving === undefined) this.#connection.stop();
  }

  /** The same; where no answer is owed, the request that comes next is the last. */
  stopAfterNext(): void {
    this.#stopping = true;
    if (this.#exchanges.length > 0) this.stopAfterThis();
  }

  /** Reads no more at all. */
  stop(): void {
    this.#connection.stop();
    this.#receiving = undefined;
  }

  /** Answers the request that was arriving, or one that nobody could read, and reads no more. */
  fail(status: number, sentence: string, why: string, fields: readonly FieldLine[] = []): void {
    let exchange = this.#receiving;
    if (exchange === undefined) {
      exchange = this.#unreadable(status);
      exchange.refuse(status, sentence, why, fields);
      this.#exchanges.push(exchange);
    } else if (exchange.keepsContent) {
      exchange.refuse(status, sentence, why, fields);
    }
    // Else its answer does not depend on the content that went wrong.
    this.#closeAfter(exchange);
  }

  /** The exchange whose turn to be asked for its content has come, if it is `first`. */
  takeInvited(first: Exchange | undefined): Exchange | undefined {
    if (first === undefined || first !== this.#receiving || !first.awaitsContinue) return undefined;
    if (!first.keepsContent) return undefined;
    first.awaitsContinue = false;
    this.restartTime();
    return first;
  }

  #now(): number {
    return this.#context.clock.monotonicMs();
  }

  #take(event: ServerEvent): void {
    const receiving = this.#receiving;
    switch (event.kind) {
      case 'request':
        this.#takeRequest(event);
        return;
      case 'recognised':
        return;
      case 'content':
        if (receiving === undefined) return;
        if (receiving.keepsContent && !receiving.hold(this.#context.budget, event.bytes.length)) {
          const sentence = errorSentence('busy', undefined);
          this.fail(503, sentence, 'too much content is held', retryFields);
          return;
        }
        receiving.receive(event.bytes);
        this.#boundContent(receiving, receiving.contentBytes);
        return;
      case 'end':
        this.#receiving = undefined;
        this.restartTime();
        receiving?.receiveEnd();
        // What follows a last request belongs to nobody (RFC 9112 section 9.6).
        if (receiving?.close === true) this.#connection.stop();
        return;
      case 'closed':
        this.#peerEnded = true;
    }
  }

  /** Answers a request that has no content by a plan, where there is one that holds. */
  #recognise(head: ParsedHead): boolean {
    // Else it is kept for nothing, and with it the read that it lies in.
    if (this.#context.plain !== undefined) this.#head = head;
    this.#signature = undefined;
    const { plans, log } = this.#context;
    if (!plans.head.read(head.raw, 0)) return false;
    // What an earlier request is owed goes first; and the last response says that it is the last.
    const plan = this.#exchanges.length > 0 || this.#stopping ? undefined : plans.take();
    if (plan === undefined) {
      this.#signature = plans.head.copy();
      return false;
    }
    this.#sinceMs = this.#now();
    const line = log.isOff ? undefined : requestLine(head, log.wantsAgents);
    this.#answerer.reply(plan, line, this.#sinceMs);
    return true;
  }

  #takeRequest({ head, framing, persistent }: Extract<ServerEvent, { kind: 'request' }>): void {
    const { plain, log } = this.#context;
    const line = requestLine(head, log.wantsAgents);
    const intake = this.#context.intake(head);
    const raw = this.#head?.raw;
    if (plain !== undefined && raw !== undefined) {
      this.#manner = plain.mannerOf(head, raw, intake, line) ?? this.#manner;
    }
    this.#head = undefined;
    const exchange = new Exchange(
      line,
      intake,
      {
        persistent: persistent && !this.#stopping,
        awaitsContinue: expectsContinue(head, framing),
        signature: framing.kind === 'none' ? this.#signature : undefined,
      },
      this.#now(),
    );
    this.#exchanges.push(exchange);
    this.#receiving = exchange;
    this.#sinceMs = exchange.startedMs;
    if (framing.kind === 'length') this.#boundContent(exchange, framing.bytes);
  }

  /** Refuses content that is too large as soon as that is known, and reads no more of it. */
  #boundContent(exchange: Exchange, bytes: number): void {
    const { contentBytesMax, discardBytesMax } = this.#context.limits;
    if (bytes <= (exchange.keepsContent ? contentBytesMax : discardBytesMax)) return;
    if (exchange.keepsContent) {
      const sentence = errorSentence('content-too-large', String(contentBytesMax));
      exchange.refuse(413, sentence, 'content too large', []);
    }
    this.#closeAfter(exchange);
  }

  /** Stands for bytes that were no request. */
  #unreadable(status: number): Exchange {
    const response: Response = { status, fields: [], content: { kind: 'none' }, log: {} };
    const { fields } = this.#context;
    const intake: Intake = { kind: 'answer', response, close: true, fields };
    const options = { persistent: false, awaitsContinue: false };
    return new Exchange(unreadable, intake, options, this.#now());
  }

  /** Reads no more; the connection closes once `exchange`, which is the last, is answered. */
  #closeAfter(exchange: Exchange): void {
    exchange.close = true;
    this.stop();
    if (exchange.state.at === 'done') this.#isOver = true;
  }
}
