/**
 * One of a run's connections, over and over: it sends the next number as soon as its response is
 * whole, and connects anew when the server has closed in between, which is no failure. Past its
 * first reuse a connection is not probed any more, for speed: a close that meets a request on its
 * way then counts as that request's failure, since nobody knows what the server did with it.
 */

import type { Clock, Timer } from '../base/clock.ts';
import { Connection, type ConnectionListener } from '../client/connection.ts';
import type { EncodedRequest } from '../client/encoded-request.ts';
import type { Endpoint, Failed, FailureKind } from '../client/exchange.ts';
import { isFirstReuse, probe } from '../client/reuse.ts';
import type { ResponseHead } from '../http/message.ts';

/** What a lane asks of its run. */
export interface LaneRun {
  readonly endpoint: Endpoint;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Whether requests are left to take. */
  hasNext(): boolean;
  /** The next request, each number once; `undefined` when there is none or the run has ended. */
  takeNext(): EncodedRequest | undefined;
  completed(status: number, latencyMs: number): void;
  /** The request that was taken failed so. */
  failed(failure: FailureKind): void;
  /** A connection stands. */
  connected(): void;
  /** No connection came about; the run counts it as the failure of one request. */
  unconnected(failure: FailureKind): void;
}

/**
 * How long a lane waits after a connection was refused, so that a server that is down costs little.
 */
export const connectPauseMs = 10;

export class Lane implements ConnectionListener {
  #connection: Connection | undefined;
  #pause: Timer | undefined;
  #stopped = false;
  #status = 0;
  #sentMs = 0;
  /** When the running attempt to connect, or the running exchange, is given up. */
  #deadlineMs = Number.POSITIVE_INFINITY;

  constructor(readonly run: LaneRun) {}

  /** Connects and goes on until there is nothing left to send. */
  start(): void {
    this.#pause = undefined;
    if (this.#stopped || !this.run.hasNext()) return;
    this.#deadlineMs = this.run.clock.monotonicMs() + this.run.timeoutMs;
    this.#connection = new Connection(this.run.endpoint, this);
  }

  /** Drops everything; the run hears nothing more. */
  stop(): void {
    this.#stopped = true;
    this.#pause?.cancel();
    this.#drop();
  }

  /**
   * Gives up what is past its deadline. One look now and then is cheaper than a timer a request.
   */
  sweep(nowMs: number): void {
    if (nowMs < this.#deadlineMs) return;
    const connecting = this.#connection?.state === 'connecting';
    this.#drop();
    if (connecting) this.run.unconnected('timeout');
    else this.run.failed('timeout');
    this.start();
  }

  ready(): void {
    this.run.connected();
    this.#sendNext();
  }

  interim(): void {}

  head(head: ResponseHead): void {
    this.#status = head.status;
  }

  content(): void {}

  done(): void {
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    this.run.completed(this.#status, this.run.clock.monotonicMs() - this.#sentMs);
    const connection = this.#connection;
    if (this.#stopped || connection === undefined) return;
    if (connection.state !== 'idle') this.start();
    else if (isFirstReuse(connection)) this.#probe(connection);
    else this.#sendNext();
  }

  failed(failure: Failed): void {
    const running = this.#deadlineMs !== Number.POSITIVE_INFINITY;
    this.#connection = undefined;
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    // The connection ended idle: the probe that runs will connect anew.
    if (!running) return;
    if (failure.failure === 'connect') {
      this.run.unconnected('connect');
      if (!this.#stopped) {
        this.#pause = this.run.clock.after(connectPauseMs, () => this.start());
      }
      return;
    }
    this.run.failed(failure.failure);
    this.start();
  }

  /** Lets a close that follows the first response be seen before a request is lost to it. */
  #probe(connection: Connection): void {
    probe(connection, this.run.clock, () => {
      if (this.#stopped) return;
      if (connection.state === 'idle') this.#sendNext();
      else this.start();
    });
  }

  #sendNext(): void {
    const connection = this.#connection;
    const request = this.run.takeNext();
    if (connection === undefined || request === undefined) {
      this.#drop();
      return;
    }
    this.#sentMs = this.run.clock.monotonicMs();
    this.#deadlineMs = this.#sentMs + this.run.timeoutMs;
    connection.send(request);
  }

  #drop(): void {
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    this.#connection?.close();
    this.#connection = undefined;
  }
}
