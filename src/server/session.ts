/**
 * One connection: reads requests, starts them when their turn has come, and sends their responses
 * in the order of the requests. A protocol error, a deadline or the peer's wish ends it without
 * losing a byte of what was answered.
 *
 *   open ──▶ finishing (last response queued) ──▶ lingering (FIN sent, reading on) ──▶ closed
 */

import { contentBytes, type Response } from '../app/response.ts';
import { continueResponse } from '../http/encoder.ts';
import type { Watched } from './connection-watch.ts';
import { judge, type Waiting } from './deadlines.ts';
import type { Exchange, RequestLine } from './exchange.ts';
import { ExchangeQueue } from './exchange-queue.ts';
import { descriptorOf } from './kernel-content.ts';
import { Outbox } from './outbox.ts';
import type { PlainReads } from './plain-reads.ts';
import type { Plan } from './plans.ts';
import { encodeReplyHead } from './reply.ts';
import { type Answerer, RequestReader, retryFields } from './request-reader.ts';
import type { SessionContext, Wire } from './session-context.ts';
import { discardContent, StreamPump } from './stream-pump.ts';

type Phase = 'open' | 'finishing' | 'lingering' | 'closed';

export class Session implements Answerer, Watched {
  filedUnder = 0;
  readonly #context: SessionContext;
  readonly #wire: Wire;
  readonly #peer: string;
  readonly #reader: RequestReader;
  readonly #outbox: Outbox;
  /** Requests that were read and not answered in full, in order. */
  readonly #exchanges: ExchangeQueue;
  readonly #hasRoomNow = (): boolean => this.#hasRoom();
  readonly #sendNow = (): void => this.#send();
  #phase: Phase = 'open';
  /** Since when it lingers, monotonic milliseconds. */
  #lingerSinceMs = 0;
  #lingerBytes = 0;
  /** Whether a next request is waited for. */
  #isWanted = true;
  #paused = false;
  #working = false;
  readonly #stir: (session: Session) => void;

  /**
   * @param peer address and port of the client
   * @param stir called when it is filed and does not wait for its next request any more
   */
  constructor(
    wire: Wire,
    context: SessionContext,
    peer: string,
    stir: (session: Session) => void = () => {},
  ) {
    this.#wire = wire;
    this.#context = context;
    this.#peer = peer;
    this.#stir = stir;
    this.#exchanges = new ExchangeQueue(context.underway);
    this.#reader = new RequestReader(context, this.#exchanges, this);
    this.#outbox = new Outbox(
      (bytes) => wire.write(bytes),
      context.clock,
      (content, head) => content.send(descriptorOf(wire), head),
      (start, end) => context.plain?.memory.send(descriptorOf(wire), start, end) ?? 0,
    );
  }

  /** Bytes from the peer; the session may keep them. */
  receive(bytes: Uint8Array): void {
    if (this.#phase === 'closed') return;
    if (this.#phase !== 'open') {
      this.#lingerBytes += bytes.length;
      this.#throttle();
      return;
    }
    this.#reader.beginRead();
    if (this.#reader.answerPlain(bytes, this.#hasRoomNow)) {
      this.#context.sends.add(this.#sendNow);
      return;
    }
    const answered = this.#reader.answerPlanned(bytes, this.#hasRoomNow);
    if (answered === bytes.length) {
      if (this.#outbox.hasSmallReply) this.#context.sends.add(this.#sendNow);
      else this.#send();
      return;
    }
    this.#reader.receive(answered === 0 ? bytes : bytes.subarray(answered));
    this.#work();
  }

  /** The peer's FIN: it may still read what it asked for. */
  receiveEnd(): void {
    if (this.#phase === 'closed') return;
    this.#reader.receiveEnd();
    this.#work();
  }

  /** The kernel has room again. */
  drain(): void {
    this.#outbox.roomAgain();
    if (this.#phase !== 'closed') this.#work();
  }

  /** The socket is gone. Work that was started goes on; its answers are dropped. */
  closed(): void {
    this.#phase = 'closed';
    this.#reader.stop();
    this.#outbox.clear();
    for (const exchange of this.#exchanges.takeAll()) {
      const { state } = exchange;
      if (state.at === 'streaming') state.pump.cancel();
      else if (state.at === 'answered') discardContent(state.response.content);
      exchange.letGo();
    }
  }

  /** Answers that there are too many connections, and closes. */
  turnAway(): void {
    this.#reader.fail(503, 'Too many connections are open.', 'too many connections', retryFields);
    this.#work();
  }

  /** The server stops: the answer that is owed, or else the next one, is the last, and says so. */
  stop(): void {
    this.#reader.stopAfterNext();
    if (this.#phase !== 'closed') this.#work();
  }

  /** Waits for no request any more; what has begun is answered. */
  stopWaiting(): void {
    this.#isWanted = false;
    this.#reader.stopAfterThis();
    if (this.#phase !== 'closed') this.#work();
  }

  /** Resets the connection at once. */
  abort(): void {
    if (this.#phase === 'closed') return;
    this.closed();
    this.#wire.terminate();
  }

  check(): number {
    if (this.#phase === 'closed') return Number.POSITIVE_INFINITY;
    // The kernel tells of room only when there is a lot; a slow client makes a little at a time.
    this.#outbox.roomAgain();
    if (this.#outbox.waiting !== undefined) this.#work();
    const { limits } = this.#context;
    const waiting = this.#waiting();
    const verdict = judge(waiting, this.#now(), limits);
    if (verdict === 'close') this.#close();
    else if (verdict === 'reset') this.abort();
    else if (verdict === 'time out') {
      this.#reader.fail(408, 'The request took too long to arrive.', 'request timeout');
      this.#work();
    } else if (waiting.for === 'request') {
      return waiting.sinceMs + limits.idleTimeoutMs;
    }
    return 0;
  }

  #now(): number {
    return this.#context.clock.monotonicMs();
  }

  #waiting(): Waiting {
    if (this.#phase === 'lingering') return { for: 'linger', sinceMs: this.#lingerSinceMs };
    const { waiting } = this.#outbox;
    if (waiting !== undefined) return { for: 'write', ...waiting };
    // While the server does not read, the peer cannot be late.
    if (this.#paused || this.#phase !== 'open') return { for: 'answer' };
    if (this.#reader.waiting !== undefined) return this.#reader.waiting;
    if (this.#exchanges.length > 0) return { for: 'answer' };
    return { for: 'request', sinceMs: this.#reader.sinceMs };
  }

  /** Reads, starts, answers and sends until nothing more can be done now. */
  #work(): void {
    // An answer that is ready at once calls back into here; the loop that runs already sees it.
    if (this.#working) return;
    this.#context.plans.beginRun();
    do {
      this.#working = true;
      try {
        do {
          // What the client has taken makes room for its next request.
          if (!this.#outbox.flush()) break;
          this.#read();
          this.#start();
        } while (this.#answer());
        this.#invite();
      } finally {
        this.#working = false;
      }
      this.#send();
      // The last write may have made the room that a request waited for; nothing else will tell.
    } while (this.#phase === 'open' && this.#reader.isHeldBack && this.#hasRoom());
  }

  #start(): void {
    const { outboxBytesMax, parallelRequestsMax } = this.#context.limits;
    this.#exchanges.start(
      (exchange) => (response) => this.#respond(exchange, response),
      outboxBytesMax - this.#outbox.size,
      parallelRequestsMax,
    );
  }

  #read(): void {
    if (this.#phase !== 'open') return;
    this.#reader.read(this.#hasRoomNow);
    if (this.#reader.isOver) this.#phase = 'finishing';
  }

  /** Whether another request, and its response, can be held. */
  #hasRoom(): boolean {
    const { limits } = this.#context;
    return (
      this.#outbox.size < limits.outboxBytesMax &&
      this.#exchanges.length < limits.pipelinedRequestsMax &&
      this.#exchanges.contentBytes < limits.heldContentBytesMax
    );
  }

  #respond(exchange: Exchange, response: Response): void {
    if (this.#phase === 'closed') {
      discardContent(response.content);
      // What was changed is logged, though nobody waits to hear of it.
      if (!exchange.safe) this.#log(exchange, response, 'the client had gone');
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

  reply(plan: Plan, line: RequestLine | undefined, startedMs: number): void {
    this.#outbox.pushReady(plan.reply);
    if (line === undefined) return;
    this.#context.log.responded({
      peer: this.#peer,
      ...line,
      status: plan.status,
      bytes: plan.contentBytes,
      elapsedMs: this.#now() - startedMs,
      cached: true,
    });
  }

  replyPlain(plain: PlainReads, line: RequestLine | undefined, startedMs: number): void {
    const { start, end, contentBytes: bytes } = plain.reply;
    this.#outbox.pushPlaced(plain.memory.bytes, start, end);
    if (line === undefined) return;
    const elapsedMs = this.#now() - startedMs;
    this.#context.log.responded({ peer: this.#peer, ...line, status: 200, bytes, elapsedMs });
  }

  #reply(exchange: Exchange, response: Response): void {
    const { content } = response;
    const { line, close, fields } = exchange;
    const head = encodeReplyHead(response, line, close, fields, this.#context.date);
    this.#outbox.push(head);
    this.#context.plans.learn(exchange, response, head);
    if (content.kind !== 'stream') {
      if (content.kind === 'bytes') this.#outbox.push(content.bytes);
      this.#complete(exchange, response);
      return;
    }
    const pump = new StreamPump(content, this.#outbox, this.#context, {
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
    if (this.#exchanges.length === 0 && this.#reader.isIdle) this.#reader.restartTime();
    this.#log(exchange, response, response.log.why);
    if (!exchange.close) return;
    this.#reader.stop();
    this.#phase = 'finishing';
  }

  #log(exchange: Exchange, response: Response, why: string | undefined): void {
    if (this.#context.log.isOff) return;
    this.#context.log.responded({
      peer: this.#peer,
      ...exchange.line,
      status: response.status,
      bytes: response.content.kind === 'described' ? 0 : contentBytes(response.content),
      elapsedMs: this.#now() - exchange.startedMs,
      worker: response.log.worker,
      cached: response.log.cached,
      why,
    });
  }

  /** Asks for the content of a client that waits to be asked, when its turn has come. */
  #invite(): void {
    const invited = this.#reader.takeInvited(this.#exchanges.first);
    // Left out when content has come already (RFC 9110 section 10.1.1).
    if (invited?.contentBytes === 0) this.#outbox.push(continueResponse);
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
    // The stream's end may have been that of the connection.
    if (this.#isOver()) return;
    if (this.#outbox.size === 0) this.#settle();
    this.#throttle();
    if (this.filedUnder !== 0 && this.#waiting().for !== 'request') this.#stir(this);
  }

  /** Nothing waits to be sent: closes what has no more to say. */
  #settle(): void {
    if (this.#phase === 'open') {
      const idle = this.#exchanges.length === 0 && this.#reader.isIdle && !this.#reader.isHeldBack;
      if (idle && (this.#reader.peerEnded || !this.#isWanted)) this.#close();
    } else if (this.#reader.peerEnded) {
      this.#close();
    } else if (this.#phase === 'finishing') {
      // Closing now could reset the connection and lose the response that is on its way.
      this.#phase = 'lingering';
      this.#lingerSinceMs = this.#now();
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
        ? this.#reader.isIdle && !this.#hasRoom()
        : this.#lingerBytes > this.#context.limits.lingerBytesMax;
    if (pause === this.#paused || this.#phase === 'closed') return;
    this.#paused = pause;
    if (pause) this.#wire.pause();
    else {
      this.#reader.restartTime();
      this.#wire.resume();
    }
  }

  #isOver(): boolean {
    return this.#phase === 'closed';
  }

  #close(): void {
    this.closed();
    this.#wire.end();
  }
}
