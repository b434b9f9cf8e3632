/** The commit worker's loop: publishes the edits that store workers hand over, and answers them. */

import { receiveMessageOnPort } from 'node:worker_threads';
import { assert, unreachable } from '../base/assert.ts';
import type { CommitToMain, MainToCommit, StoreToCommit, WorkerId } from '../model/messages.ts';
import type { EditOutcome } from '../model/operation.ts';
import type { Publisher } from './store.ts';
import { TransferList } from './transfer.ts';

/** Serves `port` until it is told to stop, and says `ready` first. */
export function serveCommit(port: MessagePort, publisher: Publisher, foldsCase = false): void {
  const loop = new CommitLoop(port, publisher);
  port.on('message', (message: MainToCommit) => loop.take(message));
  port.postMessage({ kind: 'ready', foldsCase } satisfies CommitToMain);
}

class CommitLoop {
  readonly #ports = new Map<WorkerId, MessagePort>();

  constructor(
    readonly port: MessagePort,
    readonly publisher: Publisher,
  ) {}

  take(message: MainToCommit): void {
    switch (message.kind) {
      case 'attach':
        this.#attach(message.worker, message.port);
        break;
      case 'exited':
        this.#drain(message.worker);
        this.#post({ kind: 'settled', worker: message.worker }, []);
        break;
      case 'stop':
        for (const worker of [...this.#ports.keys()]) this.#drain(worker);
        this.port.close();
        break;
      default:
        unreachable(message);
    }
  }

  #attach(worker: WorkerId, port: MessagePort): void {
    assert(!this.#ports.has(worker), `worker ${worker} was attached twice`);
    this.#ports.set(worker, port);
    port.on('message', (message: StoreToCommit) => {
      // After `settled` nothing of a worker may be published, whatever may still arrive.
      if (this.#ports.has(worker)) this.#publish(message);
    });
  }

  /**
   * Publishes what a worker that is gone had handed over, and forgets it. What it posted lies in
   * the port, for a message is there whole or not at all, so the port is emptied at once: there is
   * no event that would tell of its last message.
   */
  #drain(worker: WorkerId): void {
    const port = this.#ports.get(worker);
    if (port === undefined) return;
    for (;;) {
      const received: { message: StoreToCommit } | undefined = receiveMessageOnPort(port);
      if (received === undefined) break;
      this.#publish(received.message);
    }
    this.#ports.delete(worker);
    port.close();
  }

  #publish(message: StoreToCommit): void {
    const outcomes: EditOutcome[] = [];
    const transfer = new TransferList();
    try {
      for (const edit of message.edits) {
        const outcome = this.publisher.publish(edit);
        outcomes.push({ ...outcome, results: transfer.giveResults(outcome.results) });
      }
    } finally {
      // A publisher that throws ends this thread, and main takes every unanswered edit for unknown;
      // those that were published before are known, so they are answered on the way out.
      if (outcomes.length > 0) this.#post({ kind: 'outcomes', outcomes }, transfer.buffers);
    }
  }

  #post(message: CommitToMain, transfer: ArrayBuffer[]): void {
    this.port.postMessage(message, transfer);
  }
}
