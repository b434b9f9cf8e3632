/**
 * A TCP proxy that cuts connections in chosen moments: before it has passed a request on, after
 * that and before the answer, and in the middle of the answer. It knows nothing of HTTP: what
 * arrives from a client at once is a request to it.
 */

import type { Socket } from 'bun';

/** When a connection is cut. Closed. */
export type Cut =
  /** What the client sent never reaches the server. */
  | 'before'
  /** It does, and the client is gone before the answer. */
  | 'after'
  /** The client gets the beginning of the answer. */
  | 'within';

export const cuts: readonly Cut[] = ['before', 'after', 'within'];

/** A source of random numbers that can be repeated. */
interface Choice {
  below(bound: number): number;
}

/** One client and its connection to the server. */
interface Pair {
  readonly client: Outlet;
  server: Outlet | undefined;
  /** What came before the connection to the server stood. */
  early: Uint8Array[];
  cut: Cut | undefined;
}

/** One side: it writes all bytes however few the kernel takes at a time. */
class Outlet {
  #waiting: Uint8Array[] = [];
  #ending = false;

  constructor(readonly socket: Socket<Pair>) {}

  write(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.flush();
  }

  flush(): void {
    for (let bytes = this.#waiting[0]; bytes !== undefined; bytes = this.#waiting[0]) {
      const taken = this.socket.write(bytes);
      if (taken < bytes.length) {
        if (taken > 0) this.#waiting[0] = bytes.subarray(taken);
        return;
      }
      this.#waiting.shift();
    }
    if (this.#ending) this.socket.end();
  }

  /** A FIN behind all that was written. */
  end(): void {
    this.#ending = true;
    this.flush();
  }

  reset(): void {
    this.#waiting = [];
    this.socket.terminate();
  }
}

export class CuttingProxy implements Disposable {
  /** How often each kind of cut was made. */
  readonly made: Record<Cut, number> = { before: 0, after: 0, within: 0 };
  readonly #listener: Bun.TCPSocketListener<Pair>;
  /** While false everything is passed on. */
  cutting = true;

  /**
   * @param serverPort where it passes everything on to, at the loopback
   * @param oneOf one of so many requests is cut
   */
  constructor(
    readonly serverPort: number,
    readonly choice: Choice,
    readonly oneOf: number,
  ) {
    this.#listener = Bun.listen<Pair>({
      hostname: '127.0.0.1',
      port: 0,
      allowHalfOpen: true,
      socket: {
        open: (socket) => {
          const client = new Outlet(socket);
          socket.data = { client, server: undefined, early: [], cut: undefined };
          this.#connect(socket.data);
        },
        data: (socket, bytes) => this.#fromClient(socket.data, bytes),
        drain: (socket) => socket.data.client.flush(),
        end: (socket) => {
          socket.data.server?.end();
          socket.end();
        },
        close: (socket) => socket.data.server?.end(),
      },
    });
  }

  get port(): number {
    return this.#listener.port;
  }

  [Symbol.dispose](): void {
    this.#listener.stop(true);
  }

  #connect(pair: Pair): void {
    Bun.connect<Pair>({
      hostname: '127.0.0.1',
      port: this.serverPort,
      allowHalfOpen: true,
      data: pair,
      socket: {
        open: (socket) => {
          const server = new Outlet(socket);
          pair.server = server;
          for (const bytes of pair.early) server.write(bytes);
          pair.early = [];
        },
        data: (_socket, bytes) => this.#fromServer(pair, bytes),
        drain: () => pair.server?.flush(),
        end: (socket) => {
          pair.client.end();
          socket.end();
        },
        close: () => pair.client.end(),
        connectError: () => pair.client.reset(),
      },
    }).catch(() => {});
  }

  #fromClient(pair: Pair, bytes: Uint8Array): void {
    if (pair.cut !== undefined) return;
    const isCut = this.cutting && this.choice.below(this.oneOf) === 0;
    pair.cut = isCut ? cuts[this.choice.below(cuts.length)] : undefined;
    if (pair.cut === 'before') {
      this.#cutClient(pair);
      pair.server?.end();
      return;
    }
    if (pair.server === undefined) pair.early.push(bytes);
    else pair.server.write(bytes);
    // What the server makes of it is nobody's to hear.
    if (pair.cut === 'after') this.#cutClient(pair);
  }

  #fromServer(pair: Pair, bytes: Uint8Array): void {
    if (pair.cut === 'before' || pair.cut === 'after') return;
    if (pair.cut === undefined) {
      pair.client.write(bytes);
      return;
    }
    pair.client.write(bytes.subarray(0, this.choice.below(bytes.length)));
    this.#cutClient(pair);
    // A later read of the same answer goes nowhere.
    pair.cut = 'after';
  }

  #cutClient(pair: Pair): void {
    if (pair.cut !== undefined) this.made[pair.cut] += 1;
    if (this.choice.below(2) === 0) pair.client.end();
    else pair.client.reset();
  }
}
