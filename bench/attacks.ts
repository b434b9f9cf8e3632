/**
 * Hostile clients, each kind a function: it holds up its connections until the time is over. Run as
 * a process of its own, so that it cannot slow the honest client that is measured beside it:
 *
 *   bun bench/attacks.ts NAME PORT SECONDS SCALE     (SCALE 1: as many clients as the table says)
 */

import { randomBytes } from 'node:crypto';
import type { Socket } from 'bun';

/** Between two bytes of a slow client. */
const DRIP_MS = 100;
/** Connections of a storm that are under way at once. */
const STORM_WIDTH = 50;
/** A connection that is refused is tried again after this, so that the attacker does not spin. */
const RETRY_MS = 20;
/** Connections that are opened in one go; more would overflow the queue of those not accepted. */
const OPEN_AT_ONCE = 100;

export interface Attack {
  readonly name: string;
  readonly title: string;
  readonly run: (target: Target) => Promise<void>;
}

/** What an attack is let loose on, and what it counts. */
export class Target {
  /** Connections that were made. */
  opened = 0;
  readonly #endMs: number;

  constructor(
    readonly port: number,
    seconds: number,
    readonly scale: number,
  ) {
    this.#endMs = performance.now() + seconds * 1_000;
  }

  get over(): boolean {
    return performance.now() >= this.#endMs;
  }

  /** So many clients, at this scale. */
  count(clients: number): number {
    return Math.max(1, Math.round(clients * this.scale));
  }

  /** Resolves when the connection has ended, or the time has; `undefined` when there was none. */
  async connect(handlers: {
    readonly open?: (socket: Socket) => void;
    readonly drain?: (socket: Socket) => void;
  }): Promise<Socket | undefined> {
    const { promise, resolve } = Promise.withResolvers<void>();
    try {
      const socket = await Bun.connect({
        hostname: '127.0.0.1',
        port: this.port,
        socket: {
          data: () => {},
          drain: (drained) => handlers.drain?.(drained),
          close: () => resolve(),
          error: () => resolve(),
        },
      });
      this.opened += 1;
      handlers.open?.(socket);
      await Promise.race([promise, Bun.sleep(Math.ceil(this.#endMs - performance.now()) + 1)]);
      return socket;
    } catch {
      await Bun.sleep(RETRY_MS);
      return undefined;
    }
  }
}

/** As many clients as `clients` at this scale, each of which begins anew when it was cut off. */
async function keepUp(
  target: Target,
  clients: number,
  one: (target: Target) => Promise<unknown>,
): Promise<void> {
  const lanes = Array.from({ length: target.count(clients) }, async (_, lane) => {
    await Bun.sleep(Math.floor(lane / OPEN_AT_ONCE) * RETRY_MS);
    while (!target.over) await one(target);
  });
  await Promise.all(lanes);
}

/** Sends `start`, then a byte of `x` at a time. */
async function drip(target: Target, start: string): Promise<void> {
  let timer: Timer | undefined;
  await target.connect({
    open: (socket) => {
      socket.write(start);
      timer = setInterval(() => socket.write('x'), DRIP_MS);
    },
  });
  clearInterval(timer);
}

/** Sends the same again and again, as fast as it is taken, and reads nothing. */
async function flood(target: Target, bytes: Uint8Array): Promise<void> {
  let rest = bytes;
  const send = (socket: Socket): void => {
    for (;;) {
      const taken = socket.write(rest);
      if (taken < 0) return;
      rest = taken === rest.length ? bytes : rest.subarray(taken);
      if (taken === 0 || rest !== bytes) return;
    }
  };
  await target.connect({
    open: (socket) => {
      socket.pause();
      send(socket);
    },
    drain: send,
  });
}

const GET = 'GET /test.html HTTP/1.1\r\nHost: localhost\r\n\r\n';
const PUT = 'PUT /test.html HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n';

export const attacks: readonly Attack[] = [
  {
    name: 'slow-heads',
    title: '200 clients send a head, a byte every 100 ms',
    run: (target) => keepUp(target, 200, () => drip(target, 'GET /')),
  },
  {
    name: 'slow-content',
    title: '200 clients send content, a byte every 100 ms',
    run: (target) => keepUp(target, 200, () => drip(target, PUT)),
  },
  {
    name: 'no-readers',
    title: '100 clients ask for 20 MB and read nothing',
    run: (target) =>
      keepUp(target, 100, () =>
        target.connect({
          open: (socket) => {
            socket.pause();
            socket.write(GET.replace('test.html', 'large.bin'));
          },
        }),
      ),
  },
  {
    name: 'idle',
    title: '5,000 connections that send nothing',
    run: (target) => keepUp(target, 5_000, () => target.connect({})),
  },
  {
    name: 'resets',
    title: '20,000 times half a request, then a reset',
    run: async (target) => {
      let left = target.count(20_000);
      const lanes = Array.from({ length: STORM_WIDTH }, async () => {
        while (left > 0 && !target.over) {
          left -= 1;
          await target.connect({
            open: (socket) => {
              socket.write(GET.slice(0, 30));
              // A turn later, so that half of them are read before the reset comes.
              setImmediate(() => socket.terminate());
            },
          });
        }
      });
      await Promise.all(lanes);
    },
  },
  {
    name: 'pipelines',
    title: '100 clients ask as fast as they can and read nothing',
    run: (target) => {
      const bytes = new TextEncoder().encode(GET.repeat(1_000));
      return keepUp(target, 100, () => flood(target, bytes));
    },
  },
  {
    name: 'garbage',
    title: '50 clients send random bytes',
    run: (target) =>
      keepUp(target, 50, () =>
        target.connect({ open: (socket) => socket.write(randomBytes(4_096)) }),
      ),
  },
];

if (import.meta.main) {
  const [name, port, seconds, scale] = process.argv.slice(2);
  const attack = attacks.find((one) => one.name === name);
  if (attack === undefined) throw new Error(`there is no attack ${name}`);
  const target = new Target(Number(port), Number(seconds), Number(scale));
  await attack.run(target);
  process.stdout.write(`${target.opened}\n`);
  // What is still open ends with the process, as when an attacker is cut off.
  process.exit(0);
}
