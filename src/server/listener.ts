/** Accepts connections and gives each a session; refuses those above the cap with a 503. */

import type { Socket, TCPSocketListener } from 'bun';
import type { Clock, Timer } from '../base/clock.ts';
import { ConnectionWatch } from './connection-watch.ts';
import { Session } from './session.ts';
import type { SessionContext } from './session-context.ts';

/** Deadlines are looked at this often: late by that much is early enough for limits in seconds. */
const SWEEP_PERIOD_MS = 250;
/** Connections above the cap that are told so; past them there is only a reset. */
const TURNED_AWAY_MAX = 64;

/**
 * So long a connection that idles when the server is told to stop may still bring a request, which
 * may have come already and not been read, or be on its way: a round trip across a continent is
 * shorter. Whoever stops a server does not notice it.
 */
export const STOP_GRACE_MS = 100;

/** Fewer connections than this are not worth a collection. */
const CROWD_MIN = 50;

export class Listener {
  readonly #context: SessionContext;
  readonly #clock: Clock;
  readonly #sessions = new Set<Session>();
  /** Those of them that get a 503 and no more: they take no place from anyone. */
  readonly #turnedAway = new Set<Session>();
  readonly #watch: ConnectionWatch<Session>;
  readonly #sweeper: Timer;
  /** The most connections at once since memory was last given back. */
  #crowd = 0;
  readonly #socket: TCPSocketListener<Session | undefined>;
  #stopping: (() => void) | undefined;

  /** Starts to listen. Throws what the operating system says (`EADDRINUSE`, `EACCES` …). */
  constructor(host: string, port: number, context: SessionContext) {
    this.#context = context;
    this.#clock = context.clock;
    this.#watch = new ConnectionWatch(SWEEP_PERIOD_MS, this.#clock.monotonicMs());
    this.#socket = Bun.listen<Session | undefined>({
      hostname: host,
      port,
      // Without it a client that half-closes after its request would never get the answer.
      allowHalfOpen: true,
      socket: {
        open: (socket) => this.#guard(socket, () => this.#open(socket)),
        data: (socket, bytes) => this.#guard(socket, () => socket.data?.receive(bytes)),
        drain: (socket) => this.#guard(socket, () => socket.data?.drain()),
        end: (socket) => this.#guard(socket, () => socket.data?.receiveEnd()),
        close: (socket) => this.#close(socket),
        error: (socket) => this.#close(socket),
      },
    });
    this.#sweeper = this.#clock.every(SWEEP_PERIOD_MS, () => this.#sweep());
  }

  get port(): number {
    return this.#socket.port;
  }

  get connections(): number {
    return this.#sessions.size;
  }

  /**
   * Takes no new connection, lets the open ones finish what they have begun, or begin within
   * {@link STOP_GRACE_MS}, and resolves when all are closed; those that are not after `timeoutMs`
   * are reset.
   */
  async stop(timeoutMs: number): Promise<void> {
    this.#socket.stop();
    const closed = new Promise<void>((resolve) => {
      this.#stopping = resolve;
    });
    for (const session of [...this.#sessions]) session.stop();
    const timers = [
      this.#clock.after(Math.min(STOP_GRACE_MS, timeoutMs), () => {
        for (const session of [...this.#sessions]) session.stopWaiting();
      }),
      this.#clock.after(timeoutMs, () => {
        for (const session of [...this.#sessions]) session.abort();
      }),
    ];
    if (this.#sessions.size > 0) await closed;
    for (const timer of timers) timer.cancel();
    this.#sweeper.cancel();
  }

  #open(socket: Socket<Session | undefined>): void {
    const { limits, log } = this.#context;
    const full = this.#sessions.size - this.#turnedAway.size >= limits.connectionsMax;
    if (full && this.#turnedAway.size >= TURNED_AWAY_MAX) {
      socket.terminate();
      return;
    }
    // A response is one write, and must not wait for the acknowledgement of the last one.
    socket.setNoDelay(true);
    const peer = peerOf(socket.remoteAddress, socket.remotePort);
    const session = new Session(socket, this.#context, peer, this.#watch.stir);
    socket.data = session;
    this.#sessions.add(session);
    this.#watch.add(session);
    log.connected(peer);
    if (!full) return;
    this.#turnedAway.add(session);
    session.turnAway();
  }

  #close(socket: Socket<Session | undefined>): void {
    const session = socket.data;
    if (session === undefined) return;
    session.closed();
    this.#sessions.delete(session);
    this.#watch.delete(session);
    this.#turnedAway.delete(session);
    if (this.#sessions.size === 0) this.#stopping?.();
  }

  #sweep(): void {
    this.#watch.look(this.#clock.monotonicMs());
    this.#collectAfterCrowd();
  }

  /**
   * Has memory given back when a crowd has left. What its connections held lies outside of the
   * garbage collector's heap, so that it does not press the collector, which would come by itself
   * only after many more requests. Whole and at once: only that gives pages back to the kernel, and
   * at such a moment some milliseconds matter least.
   */
  #collectAfterCrowd(): void {
    this.#crowd = Math.max(this.#crowd, this.#sessions.size);
    if (this.#crowd < CROWD_MIN || this.#sessions.size > this.#crowd / 2) return;
    this.#crowd = this.#sessions.size;
    Bun.gc(true);
  }

  /** A bug in one session must end that session, and neither hang its client nor the server. */
  #guard(socket: Socket<Session | undefined>, handle: () => void): void {
    try {
      handle();
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#context.log.note(`A bug ended a connection: ${text}`);
      if (socket.data === undefined) socket.terminate();
      else socket.data.abort();
    }
  }
}

/** Address and port as a log shows them; a peer may be gone before anyone could ask. */
function peerOf(address: string | undefined, port: number | undefined): string {
  if (address === undefined || port === undefined) return 'a peer that has gone';
  return `${bracketed(address)}:${port}`;
}

/** An IPv6 address in brackets, so that its port can be told from it. */
function bracketed(address: string | undefined): string {
  // A client that has left by now has no address any more, whatever the type says.
  if (address === undefined) return 'unknown';
  return address.includes(':') ? `[${address}]` : address;
}
