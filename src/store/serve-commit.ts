/**
 * The commit worker's loop: publishes the edits that store workers hand over, and small ones that
 * it prepares itself, and answers them. All that came while one group was published makes the next
 * one, so the busier it is, the more edits share the cost of a sync; what comes while the disk
 * syncs is prepared meanwhile.
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
import type { EditOperation, EditOutcome, Operation, OperationId } from '../model/operation.ts';
import { packOutcomes, unpackOperations } from '../model/packing.ts';
import { unpackPrepared } from '../model/prepared-packing.ts';
import { groupEditsMax, type Publisher, publishLater, type SmallEdits } from './store.ts';
import { TransferList } from './transfer.ts';

export interface CommitSeams {
  /** Prepares small edits; without it main is told to send none. */
  readonly smallEdits?: SmallEdits;
  readonly foldsCase?: boolean;
  /** Says where the root is served, once that is known. */
  readonly announce?: (url: string) => void;
}

/** Serves `port` until it is told to stop, and says `ready` first. */
export function serveCommit(
  port: OwnerPort<MainToCommit>,
  publisher: Publisher,
  seams: CommitSeams = {},
): void {
  const loop = new CommitLoop(port, publisher, seams);
  port.on('message', (message) => loop.take(message));
  const { foldsCase = false, smallEdits } = seams;
  const prepares = smallEdits !== undefined;
  port.postMessage({ kind: 'ready', foldsCase, prepares } satisfies CommitToMain);
  loop.tellFailure();
}

/** What is done once the edits that were there before it are answered. */
interface Afterwards {
  /** So many edits were there. */
  readonly taken: number;
  run(): void;
}

class CommitLoop {
  readonly #ports = new Map<WorkerId, MessagePort>();
  /** To be prepared, in order of arrival. */
  #jobs: EditOperation[] = [];
  /** What the next groups are made of. */
  readonly #waiting: PreparedEdit[] = [];
  readonly #afterwards: Afterwards[] = [];
  /** Edits that were ever among the waiting, and those of them that are answered. */
  #taken = 0;
  #answered = 0;
  #isPublishing = false;
  #isTurnPlanned = false;
  #isFailureTold = false;

  constructor(
    readonly port: OwnerPort<MainToCommit>,
    readonly publisher: Publisher,
    readonly seams: CommitSeams,
  ) {}

  take(message: MainToCommit): void {
    switch (message.kind) {
      case 'jobs':
        this.#jobs.push(...unpackOperations(message.jobs).filter(isEdit));
        this.#planTurn();
        break;
      case 'attach':
        this.#attach(message.worker, message.port);
        break;
      case 'exited':
        this.#drain(message.worker);
        this.#afterAll(() => this.#post({ kind: 'settled', worker: message.worker }));
        break;
      case 'serving':
        this.seams.announce?.(message.url);
        break;
      case 'stop':
        for (const worker of [...this.#ports.keys()]) this.#drain(worker);
        this.#prepareAll();
        this.#afterAll(() => this.port.close());
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
      if (!this.#ports.has(worker)) return;
      this.#wait(unpackPrepared(data.edits));
      this.#planTurn();
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
      this.#wait(unpackPrepared(message.edits));
    }
    this.#ports.delete(worker);
    port.close();
  }

  #wait(edits: readonly PreparedEdit[]): void {
    this.#waiting.push(...edits);
    this.#taken += edits.length;
  }

  #afterAll(run: () => void): void {
    this.#afterwards.push({ taken: this.#taken, run });
    this.#planTurn();
  }

  /** It comes when the messages of all threads that came with this one were taken. */
  #planTurn(): void {
    if (this.#isTurnPlanned) return;
    this.#isTurnPlanned = true;
    setImmediate(() => {
      this.#isTurnPlanned = false;
      this.#takeTurn();
    });
  }

  #takeTurn(): void {
    if (!this.#isPublishing) {
      this.#prepare(this.#jobs.splice(0, groupEditsMax - this.#waiting.length));
      this.#publish();
    }
    // Beside the sync, if one was begun.
    this.#prepareAll();
    this.#runAfterwards();
  }

  #runAfterwards(): void {
    for (;;) {
      const next = this.#afterwards[0];
      if (next === undefined || next.taken > this.#answered) return;
      this.#afterwards.shift();
      next.run();
    }
  }

  #prepareAll(): void {
    const jobs = this.#jobs;
    this.#jobs = [];
    this.#prepare(jobs);
  }

  /** What comes to nothing is answered at once. */
  #prepare(jobs: readonly EditOperation[]): void {
    if (jobs.length === 0) return;
    const outcomes: EditOutcome[] = [];
    const declined: OperationId[] = [];
    for (const job of jobs) {
      const end = this.#prepareOne(job);
      if (end === 'declined') declined.push(job.id);
      else if ('change' in end) this.#wait([end]);
      else outcomes.push(end);
    }
    if (outcomes.length > 0) this.#answer(outcomes);
    if (declined.length > 0) this.#post({ kind: 'declined', ids: declined });
  }

  /** What throws here is a bug: the store worker that is asked next reports it. */
  #prepareOne(job: EditOperation): EditOutcome | PreparedEdit | 'declined' {
    try {
      return this.seams.smallEdits?.prepareSmall(job) ?? 'declined';
    } catch {
      return 'declined';
    }
  }

  /**
   * Publishes the next group. A publisher that throws ends this thread, and main takes every edit
   * that is not answered for unknown.
   */
  #publish(): void {
    const group = this.#waiting.splice(0, groupEditsMax);
    if (group.length === 0) return;
    this.#isPublishing = true;
    publishLater(this.publisher, group, (outcomes) => {
      this.#isPublishing = false;
      this.#answered += group.length;
      this.tellFailure();
      this.#answer(outcomes);
      this.#planTurn();
    });
  }

  #answer(outcomes: readonly EditOutcome[]): void {
    const transfer = new TransferList();
    const pack = transfer.givePack(packOutcomes(outcomes));
    this.#post({ kind: 'outcomes', outcomes: pack }, transfer.buffers);
  }

  /** Before the answers: whoever gets one finds in the log why there is no other. */
  tellFailure(): void {
    const { failure } = this.publisher;
    if (failure === undefined || this.#isFailureTold) return;
    this.#isFailureTold = true;
    this.#post({ kind: 'read-only', detail: failure });
  }

  #post(message: CommitToMain, transfer: ArrayBuffer[] = []): void {
    this.port.postMessage(message, transfer);
  }
}

function isEdit(operation: Operation): operation is EditOperation {
  return operation.kind === 'edit';
}
