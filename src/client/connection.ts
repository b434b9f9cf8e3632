/**
 * One connection that carries one exchange at a time: the transport and the codec tied together,
 * with every way in which they can end told as one failure.
 *
 *   connecting ─ready─▶ idle ─send─▶ busy ─done─▶ idle …      any state ─▶ over
 *
 * Nothing is allocated a request beyond the codec's own events, since the load runner stands on it.
 * `Expect: 100-continue` is not waited for: the content follows its head at once.
 */

import { assert, unreachable } from '../base/assert.ts';
import { ClientConnection, type ClientEvent } from '../http/client-connection.ts';
import type { ResponseHead } from '../http/message.ts';
import { ProtocolError } from '../http/protocol-error.ts';
import type { EncodedRequest } from './encoded-request.ts';
import type { Endpoint, Failed } from './exchange.ts';
import { Transport, type TransportEnd } from './transport.ts';

export interface ConnectionListener {
  /** It stands: `send` may be called. */
  ready(): void;
  /** A 1xx response. */
  interim(head: ResponseHead): void;
  /** The head of the final response. */
  head(head: ResponseHead): void;
  /** Some of the content; the view is valid during the call alone. */
  content(bytes: Uint8Array): void;
  /** The response is whole. The state is now `idle`, or `over` when the connection ends with it. */
  done(): void;
  /** The connection ended otherwise: the running exchange, if there is one, failed so. */
  failed(failure: Failed): void;
}

export type ConnectionState = 'connecting' | 'idle' | 'busy' | 'over';

/** From this status on an early answer means that the rest of the request is not wanted. */
const refusalStatusMin = 300;

export class Connection {
  readonly #transport: Transport;
  readonly #codec = new ClientConnection();
  #state: ConnectionState = 'connecting';
  #responses = 0;
  /** What the kernel had taken when the running exchange began. */
  #takenBefore = 0;
  /** Whether a byte of the running exchange's response came. */
  #answered = false;
  /** Whether the running exchange's request said that it is the last. */
  #closing = false;
  /** Whether bytes followed the response that was finished last. */
  #surplus = false;
  /** Whether the rest of the request was given up: the server would take what follows for it. */
  #cut = false;

  constructor(
    readonly endpoint: Endpoint,
    readonly listener: ConnectionListener,
  ) {
    this.#transport = Transport.connect(endpoint, {
      opened: () => this.#opened(),
      received: (bytes) => this.#received(bytes),
      ended: () => this.#ended(),
      gone: (end) => this.#gone(end),
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** How many whole responses it has carried. */
  get responses(): number {
    return this.#responses;
  }

  /** Whether bytes came right behind the last whole response. */
  get surplus(): boolean {
    return this.#surplus;
  }

  /** Whether bytes of the running exchange's request went out. */
  get sent(): boolean {
    return this.#transport.bytesTaken > this.#takenBefore;
  }

  /** Sends `request` on an idle connection. */
  send(request: EncodedRequest): void {
    assert(this.#state === 'idle', `a request on a connection that is ${this.#state}`);
    this.#state = 'busy';
    this.#answered = false;
    this.#takenBefore = this.#transport.bytesTaken;
    this.#closing = request.closes;
    this.#codec.expect(request.method);
    this.#transport.write(request.bytes);
  }

  /** Ends it; the listener hears nothing more. A running exchange is dropped with a reset. */
  close(): void {
    const busy = this.#state === 'busy';
    this.#state = 'over';
    if (busy) this.#transport.drop();
    else this.#transport.close();
  }

  #opened(): void {
    this.#state = 'idle';
    this.listener.ready();
  }

  #received(bytes: Uint8Array): void {
    if (this.#state !== 'busy') {
      // Nothing was asked: whatever it is, the next response must not be mixed up with it.
      this.#fail('protocol', 'the server sent bytes that nobody asked for');
      return;
    }
    this.#answered = true;
    this.#codec.receive(bytes);
    this.#pump();
  }

  #ended(): void {
    if (this.#state !== 'busy') {
      this.#fail('closed', 'the server closed the idle connection');
      return;
    }
    this.#codec.receiveEnd();
    this.#pump();
    // The codec may also just have nothing more to say, when no byte of a response came.
    if (this.#state === 'busy') this.#failEarly('closed');
  }

  #gone(end: TransportEnd): void {
    switch (end.kind) {
      case 'unconnected':
        this.#state = 'over';
        this.listener.failed({
          kind: 'failed',
          failure: 'connect',
          connectCode: end.code,
          message: end.message,
          sent: false,
        });
        return;
      case 'reset':
        this.#failEarly('reset');
        return;
      case 'closed':
        this.#failEarly('closed');
        return;
      default:
        unreachable(end);
    }
  }

  /** Takes the codec's events until it wants more bytes or the response is whole. */
  #pump(): void {
    while (this.#state === 'busy') {
      let event: ClientEvent | undefined;
      try {
        event = this.#codec.poll();
      } catch (error) {
        this.#refuse(error);
        return;
      }
      if (event === undefined) return;
      this.#handle(event);
    }
  }

  #handle(event: ClientEvent): void {
    switch (event.kind) {
      case 'interim':
        this.listener.interim(event.head);
        return;
      case 'head':
        if (event.head.status >= refusalStatusMin && this.#transport.bytesWaiting > 0) {
          this.#cut = true;
          this.#transport.discardWaiting();
        }
        this.listener.head(event.head);
        return;
      case 'content':
        this.listener.content(event.bytes);
        return;
      case 'end':
        this.#finish(event.reusable);
        return;
      default:
        unreachable(event);
    }
  }

  #finish(reusable: boolean): void {
    this.#responses += 1;
    const mayKeep = reusable && !this.#closing && !this.#cut;
    this.#surplus = mayKeep && this.#hasSurplus();
    const keeps = mayKeep && this.#transport.bytesWaiting === 0 && !this.#surplus;
    if (keeps) {
      this.#state = 'idle';
    } else {
      this.#state = 'over';
      if (this.#cut) this.#transport.drop();
      else this.#transport.close();
    }
    this.listener.done();
  }

  /**
   * Whether bytes follow the response: the response stands, but the connection is not to be used.
   */
  #hasSurplus(): boolean {
    try {
      return this.#codec.poll() !== undefined;
    } catch (error) {
      if (error instanceof ProtocolError) return true;
      throw error;
    }
  }

  #refuse(error: unknown): void {
    if (!(error instanceof ProtocolError)) throw error;
    if (error.code === 'ended-early') this.#failEarly('closed');
    else this.#fail('protocol', `the server's bytes are no HTTP response: ${error.message}`);
  }

  #failEarly(failure: 'reset' | 'closed'): void {
    const verb = failure === 'reset' ? 'reset' : 'closed';
    const when = this.#answered ? 'in the middle of the response' : 'before any response';
    this.#fail(failure, `the server ${verb} the connection ${when}`);
  }

  #fail(failure: Failed['failure'], message: string): void {
    const sent = this.#state === 'busy' && this.sent;
    this.#state = 'over';
    this.#transport.drop();
    this.listener.failed({ kind: 'failed', failure, message, sent });
  }
}
