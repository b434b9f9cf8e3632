/**
 * A server for tests that plays one situation by hand: raw bytes out, raw bytes in, real sockets.
 */

import type { Socket } from 'bun';
import { latin1Text } from '../../src/base/bytes.ts';
import type { Endpoint } from '../../src/client/exchange.ts';

/** One accepted connection, as a situation sees it. */
export interface Peer {
  readonly socket: Socket<Peer>;
  /** From 1, in the order of their arrival. */
  readonly number: number;
  /** All that was received, Latin-1; a situation may cut off what it has dealt with. */
  text: string;
  /** Heads (with content, if they announce any) that came whole. */
  requests: number;
}

export interface Situation {
  /** A connection was accepted. */
  open?(peer: Peer): void;
  /** A whole request came, `text` being its bytes. */
  request?(peer: Peer, text: string): void;
  /** Any bytes came; with this, `request` is never called. */
  data?(peer: Peer): void;
  /** The client's FIN. */
  ended?(): void;
  /** A connection is gone. */
  closed?(error: Error | undefined): void;
}

export interface RawServer extends Disposable {
  readonly endpoint: Endpoint;
  readonly port: number;
  /** How many connections were accepted. */
  readonly accepted: number;
  /** Every whole request, in order. */
  readonly requests: readonly string[];
  /** Stops listening and drops every connection. */
  stop(): void;
}

/** Listens on the loopback address, on a free port unless one is given, and plays `situation`. */
export function rawServer(situation: Situation, listenPort = 0): RawServer {
  let accepted = 0;
  const requests: string[] = [];
  const listener = Bun.listen<Peer>({
    hostname: '127.0.0.1',
    port: listenPort,
    allowHalfOpen: true,
    socket: {
      open(socket) {
        accepted += 1;
        socket.data = { socket, number: accepted, text: '', requests: 0 };
        situation.open?.(socket.data);
      },
      data(socket, bytes) {
        const peer = socket.data;
        peer.text += latin1Text(bytes);
        if (situation.data !== undefined) {
          situation.data(peer);
          return;
        }
        for (let text = takeRequest(peer); text !== undefined; text = takeRequest(peer)) {
          requests.push(text);
          peer.requests += 1;
          situation.request?.(peer, text);
        }
      },
      end(socket) {
        situation.ended?.();
        socket.end();
      },
      close(_socket, error) {
        situation.closed?.(error);
      },
      error(_socket, error) {
        queueMicrotask(() => {
          throw error;
        });
      },
    },
  });
  const { port } = listener;
  return {
    endpoint: { host: '127.0.0.1', port, authority: `127.0.0.1:${port}` },
    port,
    get accepted() {
      return accepted;
    },
    requests,
    stop: () => listener.stop(true),
    [Symbol.dispose]: () => listener.stop(true),
  };
}

function takeRequest(peer: Peer): string | undefined {
  const headEnd = peer.text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const length = /^content-length: *(\d+)/im.exec(peer.text.slice(0, headEnd))?.[1] ?? '0';
  const end = headEnd + 4 + Number(length);
  if (peer.text.length < end) return undefined;
  const text = peer.text.slice(0, end);
  peer.text = peer.text.slice(end);
  return text;
}

/** A port at which nothing listens: it was free a moment ago. */
export function freePort(): number {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } });
  const { port } = listener;
  listener.stop(true);
  return port;
}

/** Waits until `condition` holds, a turn of the event loop at a time, for two seconds at most. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 2_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
