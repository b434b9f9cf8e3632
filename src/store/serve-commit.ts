/**
 * The commit worker's loop: publishes the edits that store workers hand over, and answers them. All
 * that came while one group was published makes the next one, so the busier it is, the more edits
 * share the cost of a sync.
 */

import { assert, unreachable } from '../base/assert.ts';
import { type OwnerPort, takePosted } from '../base/own-thread.ts';
import type {
  CommitToMain,
  MainToCommit,
  PreparedEdit,
  StoreToCommit,
  WorkerId,
} from '../model/messages.ts';
import { packOutcomes } from '../model/packing.ts';
import { unpackPrepared } from '../model/prepared-packing.ts';
import type { Publisher } from './store.ts';
import { TransferList } from './transfer.ts';

/**
 * Serves `port` until it is told to stop, and says `ready` first.
 *
 * @param announce says where the root is served, once that is known
 */
export function serveCommit(
  port: OwnerPort<MainToCommit>,
  publisher: Publisher,
  foldsCase = false,
  announce: (url: string) => void = () => {},
): void {
  const loop = new CommitLoop(port, publisher, announce);
  port.on('message', (message) => loop.take(message));
  port.postMessage({ kind: 'ready', foldsCase } satisfies CommitToMain);
  loop.tellFailure();
}

class CommitLoop {
  readonly #ports = new Map<WorkerId, MessagePort>();
  /** What the next group is made of. */
  #waiting: PreparedEdit[] = [];
  #isGroupPlanned = false;
  #isFailureTold = false;

  constructor(
    readonly port: OwnerPort<MainToCommit>,
    readonly publisher: Publisher,
    readonly announce: (url: string) => void,
  ) {}

  take(message: MainToCommit): void {
    switch (message.kind) {
      case 'attach':
        this.#attach(message.worker, message.port);
        break;
      case 'exited':
        this.#drain(message.worker);
        this.#publish();
        this.#post({ kind: 'settled', worker: message.worker }, []);
        break;
      case 'serving':
        this.announce(message.url);
        break;
      case 'stop':
        for (const worker of [...this.#ports.keys()]) this.#drain(worker);
        this.#publish();
        this.port.close();
        break;
      default:
        unreachable(message);
    }
  }

  #attach(worker: WorkerId, port: MessagePort): void {
    assert(!this.#ports.has(worker), `worker ${worker} was attached twice`);
    this.#ports.set(worker, port);
    port.onmessage = ({ data }: { data: StoreToCommit }) => {
      // After `settled` nothing of a worker may be published, whatever may still arrive.
      if (this.#ports.has(worker)) this.#take(unpackPrepared(data.edits));
    };
  }

  /**
   * Takes what a worker that is gone had handed over, and forgets the worker. What it posted lies
   * in the port, for a message is there whole or not at all, so the port is emptied at once: there
   * is no event that would tell of its last message.
   */
  #drain(worker: WorkerId): void {
    const port = this.#ports.get(worker);
    if (port === undefined) return;
    for (;;) {
      const message = takePosted<StoreToCommit>(port);
      if (message === undefined) break;
      this.#waiting.push(...unpackPrepared(message.edits));
    }
    this.#ports.delete(worker);
    port.close();
  }

  /** The group begins when the messages of all workers that came with this one were taken. */
  #take(edits: readonly PreparedEdit[]): void {
    this.#waiting.push(...edits);
    if (this.#isGroupPlanned) return;
    this.#isGroupPlanned = true;
    setImmediate(() => {
      this.#isGroupPlanned = false;
      this.#publish();
    });
  }

  /**
   * Publishes all that waits. A publisher that throws ends this thread, and main takes every edit
   * that is not answered for unknown.
   */
  #publish(): void {
    const group = this.#waiting;
    this.#waiting = [];
    if (group.length === 0) return;
    const outcomes = this.publisher.publish(group);
    this.tellFailure();
    const transfer = new TransferList();
    const pack = transfer.givePack(packOutcomes(outcomes));
    this.#post({ kind: 'outcomes', outcomes: pack }, transfer.buffers);
  }

  /** Before the answers: whoever gets one finds in the log why there is no other. */
  tellFailure(): void {
    const { failure } = this.publisher;
    if (failure === undefined || this.#isFailureTold) return;
    this.#isFailureTold = true;
    this.#post({ kind: 'read-only', detail: failure }, []);
  }

  #post(message: CommitToMain, transfer: ArrayBuffer[]): void {
    this.port.postMessage(message, transfer);
  }
}
