/** The commit worker's side of the settle worker: starts it, asks it, and hears how it went. */

import { assert, unreachable } from '../../base/assert.ts';
import { startThread, type Thread } from '../../base/thread.ts';
import type { CommitToSettler, SettlerToCommit, SettleWorkerData } from '../../model/messages.ts';

export interface Settler {
  /**
   * Syncs the root's file system: `settled` is heard once all is on disk that was written before
   * this call. One at a time. After a failure, and when it is closed, it does nothing.
   */
  settle(): void;
  /** Ends the thread, and nothing is heard any more. May be called again. */
  close(): void;
  /** Resolves when the thread has ended: behind the sync that it is at, if it is. */
  readonly exited: Promise<void>;
}

/** What the commit worker hears; a group may be under way, and waits for its sync. */
export interface SettlerOwner {
  settled(): void;
  /**
   * A sync failed, or the thread was lost: nothing is settled any more. Told once; `detail` goes
   * behind the caller's own words.
   */
  failed(detail: string): void;
}

/**
 * Starts the thread. It ends with the thread that started it, however that ends, and that one can
 * end only with it: whoever wants to exit closes it.
 *
 * @param url the thread's entry point
 */
export function startSettler(url: URL, data: SettleWorkerData, owner: SettlerOwner): Settler {
  return new SettlerLink(url, data, owner);
}

class SettlerLink implements Settler {
  readonly #owner: SettlerOwner;
  readonly #thread: Thread<CommitToSettler>;
  #state: 'idle' | 'settling' | 'failed' | 'closed' = 'idle';
  #detail = 'its thread ended';

  constructor(url: URL, data: SettleWorkerData, owner: SettlerOwner) {
    this.#owner = owner;
    this.#thread = startThread<CommitToSettler, SettlerToCommit>(url, 'settle', data, [], {
      message: (message) => this.#take(message),
      error: (text) => {
        this.#detail = text;
        // What it threw ends it; asked again, in case that it does not.
        this.#thread.terminate();
      },
      exit: () => this.#fail(`the thread for it was lost: ${this.#detail}`),
    });
  }

  get exited(): Promise<void> {
    return this.#thread.exited;
  }

  settle(): void {
    if (this.#state === 'failed' || this.#state === 'closed') return;
    assert(
      this.#state === 'idle',
      'one settling at a time: which of two is over, nobody could tell',
    );
    this.#state = 'settling';
    this.#thread.post({ kind: 'settle' });
  }

  close(): void {
    if (this.#state !== 'failed') this.#state = 'closed';
    // A thread that has failed is stopped here too, and one that is gone is told nothing.
    this.#thread.post({ kind: 'stop' });
  }

  #take(message: SettlerToCommit): void {
    switch (message.kind) {
      case 'settled':
        if (this.#state !== 'settling') return;
        this.#state = 'idle';
        this.#owner.settled();
        break;
      case 'settling-failed':
        this.#fail(message.detail);
        break;
      default:
        unreachable(message);
    }
  }

  #fail(detail: string): void {
    if (this.#state === 'failed' || this.#state === 'closed') return;
    this.#state = 'failed';
    // A sync after one that failed may say yes to data that is lost.
    this.#thread.post({ kind: 'stop' });
    this.#owner.failed(detail);
  }
}
