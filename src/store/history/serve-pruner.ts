/**
 * The history worker's loop: works in slices, takes messages between them, and says every now and
 * then what is gone.
 */

import { assert, unreachable } from '../../base/assert.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import type { OwnerPort } from '../../base/own-thread.ts';
import type { CommitToHistory, HistoryToCommit } from '../../model/messages.ts';
import type { Pruner } from './pruner.ts';

/** How often it is said what is gone: each time the ledger is written to. */
export const reportPeriodMs = 1_000;

/** Pages of one report, some milliseconds of the commit thread; the others wait for the next. */
export const reportPagesMax = 1_000;

/** Serves `port` until it is told to stop. */
export function servePruner(port: OwnerPort<CommitToHistory>, pruner: Pruner, clock: Clock): void {
  const loop = new PrunerLoop(port, pruner, clock);
  port.on('message', (message) => loop.take(message));
  loop.plan();
}

class PrunerLoop {
  readonly #port: OwnerPort<CommitToHistory>;
  readonly #pruner: Pruner;
  readonly #clock: Clock;
  #isSlicePlanned = false;
  #isStopped = false;
  #report: Timer | undefined;

  constructor(port: OwnerPort<CommitToHistory>, pruner: Pruner, clock: Clock) {
    this.#port = port;
    this.#pruner = pruner;
    this.#clock = clock;
  }

  take(message: CommitToHistory): void {
    switch (message.kind) {
      case 'added':
        this.#add(message.files);
        break;
      case 'settled':
        this.#pruner.settled();
        break;
      case 'stop':
        this.#stop();
        return;
      default:
        unreachable(message);
    }
    this.plan();
  }

  /** Lets the next slice come after the messages that lie there already. */
  plan(): void {
    if (this.#isSlicePlanned || !this.#pruner.hasWork) return;
    this.#isSlicePlanned = true;
    setImmediate(() => {
      this.#isSlicePlanned = false;
      if (!this.#isStopped) this.#work();
    });
  }

  #add(files: Float64Array): void {
    assert(files.length % 3 === 0, `${files.length} numbers are no files of three each`);
    for (let at = 0; at < files.length; at += 3) {
      const page = files[at] ?? 0;
      this.#pruner.add({ page, revision: files[at + 1] ?? 0, bytes: files[at + 2] ?? 0 });
    }
  }

  #work(): void {
    if (this.#pruner.work() === 'scanned') this.#say({ kind: 'scanned' });
    if (this.#pruner.hasGone) this.#planReport();
    this.#sayLeft();
    this.plan();
  }

  #planReport(): void {
    this.#report ??= this.#clock.after(reportPeriodMs, () => {
      this.#report = undefined;
      this.#sayGone();
      if (this.#pruner.hasGone) this.#planReport();
    });
  }

  #sayGone(): void {
    const pages = this.#pruner.takeGone(reportPagesMax);
    if (pages.length > 0) this.#say({ kind: 'pruned', pages });
  }

  #sayLeft(): void {
    const left = this.#pruner.takeLeft();
    if (left !== undefined) this.#say({ kind: 'left', ...left });
  }

  /** One last report: the ledger takes no more of them in the time that a stop has. */
  #stop(): void {
    this.#isStopped = true;
    this.#report?.cancel();
    this.#sayGone();
    this.#port.close();
  }

  #say(message: HistoryToCommit): void {
    this.#port.postMessage(message);
  }
}
