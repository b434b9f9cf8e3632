/** A client that wants a small page again and again, and measures how long it waits for it. */

import { systemClock } from '../src/base/clock.ts';
import { createClient } from '../src/client/http-client.ts';

/** Between two requests: an honest client is no load. */
const PAUSE_MS = 5;
/** So many requests on one connection, then a new one: accepting is a part of serving. */
const REQUESTS_PER_CONNECTION = 10;
const TIMEOUT_MS = 10_000;

export interface Served {
  readonly asked: number;
  /** Answered with 200. */
  readonly served: number;
  /** Waiting times of all, milliseconds, the failed ones too. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export class Honest {
  readonly #authority: string;
  readonly #times: number[] = [];
  #served = 0;
  #stopped = false;
  readonly #running: Promise<void>;

  constructor(readonly port: number) {
    this.#authority = `127.0.0.1:${port}`;
    this.#running = this.#run();
  }

  /** Ends after the request that runs. */
  async stop(): Promise<Served> {
    this.#stopped = true;
    await this.#running;
    const sorted = this.#times.toSorted((a, b) => a - b);
    const at = (part: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
    return { asked: sorted.length, served: this.#served, p50Ms: at(0.5), p99Ms: at(0.99) };
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const endpoint = { host: '127.0.0.1', port: this.port, authority: this.#authority };
      const client = createClient(endpoint, { clock: systemClock, timeoutMs: TIMEOUT_MS });
      for (let n = 0; n < REQUESTS_PER_CONNECTION && !this.#stopped; n += 1) {
        const startedMs = performance.now();
        const fields = [['Host', this.#authority]] as const;
        const answer = await client.exchange({ method: 'GET', target: '/honest.html', fields });
        this.#times.push(performance.now() - startedMs);
        if (answer.kind === 'completed' && answer.head.status === 200) this.#served += 1;
        await Bun.sleep(PAUSE_MS);
      }
      client.close();
    }
  }
}
