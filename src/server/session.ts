/**
 * One connection: reads requests, starts them when their turn has come, and sends their responses
 * in the order of the requests. A protocol error, a deadline or the peer's wish ends it without
 * losing a byte of what was answered.
 *
 *   open ──▶ finishing (last response queued) ──▶ lingering (FIN sent, reading on) ──▶ closed
 */

import type { Intake } from '../app/app.ts';
import { RETRY_AFTER_SECONDS } from '../app/error-response.ts';
import { errorSentence } from '../app/refusal.ts';
import { contentBytes, type Response } from '../app/response.ts';
import { continueResponse } from '../http/encoder.ts';
import type { FieldLine } from '../http/message.ts';
import { ProtocolError } from '../http/protocol-error.ts';
import { ServerConnection, type ServerEvent } from '../http/server-connection.ts';
import { judge, type Waiting } from './deadlines.ts';
import { Exchange, expectsContinue, requestLine, unreadable } from './exchange.ts';
import { ExchangeQueue } from './exchange-queue.ts';
import { Outbox } from './outbox.ts';
import { encodeReplyHead } from './reply.ts';
import type { SessionContext, Wire } from './session-context.ts';
import { discardContent, StreamPump } from './stream-pump.ts';

const retryFields: readonly FieldLine[] = [['Retry-After', String(RETRY_AFTER_SECONDS)]];

type Phase = 'open' | 'finishing' | 'lingering' | 'closed';

export class Session {
  readonly #context: SessionContext;
  readonly #wire: Wire;
  readonly #peer: string;
  readonly #connection: ServerConnection;
  readonly #outbox: Outbox;
  /** Requests that were read and not answered in full, in order. */
  readonly #exchanges = new ExchangeQueue();
  /** The last request, while its content arrives; it may have been answered already. */
  #receiving: Exchange | undefined;
  #phase: Phase = 'open';
  /**
   * Since when the session has waited for what it now reads, or lingers; monotonic milliseconds.
   */
  #sinceMs: number;
  #lingerBytes = 0;
  #peerEnded = false;
  #stopping = false;
  #paused = false;
  #working = false;

  /** @param peer address and port of the client */
  constructor(wire: Wire, context: SessionContext, peer: string) {
    this.#wire = wire;
    this.#context = context;
    this.#peer = peer;
    this.#connection = new ServerConnection(context.headLimits);
    this.#outbox = new Outbox((bytes) => wire.write(bytes), context.clock);
    this.#sinceMs = this.#now();
  }

  /** Bytes from the peer; the session may keep them. */
  receive(bytes: Uint8Array): void {
    if (this.#phase === 'closed') return;
    if (this.#phase !== 'open') {
      this.#lingerBytes += bytes.length;
      this.#throttle();
      return;
    }
    // The time of a head runs from its first byte.
    if (this.#connection.awaiting === 'request') this.#sinceMs = this.#now();
    this.#connection.receive(bytes);
    this.#work();
  }

  /** The peer's FIN: it may still read what it asked for. */
  receiveEnd(): void {
    if (this.#phase === 'closed') return;
    this.#peerEnded = true;
    this.#connection.receiveEnd();
    this.#work();
  }

  /** The kernel has room again. */
  drain(): void {
    if (this.#phase !== 'closed') this.#work();
  }

  /** The socket is gone. Work that was started goes on; its answers are dropped. */
  closed(): void {
    this.#phase = 'closed';
    this.#connection.stop();
    this.#outbox.clear();
    for (const { state } of this.#exchanges.takeAll()) {
      if (state.at === 'streaming') state.pump.cancel();
      else if (state.at === 'answered') discardContent(state.response.content);
    }
    this.#receiving = undefined;
  }

  /** Answers that there are too many connections, and closes. */
  turnAway(): void {
    this.#fail(503, 'Too many connections are open.', 'too many connections', retryFields);
    this.#work();
  }

  /** Answers what has begun, then closes: the server stops. */
  stop(): void {
    this.#stopping = true;
    const { last } = this.#exchanges;
    if (last !== undefined) last.close = true;
    if (this.#receiving === undefined) this.#connection.stop();
    if (this.#phase !== 'closed') this.#work();
  }

  /** Resets the connection at once. */
  abort(): void {
    if (this.#phase === 'closed') return;
    this.closed();
    this.#wire.terminate();
  }

  /** Enforces the deadlines; called again and again. */
  check(): void {
    if (this.#phase === 'closed') return;
    const verdict = judge(this.#waiting(), this.#now(), this.#context.limits);
    if (verdict === 'close') this.#close();
    else if (verdict === 'reset') this.abort();
    else if (verdict === 'time out') {
      this.#fail(408, 'The request took too long to arrive.', 'request timeout');
      this.#work();
    }
  }

  #now(): number {
    return this.#context.clock.monotonicMs();
  }

  #waiting(): Waiting {
    const sinceMs = this.#sinceMs;
    if (this.#phase === 'lingering') return { for: 'linger', sinceMs };
    const { waiting } = this.#outbox;
    if (waiting !== undefined) return { for: 'write', ...waiting };
    // While the server does not read, or has not asked for the content, the peer cannot be late.
    if (this.#paused || this.#phase !== 'open') return { for: 'answer' };
    const receiving = this.#receiving;
    if (receiving?.awaitsContinue === true) return { for: 'answer' };
    if (receiving !== undefined) {
      return { for: 'content', sinceMs, bytes: receiving.contentBytes };
    }
    if (this.#connection.awaiting === 'head') return { for: 'head', sinceMs };
    return this.#exchanges.length > 0 ? { for: 'answer' } : { for: 'request', sinceMs };
  }

  /** Reads, starts, answers and sends until nothing more can be done now. */
  #work(): void {
    // An answer that is ready at once calls back into here; the loop that runs already sees it.
    if (this.#working) return;
    this.#working = true;
    try {
      do {
        // What the client has taken makes room for its next request.
        if (!this.#outbox.flush()) break;
        this.#read();
        this.#exchanges.start((exchange) => (response) => this.#respond(exchange, response));
      } while (this.#answer());
      this.#invite();
    } finally {
      this.#working = false;
    }
    this.#send();
  }

  #read(): void {
    try {
      while (this.#phase === 'open' && this.#mayRead()) {
        const event = this.#connection.poll();
        if (event === undefined) return;
        this.#take(event);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#fail(error.status, error.message, error.code.replaceAll('-', ' '));
    }
  }

  /** A request is read only when there is room for it and its response; its content always is. */
  #mayRead(): boolean {
    if (this.#receiving !== undefined) return true;
    const { limits } = this.#context;
    return (
      this.#outbox.size < limits.outboxBytesMax &&
      this.#exchanges.length < limits.pipelinedRequestsMax &&
      this.#exchanges.contentBytes < limits.heldContentBytesMax
    );
  }

  #take(event: ServerEvent): void {
    const receiving = this.#receiving;
    switch (event.kind) {
      case 'request':
        this.#takeRequest(event);
        return;
      case 'content':
        if (receiving === undefined) return;
        receiving.receive(event.bytes);
        this.#boundContent(receiving, receiving.contentBytes);
        return;
      case 'end':
        this.#receiving = undefined;
        this.#sinceMs = this.#now();
        receiving?.receiveEnd();
        // What follows a last request belongs to nobody (RFC 9112 section 9.6).
        if (receiving?.close === true) this.#connection.stop();
        return;
      case 'closed':
        this.#peerEnded = true;
    }
  }

  #takeRequest({ head, framing, persistent }: Extract<ServerEvent, { kind: 'request' }>): void {
    const exchange = new Exchange(
      requestLine(head, this.#context.log.wantsAgents),
      this.#context.intake(head),
      {
        persistent: persistent && !this.#stopping,
        awaitsContinue: expectsContinue(head, framing),
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

  /** Answers the request that was arriving, or one that nobody could read, and reads no more. */
  #fail(status: number, sentence: string, why: string, fields: readonly FieldLine[] = []): void {
    let exchange = this.#receiving;
    if (exchange === undefined) {
      const response: Response = { status, fields: [], content: { kind: 'none' }, log: {} };
      const intake: Intake = {
        kind: 'answer',
        response,
        close: true,
        fields: this.#context.fields,
      };
      const options = { persistent: false, awaitsContinue: false };
      exchange = new Exchange(unreadable, intake, options, this.#now());
      exchange.refuse(status, sentence, why, fields);
      this.#exchanges.push(exchange);
    } else if (exchange.keepsContent) {
      exchange.refuse(status, sentence, why, fields);
    }
    // Else its answer does not depend on the content that went wrong.
    this.#closeAfter(exchange);
  }

  /** Reads no more; the connection closes once `exchange`, which is the last, is answered. */
  #closeAfter(exchange: Exchange): void {
    exchange.close = true;
    this.#receiving = undefined;
    this.#connection.stop();
    if (exchange.state.at === 'done' && this.#phase === 'open') this.#phase = 'finishing';
  }

  #respond(exchange: Exchange, response: Response): void {
    if (this.#phase === 'closed') {
      discardContent(response.content);
      return;
    }
    exchange.answer(response, exchange === this.#exchanges.first);
    this.#work();
  }

  /** Queues the responses whose turn has come; true when that may let others be read or started. */
  #answer(): boolean {
    let progressed = false;
    for (;;) {
      const exchange = this.#exchanges.first;
      if (exchange?.state.at !== 'answered') return progressed;
      this.#reply(exchange, exchange.state.response);
      progressed = true;
    }
  }

  #reply(exchange: Exchange, response: Response): void {
    const { content } = response;
    const { line, close, fields } = exchange;
    this.#outbox.push(encodeReplyHead(response, line, close, fields, this.#context.date));
    if (content.kind !== 'stream') {
      if (content.kind === 'bytes') this.#outbox.push(content.bytes);
      this.#complete(exchange, response);
      return;
    }
    const pump = new StreamPump(content, this.#outbox, {
      more: () => this.#work(),
      done: () => {
        this.#complete(exchange, response);
        this.#work();
      },
      // The length was promised: a connection that breaks is the only honest end.
      failed: () => this.abort(),
    });
    exchange.state = { at: 'streaming', pump };
  }

  #complete(exchange: Exchange, response: Response): void {
    exchange.state = { at: 'done' };
    this.#exchanges.shift();
    if (this.#exchanges.length === 0 && this.#receiving === undefined) this.#sinceMs = this.#now();
    this.#context.log.responded({
      peer: this.#peer,
      ...exchange.line,
      status: response.status,
      bytes: response.content.kind === 'described' ? 0 : contentBytes(response.content),
      elapsedMs: this.#now() - exchange.startedMs,
      worker: response.log.worker,
      why: response.log.why,
    });
    if (!exchange.close) return;
    this.#connection.stop();
    this.#receiving = undefined;
    this.#phase = 'finishing';
  }

  /** Asks for the content of a client that waits to be asked, when its turn has come. */
  #invite(): void {
    const exchange = this.#exchanges.first;
    if (exchange === undefined || exchange !== this.#receiving || !exchange.awaitsContinue) return;
    if (!exchange.keepsContent) return;
    exchange.awaitsContinue = false;
    this.#sinceMs = this.#now();
    // Left out when content has come already (RFC 9110 section 10.1.1).
    if (exchange.contentBytes === 0) this.#outbox.push(continueResponse);
  }

  /**
   * Sends what is queued, asks streams for more, and takes the step that an empty outbox allows.
   */
  #send(): void {
    if (this.#phase === 'closed') return;
    if (!this.#outbox.flush()) {
      this.abort();
      return;
    }
    const { first } = this.#exchanges;
    if (first?.state.at === 'streaming') first.state.pump.feed();
    if (this.#outbox.size === 0) this.#settle();
    this.#throttle();
  }

  /** Nothing waits to be sent: closes what has no more to say. */
  #settle(): void {
    if (this.#phase === 'open') {
      const idle = this.#exchanges.length === 0 && this.#receiving === undefined;
      if (idle && (this.#peerEnded || this.#stopping)) this.#close();
    } else if (this.#peerEnded) {
      this.#close();
    } else if (this.#phase === 'finishing') {
      // Closing now could reset the connection and lose the response that is on its way.
      this.#phase = 'lingering';
      this.#sinceMs = this.#now();
      this.#wire.shutdown();
    }
  }

  /**
   * Lets the kernel hold back a peer for whose requests there is no room, or who goes on sending
   * after its last response: closing on that one would reset the connection under the response.
   */
  #throttle(): void {
    const pause =
      this.#phase === 'open'
        ? !this.#mayRead()
        : this.#lingerBytes > this.#context.limits.lingerBytesMax;
    if (pause === this.#paused || this.#phase === 'closed') return;
    this.#paused = pause;
    if (pause) this.#wire.pause();
    else {
      this.#sinceMs = this.#now();
      this.#wire.resume();
    }
  }

  #close(): void {
    this.closed();
    this.#wire.end();
  }
}
