/** The requests of one connection that were read and not answered in full, in order of arrival. */

import { contentBytes, type Respond } from '../app/response.ts';
import type { Exchange } from './exchange.ts';
import type { Underway } from './underway.ts';

export class ExchangeQueue {
  readonly #exchanges: Exchange[] = [];
  readonly #underway: Underway;

  constructor(underway: Underway) {
    this.#underway = underway;
  }

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

  /** Bytes of answers that wait for their turn. */
  get #answerBytes(): number {
    let bytes = 0;
    for (const { state } of this.#exchanges) {
      if (state.at === 'answered') bytes += contentBytes(state.response.content);
    }
    return bytes;
  }

  /**
   * Starts what may start. Reads run side by side; a write waits for everything before it and holds
   * back everything after it, so that a client always reads its own writes (RFC 9112 9.3.2).
   * One may always be under way; another beside it only while there is room in the whole server.
   * None starts while answers that the client has not taken fill the room for them.
   *
   * @param room bytes of answers that may be made
   * @param parallelMax requests that may run at once
   */
  start(respondTo: (exchange: Exchange) => Respond, room: number, parallelMax: number): void {
    let allSettled = true;
    let running = 0;
    for (const exchange of this.#exchanges) {
      const { at } = exchange.state;
      const first = exchange === this.first;
      // The first waits for nobody's answer but what is being sent: all others wait for it.
      if (room <= 0 || (!first && (running >= parallelMax || this.#answerBytes >= room))) return;
      // When the one before it has its outcome, this is looked at again.
      if (at === 'ready' && !allSettled && !this.#underway.hasRoom) return;
      if ((at === 'ready' && (exchange.safe || allSettled)) || (at === 'deferred' && first)) {
        exchange.start(this.#underway.counted(respondTo(exchange)));
      }
      if (exchange.settled) continue;
      running += 1;
      if (!exchange.safe) return;
      allSettled = false;
    }
  }
}
