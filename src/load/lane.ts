/**
 * One of a run's connections, over and over: it sends what is due as soon as it has room, and
 * connects anew when the server has closed in between, which is no failure. Past its first reuse a
 * connection is not probed any more, for speed: a close that meets a request on its way then counts
 * as that request's failure, since nobody knows what the server did with it.
 *
 *   off ─start─▶ connecting ─opened─▶ open ⇄ probing (before the first reuse)
 *                    │  ▲                │
 *                 refused└─ paused     lost ─▶ bare: connects when there is something to send
 *
 *   any state ─▶ stopped
 */

import { assert } from '../base/assert.ts';
import { concatBytes } from '../base/bytes.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Endpoint } from '../client/exchange.ts';
import { unavailableStatus } from '../client/repetition.ts';
import { isFirstReuse, probe } from '../client/reuse.ts';
import { Transport, type TransportEnd, type TransportListener } from '../client/transport.ts';
import { ProtocolError } from '../http/protocol-error.ts';
import type { Ticket } from './intake.ts';
import type { LoadFailure } from './load.ts';
import { Owed } from './owed.ts';
import type { ReadyRequest } from './request-source.ts';
import { type ResponseListener, ResponseReader } from './response-reader.ts';
import type { RepeatCause } from './second-try.ts';

/** What a lane asks of its run. All times are those of {@link LaneRun.nowMs}. */
export interface LaneRun {
  readonly endpoint: Endpoint;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Requests that one connection may have under way. */
  readonly pipeline: number;
  readonly keepAlive: boolean;
  /** Milliseconds since the load began. */
  nowMs(): number;
  /** Whether a request is due or will be. */
  hasNext(nowMs: number): boolean;
  /**
   * Takes the next request that is due.
   *
   * @param freeSinceMs since when this lane could have sent it
   */
  take(nowMs: number, freeSinceMs: number): Ticket | undefined;
  /** The lane has room, and nothing was due. It may say so again before it is pumped. */
  rest(lane: Lane): void;
  completed(ticket: Ticket, status: number, nowMs: number): void;
  /**
   * Whether what `ticket` came to is to be tried again: after how long, milliseconds; `undefined`
   * when it is not, so that it has completed or failed.
   */
  again(ticket: Ticket, cause: RepeatCause, nowMs: number): number | undefined;
  /** @param reason in a few words, empty where the kind says all */
  failed(ticket: Ticket, failure: LoadFailure, reason: string, nowMs: number): void;
  /** A connection stands. */
  connected(): void;
  /** No connection came about, for that reason. */
  unconnected(reason: string): void;
  received(bytes: number): void;
  /** Bytes followed a response that belong to none. */
  surplus(): void;
}

/**
 * How long a lane waits after a connection was refused, so that a server that is down costs little;
 * twice as long after each further one, up to the greatest.
 */
export const connectPauseMs = 10;
export const connectPauseMsMax = 500;

/**
 * Bytes of pipelined requests that are gathered into one write: more would only be copied, and
 * wait.
 */
export const gatherBytesMax = 256 * 1024;

type State = 'off' | 'connecting' | 'open' | 'probing' | 'bare' | 'paused' | 'stopped';

export class Lane implements TransportListener, ResponseListener {
  #state: State = 'off';
  #transport: Transport | undefined;
  #reader = new ResponseReader(this);
  #pause: Timer | undefined;
  /** Sent and not answered, oldest first. */
  #underway: Ticket[] = [];
  /** Taken, and to be sent as soon as a connection stands. */
  readonly #owed: Owed;
  #responses = 0;
  /** Bytes that the connections before the present one took. */
  #bytesSentBefore = 0;
  #pauseMs = connectPauseMs;
  /**
   * Requests to have under way. When a server ended a connection with some unread, no more than it
   * answered go out at once again (RFC 9112 section 9.3.2), or each end would cost them all.
   */
  #depthMax: number;
  /** Whether the response that came last ends its connection. */
  #closing = false;
  #nowMs = 0;
  #freeSinceMs = 0;
  /** When a running attempt to connect is given up. */
  #connectEndMs = 0;

  constructor(readonly run: LaneRun) {
    this.#depthMax = run.pipeline;
    this.#owed = new Owed(run.clock, () => {
      this.#freeSinceMs = run.nowMs();
      this.pump(this.#freeSinceMs);
    });
  }

  /** Bytes that the kernel has taken on all its connections. */
  get bytesSent(): number {
    return this.#bytesSentBefore + (this.#transport?.bytesTaken ?? 0);
  }

  /** How many whole responses the present connection has carried. */
  get responses(): number {
    return this.#responses;
  }

  /** Connects, and goes on until there is nothing left to send. */
  start(): void {
    if (this.#state === 'stopped') return;
    this.#state = 'bare';
    this.#pause = undefined;
    const nowMs = this.run.nowMs();
    this.#freeSinceMs = nowMs;
    if (this.run.keepAlive && !this.#owed.held) this.#connect(nowMs);
    else this.pump(nowMs);
  }

  /** Drops everything; the run hears nothing more. Returns what was to be sent, now or again. */
  stop(): readonly Ticket[] {
    this.#state = 'stopped';
    this.#pause?.cancel();
    this.#owed.stop();
    if (this.#underway.length > 0) this.#transport?.drop();
    else this.#transport?.close();
    return this.#owed.takeAll();
  }

  /** Sends as much of what is due as there is room for. */
  pump(nowMs: number): void {
    if (this.#owed.held) return;
    if (this.#state === 'open') this.#send(nowMs);
    else if (this.#state === 'bare') this.#takeFirst(nowMs);
  }

  /**
   * Gives up what is past its deadline. One look now and then is cheaper than a timer a request.
   */
  sweep(nowMs: number): void {
    if (this.#state === 'connecting') {
      if (nowMs >= this.#connectEndMs) this.#refused('timeout', 'connecting', nowMs);
      return;
    }
    const oldest = this.#underway[0];
    if (oldest !== undefined && nowMs >= oldest.sentMs + this.run.timeoutMs) {
      this.#lose('timeout', '', nowMs);
    }
  }

  // What follows is called by the transport.

  opened(): void {
    if (this.#state === 'stopped') return;
    this.#state = 'open';
    this.#reader = new ResponseReader(this);
    this.#responses = 0;
    this.#closing = false;
    this.#pauseMs = connectPauseMs;
    this.run.connected();
    const nowMs = this.run.nowMs();
    // What is owed was free to go long ago; what comes next waited for this connection.
    if (this.#owed.size === 0) this.#freeSinceMs = nowMs;
    this.pump(nowMs);
  }

  received(bytes: Uint8Array): void {
    if (!this.#stands()) return;
    const nowMs = this.run.nowMs();
    this.#nowMs = nowMs;
    this.run.received(bytes.length);
    this.#read(bytes, nowMs);
  }

  ended(): void {
    if (!this.#stands()) return;
    const nowMs = this.run.nowMs();
    this.#nowMs = nowMs;
    this.#closing = true;
    this.#read(undefined, nowMs);
  }

  drained(): void {
    this.pump(this.run.nowMs());
  }

  gone(end: TransportEnd): void {
    if (this.#state === 'stopped') return;
    const nowMs = this.run.nowMs();
    if (end.kind === 'unconnected') this.#refused('connect', end.message, nowMs);
    else this.#lose(end.kind, '', nowMs);
  }

  // What follows is called by the reader.

  awaited(): ReadyRequest | undefined {
    return this.#underway[0]?.request;
  }

  response(status: number, reusable: boolean): boolean {
    const ticket = this.#underway.shift();
    assert(ticket !== undefined, 'a response without a request');
    this.#responses += 1;
    if (this.#responses > this.#depthMax) this.#depthMax = this.run.pipeline;
    if (!reusable || ticket.request.closes) this.#closing = true;
    const againMs =
      status === unavailableStatus ? this.run.again(ticket, 'unavailable', this.#nowMs) : undefined;
    if (againMs === undefined) this.run.completed(ticket, status, this.#nowMs);
    else this.#owed.addAgain(ticket, againMs);
    return this.#stands() && !this.#closing;
  }

  #stands(): boolean {
    return this.#state === 'open' || this.#state === 'probing';
  }

  /** Reads `bytes`, or the end without any, and goes on as the connection then stands. */
  #read(bytes: Uint8Array | undefined, nowMs: number): void {
    try {
      if (bytes === undefined) this.#reader.receiveEnd();
      else this.#reader.receive(bytes);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (this.#underway.length === 0) this.run.surplus();
      if (error.code === 'ended-early') this.#lose('closed', '', nowMs);
      else this.#lose('parse', error.message, nowMs);
      return;
    }
    // The run may have ended with the last response.
    if (!this.#stands()) return;
    if (this.#closing) {
      this.#renew(nowMs);
      return;
    }
    this.#freeSinceMs = nowMs;
    if (this.#underway.length > 0) {
      this.pump(nowMs);
      return;
    }
    const cut = (this.#transport?.bytesWaiting ?? 0) > 0;
    // The server would take what follows for the rest of the request that it has answered early.
    if (cut) this.#renew(nowMs);
    else if (isFirstReuse(this)) this.#probe();
    else this.pump(nowMs);
  }

  /** Lets a close that follows the first response be seen before a request is lost to it. */
  #probe(): void {
    const transport = this.#transport;
    this.#state = 'probing';
    probe(this, this.run.clock, () => {
      if (this.#transport !== transport || this.#state !== 'probing') return;
      this.#state = 'open';
      this.#freeSinceMs = this.run.nowMs();
      this.pump(this.#freeSinceMs);
    });
  }

  #connect(nowMs: number): void {
    if (this.#owed.size === 0 && !this.run.hasNext(nowMs)) return;
    this.#state = 'connecting';
    this.#connectEndMs = nowMs + this.run.timeoutMs;
    this.#bytesSentBefore = this.bytesSent;
    this.#transport = Transport.connect(this.run.endpoint, this);
  }

  /** Without a connection: takes a request, and connects for it. */
  #takeFirst(nowMs: number): void {
    if (this.#owed.size > 0) {
      this.#connect(nowMs);
      return;
    }
    const ticket = this.run.take(nowMs, this.#freeSinceMs);
    if (ticket === undefined) {
      this.run.rest(this);
      return;
    }
    this.#owed.add(ticket);
    this.#connect(nowMs);
  }

  #send(nowMs: number): void {
    const transport = this.#transport;
    while (transport !== undefined && transport.bytesWaiting === 0) {
      const bytes = this.#gather(nowMs);
      if (bytes === undefined) return;
      transport.write(bytes);
      // One request leaves no room for another.
      if (this.run.pipeline === 1) return;
    }
  }

  /** The bytes of what is to be sent next; `undefined` for nothing. */
  #gather(nowMs: number): Uint8Array | undefined {
    const first = this.#next(nowMs);
    if (first === undefined || this.run.pipeline === 1) return first;
    const parts = [first];
    let length = first.length;
    while (length < gatherBytesMax) {
      const part = this.#next(nowMs);
      if (part === undefined) break;
      parts.push(part);
      length += part.length;
    }
    return parts.length === 1 ? first : concatBytes(parts);
  }

  /** Puts the next request under way, if there is room and one is due, and returns its bytes. */
  #next(nowMs: number): Uint8Array | undefined {
    if (this.#underway.length >= this.#depthMax) return undefined;
    // A request that says so is the connection's last (RFC 9112 section 9.6).
    if (this.#underway.at(-1)?.request.closes === true) return undefined;
    const owed = this.#owed.take();
    const mayTake = this.run.keepAlive && owed === undefined;
    const ticket = mayTake ? this.run.take(nowMs, this.#freeSinceMs) : owed;
    if (ticket === undefined) {
      if (mayTake) this.run.rest(this);
      return undefined;
    }
    ticket.sentMs = nowMs;
    this.#underway.push(ticket);
    const bytes = ticket.bytes ?? ticket.request.bytes(ticket.n);
    if (ticket.request.retry > 0) ticket.bytes = bytes;
    return bytes;
  }

  /**
   * Ends the connection in order, after a response that said so. What was sent behind it was not
   * read (RFC 9112 section 9.6), so it is owed again.
   */
  #renew(nowMs: number): void {
    if (this.#underway.length > 0) this.#depthMax = Math.max(1, this.#responses);
    this.#owed.addFirst(this.#underway);
    this.#underway = [];
    if ((this.#transport?.bytesWaiting ?? 0) > 0) this.#transport?.drop();
    else this.#transport?.close();
    this.#leave(nowMs);
  }

  /** The connection is lost, and with it whatever was under way. */
  #lose(failure: LoadFailure, reason: string, nowMs: number): void {
    const lost = this.#underway;
    this.#underway = [];
    this.#transport?.drop();
    for (const ticket of lost) this.#giveUp(ticket, failure, reason, nowMs);
    if (this.#state !== 'stopped') this.#leave(nowMs);
  }

  /** Lets `ticket` fail, unless it is to be sent again. */
  #giveUp(ticket: Ticket, failure: LoadFailure, reason: string, nowMs: number): void {
    const againMs = this.run.again(ticket, failure, nowMs);
    if (againMs === undefined) this.run.failed(ticket, failure, reason, nowMs);
    else this.#owed.addAgain(ticket, againMs);
  }

  #leave(nowMs: number): void {
    this.#state = 'bare';
    this.#freeSinceMs = nowMs;
    this.pump(nowMs);
  }

  /** No connection came about: that costs the requests that waited for it, or the next one. */
  #refused(failure: 'connect' | 'timeout', reason: string, nowMs: number): void {
    this.#transport?.drop();
    this.#state = 'paused';
    const owed = this.#owed.takeAll();
    const next = owed.length > 0 ? undefined : this.run.take(nowMs, this.#freeSinceMs);
    for (const ticket of next === undefined ? owed : [next]) {
      this.#giveUp(ticket, failure, reason, nowMs);
    }
    this.run.unconnected(reason);
    if (this.#state !== 'paused') return;
    this.#pause = this.run.clock.after(this.#pauseMs, () => this.start());
    this.#pauseMs = Math.min(this.#pauseMs * 2, connectPauseMsMax);
  }
}
