/** The requests of one connection that were read and not answered in full, in order of arrival. */

import type { Respond } from '../app/response.ts';
import type { Exchange } from './exchange.ts';

export class ExchangeQueue {
  readonly #exchanges: Exchange[] = [];

  get length(): number {
    return this.#exchanges.length;
  }

  get first(): Exchange | undefined {
    return this.#exchanges[0];
  }

  get last(): Exchange | undefined {
    return this.#exchanges.at(-1);
  }

  /** Bytes of content that came with them. */
  get contentBytes(): number {
    let bytes = 0;
    for (const exchange of this.#exchanges) bytes += exchange.contentBytes;
    return bytes;
  }

  push(exchange: Exchange): void {
    this.#exchanges.push(exchange);
  }

  /** Drops the first, which is done. */
  shift(): void {
    this.#exchanges.shift();
  }

  takeAll(): Exchange[] {
    return this.#exchanges.splice(0);
  }

  /**
   * Starts what may start. Reads run side by side; a write waits for everything before it and holds
   * back everything after it, so that a client always reads its own writes (RFC 9112 9.3.2).
   */
  start(respondTo: (exchange: Exchange) => Respond): void {
    let allSettled = true;
    for (const exchange of this.#exchanges) {
      const { at } = exchange.state;
      const first = exchange === this.first;
      if ((at === 'ready' && (exchange.safe || allSettled)) || (at === 'deferred' && first)) {
        exchange.start(respondTo(exchange));
      }
      if (exchange.settled) continue;
      if (!exchange.safe) return;
      allSettled = false;
    }
  }
}
