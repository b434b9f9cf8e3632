/**
 * A client of one server: one exchange at a time over one connection, replaced when it has ended.
 */

import { assert } from '../base/assert.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { RequestMessage, ResponseHead } from '../http/message.ts';
import { Collector } from './collector.ts';
import { Connection } from './connection.ts';
import { type EncodedRequest, encodedRequest } from './encoded-request.ts';
import type { Client, Endpoint, ExchangeResult, Failed, FailureKind } from './exchange.ts';
import { probe } from './reuse.ts';

export interface ClientOptions {
  readonly clock: Clock;
  /** Longest wait for a whole response, connecting included, milliseconds. */
  readonly timeoutMs?: number;
  /** The most content of a response that is kept, bytes. */
  readonly contentBytesMax?: number;
}

/** The server's own deadline for a job is 30 s, so whoever waits longer waits for nothing. */
export const exchangeTimeoutMs = 30_000;

/** A page is far smaller; it bounds what a server can make the client hold. */
export const contentBytesMax = 64 * 1024 * 1024;

/** Makes a client of the server at `endpoint`; nothing is connected before the first exchange. */
export function createClient(endpoint: Endpoint, options: ClientOptions): Client {
  return new HttpClient(endpoint, options);
}

/**
 * Where the running exchange stands: it looks whether the old connection still stands, connects
 * anew, or has begun to send.
 */
type Phase =
  | { readonly kind: 'probing' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'sending'; readonly startedMs: number };

/** The exchange that runs. */
interface Running {
  readonly request: EncodedRequest;
  readonly collector: Collector;
  readonly timer: Timer;
  readonly resolve: (result: ExchangeResult) => void;
  phase: Phase;
}

class HttpClient implements Client {
  #connection: Connection | undefined;
  #running: Running | undefined;

  constructor(
    readonly endpoint: Endpoint,
    readonly options: ClientOptions,
  ) {}

  exchange(
    request: RequestMessage,
    options?: { readonly timeoutMs?: number },
  ): Promise<ExchangeResult> {
    assert(this.#running === undefined, 'a second exchange while one runs');
    const timeoutMs = options?.timeoutMs ?? this.options.timeoutMs ?? exchangeTimeoutMs;
    return new Promise((resolve) => {
      const running: Running = {
        request: encodedRequest(request),
        collector: new Collector(this.options.contentBytesMax ?? contentBytesMax),
        timer: this.options.clock.after(timeoutMs, () => this.#timeOut(timeoutMs)),
        resolve,
        phase: { kind: 'probing' },
      };
      this.#running = running;
      this.#begin(running);
    });
  }

  cancel(): void {
    this.#stop('cancelled', 'cancelled');
  }

  close(): void {
    this.#stop('cancelled', 'the client was closed');
    this.#connection?.close();
    this.#connection = undefined;
  }

  /** Sends on the idle connection if it still stands, else on a new one. */
  #begin(running: Running): void {
    const connection = this.#connection;
    if (connection?.state !== 'idle') {
      connection?.close();
      this.#connect(running);
      return;
    }
    probe(connection, this.options.clock, () => {
      // It may have been cancelled, or have timed out, meanwhile.
      if (this.#running !== running) return;
      if (connection.state === 'idle') this.#send(running, connection);
      else this.#connect(running);
    });
  }

  #connect(running: Running): void {
    running.phase = { kind: 'connecting' };
    const connection: Connection = new Connection(this.endpoint, {
      ready: () => {
        if (this.#running !== undefined) this.#send(this.#running, connection);
      },
      interim: (head) => this.#check(this.#running?.collector.addInterim(head)),
      head: (head: ResponseHead) => this.#running?.collector.setHead(head),
      content: (bytes) => this.#check(this.#running?.collector.addContent(bytes)),
      done: () => this.#complete(),
      failed: (failure) => this.#lost(connection, failure),
    });
    this.#connection = connection;
  }

  #send(running: Running, connection: Connection): void {
    running.phase = { kind: 'sending', startedMs: this.options.clock.monotonicMs() };
    connection.send(running.request);
  }

  #complete(): void {
    const running = this.#running;
    assert(running?.phase.kind === 'sending', 'a response without a request');
    const elapsedMs = this.options.clock.monotonicMs() - running.phase.startedMs;
    const surplus = this.#connection?.surplus === true;
    this.#settle(running.collector.completed(elapsedMs, surplus));
  }

  /** A connection ended: with the exchange that runs on it, or idle, to be replaced when needed. */
  #lost(connection: Connection, failure: Failed): void {
    if (this.#connection === connection) this.#connection = undefined;
    const running = this.#running;
    // An exchange that is still probing will see that the connection is over.
    if (running === undefined || running.phase.kind === 'probing') return;
    // The probe was a moment too early: the old connection took not one byte, so a new one may.
    const unused = running.phase.kind === 'sending' && !failure.sent;
    if (unused && connection.responses > 0) this.#connect(running);
    else this.#settle(failure);
  }

  /** Ends the exchange when a bound was passed, with the sentence that says which. */
  #check(problem: string | undefined): void {
    if (problem !== undefined) this.#stop('protocol', problem);
  }

  #timeOut(timeoutMs: number): void {
    const what = this.#connection?.state === 'connecting' ? 'connection' : 'whole response';
    this.#stop('timeout', `no ${what} within ${timeoutMs / 1000} s`);
  }

  /** Ends the running exchange, if there is one, and drops its connection. */
  #stop(failure: FailureKind, message: string): void {
    if (this.#running === undefined) return;
    const sent = this.#running.phase.kind === 'sending' && this.#connection?.sent === true;
    this.#connection?.close();
    this.#connection = undefined;
    this.#settle({ kind: 'failed', failure, message, sent });
  }

  #settle(result: ExchangeResult): void {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    running.timer.cancel();
    running.resolve(result);
  }
}
