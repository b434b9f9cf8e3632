/**
 * One TCP connection to a server over `Bun.connect`: it writes all bytes however few the kernel
 * takes at a time, and turns the socket's callbacks, which may come in any order, into
 *
 *   (opened received* ended?)? gone
 *
 * `gone` comes once and last; after `close` or `drop` nothing comes any more.
 */

import type { Socket } from 'bun';
import { assert, unreachable } from '../base/assert.ts';
import { emptyBytes } from '../base/bytes.ts';
import { type Unconnected, unconnected } from './connect-failure.ts';
import type { Endpoint } from './exchange.ts';

/** Why a connection is gone. */
export type TransportEnd =
  | Unconnected
  /** A reset, or another error of the socket. */
  | { readonly kind: 'reset' }
  /** Both sides ended it in order. */
  | { readonly kind: 'closed' };

export interface TransportListener {
  /** The connection stands; `write` may be called. */
  opened(): void;
  /** Bytes came; the array belongs to the receiver. */
  received(bytes: Uint8Array): void;
  /** All of a write that could not be taken at once has been taken now. */
  drained?(): void;
  /** The peer's FIN: nothing more will be received, but writing goes on. */
  ended(): void;
  gone(end: TransportEnd): void;
}

type State =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open'; readonly socket: Socket<Transport> }
  /** The peer's FIN came. */
  | { readonly kind: 'half-open'; readonly socket: Socket<Transport> }
  /** A write met a reset; what had been received before it may still come, then the close. */
  | { readonly kind: 'broken'; readonly socket: Socket<Transport> }
  | { readonly kind: 'gone' };

export class Transport {
  #state: State = { kind: 'connecting' };
  /** What the kernel has not taken: Bun buffers nothing after a short write. */
  #waiting: Uint8Array = emptyBytes;
  #bytesTaken = 0;

  private constructor(
    readonly endpoint: Endpoint,
    readonly listener: TransportListener,
  ) {}

  /** Begins to connect; `listener` hears of everything later, never before this returns. */
  static connect(endpoint: Endpoint, listener: TransportListener): Transport {
    const transport = new Transport(endpoint, listener);
    const opening = Bun.connect<Transport>({
      hostname: endpoint.host,
      port: endpoint.port,
      // Without it an answer that comes after our FIN, or data behind the peer's, is lost.
      allowHalfOpen: true,
      data: transport,
      socket: handlers,
    });
    // `connectError` has heard of the failure already.
    opening.catch(() => {});
    return transport;
  }

  /** How many bytes the kernel has taken since the connection was made. */
  get bytesTaken(): number {
    return this.#bytesTaken;
  }

  /** How many bytes of the last write the kernel has not taken. */
  get bytesWaiting(): number {
    return this.#waiting.length;
  }

  /**
   * Writes all of `bytes`, now and as the kernel makes room; they must not be changed meanwhile. On
   * a connection that is reset already it does nothing, for `gone` is on its way. One message at a
   * time: what was written before must have been taken.
   */
  write(bytes: Uint8Array): void {
    assert(this.#state.kind !== 'connecting', 'a write before the connection stands');
    assert(this.#waiting.length === 0, 'a write while another one waits');
    this.#waiting = bytes;
    this.#flush();
  }

  /** Gives up what the kernel has not taken. */
  discardWaiting(): void {
    this.#waiting = emptyBytes;
  }

  /**
   * Ends the connection in order: with a FIN, or with a reset when a message is half written. One
   * that does not stand yet ends as soon as it would stand: Bun cannot stop an attempt to connect,
   * which keeps the process alive until the kernel gives it up.
   */
  close(): void {
    const state = this.#state;
    if (state.kind === 'gone') return;
    const cut = this.#waiting.length > 0;
    this.#state = { kind: 'gone' };
    this.#waiting = emptyBytes;
    if (state.kind === 'connecting') return;
    if (cut) state.socket.terminate();
    else state.socket.end();
  }

  /** Ends the connection at once, with a reset. */
  drop(): void {
    const state = this.#state;
    this.#state = { kind: 'gone' };
    this.#waiting = emptyBytes;
    if (state.kind !== 'gone' && state.kind !== 'connecting') state.socket.terminate();
  }

  #flush(): void {
    const state = this.#state;
    switch (state.kind) {
      case 'open':
      case 'half-open': {
        if (this.#waiting.length === 0) return;
        const taken = state.socket.write(this.#waiting);
        if (taken < 0) {
          // The write has consumed the socket's error, so the close to come will look orderly.
          this.#state = { kind: 'broken', socket: state.socket };
          this.#waiting = emptyBytes;
          return;
        }
        this.#bytesTaken += taken;
        this.#waiting = taken === this.#waiting.length ? emptyBytes : this.#waiting.subarray(taken);
        return;
      }
      case 'broken':
      case 'gone':
        this.#waiting = emptyBytes;
        return;
      case 'connecting':
        return;
      default:
        unreachable(state);
    }
  }

  // What follows is called by the socket's handlers alone.

  handleOpen(socket: Socket<Transport>): void {
    if (this.#state.kind === 'gone') {
      socket.terminate();
      return;
    }
    assert(this.#state.kind === 'connecting', 'a connection opened twice');
    this.#state = { kind: 'open', socket };
    this.listener.opened();
  }

  handleData(bytes: Uint8Array): void {
    if (this.#state.kind === 'gone') return;
    this.listener.received(bytes);
  }

  handleDrain(): void {
    if (this.#waiting.length === 0) return;
    this.#flush();
    const { kind } = this.#state;
    const open = kind === 'open' || kind === 'half-open';
    if (open && this.#waiting.length === 0) this.listener.drained?.();
  }

  handleEnd(): void {
    // After a reset the FIN is only how Bun tells the close; it must not end a content by closing.
    if (this.#state.kind !== 'open') return;
    this.#state = { kind: 'half-open', socket: this.#state.socket };
    this.listener.ended();
  }

  handleGone(end: TransportEnd): void {
    if (this.#state.kind === 'gone') return;
    const wasBroken = this.#state.kind === 'broken';
    this.#state = { kind: 'gone' };
    this.#waiting = emptyBytes;
    this.listener.gone(wasBroken ? { kind: 'reset' } : end);
  }
}

const handlers = {
  open(socket: Socket<Transport>): void {
    socket.data.handleOpen(socket);
  },
  data(socket: Socket<Transport>, bytes: Buffer): void {
    socket.data.handleData(bytes);
  },
  drain(socket: Socket<Transport>): void {
    socket.data.handleDrain();
  },
  end(socket: Socket<Transport>): void {
    socket.data.handleEnd();
  },
  close(socket: Socket<Transport>, error?: Error): void {
    socket.data.handleGone({ kind: error === undefined ? 'closed' : 'reset' });
  },
  connectError(socket: Socket<Transport>, error: Error): void {
    socket.data.handleGone(unconnected(socket.data.endpoint, error));
  },
  error(_socket: Socket<Transport>, error: Error): void {
    // Bun brings here what a handler threw: a bug, which must not pass in silence.
    queueMicrotask(() => {
      throw error;
    });
  },
};
