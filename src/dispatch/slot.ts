/** A slot: the place of one store worker in the pool, and how soon it is filled again. */

import { restartDelayFirstMs, restartDelayMaxMs } from './limits.ts';
import type { StoreLink } from './store-link.ts';

export class Slot {
  link: StoreLink | undefined;
  /** Not filled before this. */
  restartAtMs = 0;
  /** Workers lost in a row, none of which finished a batch. */
  #losses = 0;

  /** @param number 1-based, as logs show it */
  constructor(readonly number: number) {}

  /** Empties the slot. The first replacement comes at once, the later ones ever more slowly. */
  lose(nowMs: number): void {
    const doublings = this.#losses - 1;
    const delayMs = doublings < 0 ? 0 : restartDelayFirstMs * 2 ** doublings;
    this.restartAtMs = nowMs + Math.min(delayMs, restartDelayMaxMs);
    this.#losses += 1;
    this.link = undefined;
  }

  /** The worker has finished a batch, so it is sound. */
  proveSound(): void {
    this.#losses = 0;
  }
}
