/**
 * A store worker's loop: takes batches of jobs, has an executor do them, and holds the files of
 * streams open.
 */

import { unreachable } from '../base/assert.ts';
import type { OwnerPort } from '../base/own-thread.ts';
import type {
  MainToStore,
  PreparedEdit,
  StoreToCommit,
  StoreToMain,
  StoreWorkerData,
} from '../model/messages.ts';
import {
  type EditOutcome,
  type Operation,
  type OperationId,
  type Outcome,
  type ReadOutcome,
  refused,
  type StreamId,
} from '../model/operation.ts';
import { packOutcomes, unpackOperations } from '../model/packing.ts';
import { packPrepared } from '../model/prepared-packing.ts';
import { unpublished } from './keyed-edits.ts';
import type { Executor, OpenContent } from './store.ts';
import { TransferList } from './transfer.ts';

/** What a job left: an outcome for main, or an edit for the commit worker. */
type JobEnd = { readonly outcome: Outcome } | { readonly prepared: PreparedEdit };

/**
 * Serves `port` until it is told to stop, and says `ready` first. The bytes that the executor
 * returns are given away: it must not use them again.
 */
export function serveStore(
  port: OwnerPort<MainToStore>,
  data: StoreWorkerData,
  executor: Executor,
): StoreLoop {
  const loop = new StoreLoop(port, data, executor);
  port.on('message', (message) => loop.take(message));
  port.postMessage({ kind: 'ready' } satisfies StoreToMain);
  return loop;
}

/** Where the loop answers: the part of a port that it uses. */
export interface StoreOutlet {
  postMessage(message: StoreToMain, transfer: ArrayBuffer[]): void;
  close(): void;
}

export class StoreLoop {
  readonly #streams = new Map<StreamId, OpenContent>();
  readonly #progress: Int32Array;

  constructor(
    readonly outlet: StoreOutlet,
    readonly data: StoreWorkerData,
    readonly executor: Executor,
  ) {
    this.#progress = new Int32Array(data.progress);
  }

  take(message: MainToStore): void {
    switch (message.kind) {
      case 'jobs':
        this.#doBatch(unpackOperations(message.jobs));
        break;
      case 'fill':
        this.#fill(message);
        break;
      case 'close':
        this.#endStream(message.stream);
        break;
      case 'stop':
        this.close();
        this.data.commit.close();
        this.outlet.close();
        break;
      default:
        unreachable(message);
    }
  }

  /** Closes what is open. Only when main reads none of it any more. */
  close(): void {
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
  }

  #doBatch(jobs: readonly Operation[]): void {
    const outcomes: Outcome[] = [];
    const edits: PreparedEdit[] = [];
    const handed: OperationId[] = [];
    for (const [index, job] of jobs.entries()) {
      Atomics.store(this.#progress, 0, index);
      const end = this.#doJob(job);
      if ('outcome' in end) {
        outcomes.push(end.outcome);
      } else {
        edits.push(end.prepared);
        handed.push(end.prepared.id);
      }
    }
    Atomics.store(this.#progress, 0, -1);
    // First to the commit worker: when main hears that an edit was handed over, that is so.
    if (edits.length > 0) {
      const transfer = new TransferList();
      const pack = transfer.givePack(packPrepared(edits));
      const message: StoreToCommit = { kind: 'prepared', edits: pack };
      this.data.commit.postMessage(message, transfer.buffers);
    }
    const transfer = new TransferList();
    const pack = transfer.givePack(packOutcomes(outcomes));
    this.#post({ kind: 'done', outcomes: pack, handed }, transfer);
  }

  /** Does one job; what it throws is a bug, and costs this job alone. */
  #doJob(job: Operation): JobEnd {
    try {
      if (job.kind === 'read') {
        const { outcome, stream } = this.executor.read(job);
        return {
          outcome: stream === undefined ? outcome : this.#keepOpen(job.id, stream, outcome),
        };
      }
      const end = this.executor.prepare(job);
      return endOf(end);
    } catch (error) {
      this.#reportBug(error);
      const bug = refused('internal-error');
      if (job.kind === 'read') return { outcome: { kind: 'read', id: job.id, result: bug } };
      const results = job.edits.map(() => bug);
      return endOf(unpublished(job, results));
    }
  }

  /** Who comes when too many are open is told to come again: at the limit of files all ends. */
  #keepOpen(id: OperationId, stream: OpenContent, outcome: ReadOutcome): ReadOutcome {
    if (this.#streams.size >= this.data.store.openPagesMax) {
      stream.close();
      return { kind: 'read', id, result: refused('busy') };
    }
    this.#streams.set(id, stream);
    return outcome;
  }

  #fill({ stream: id, position, bytes, at }: Extract<MainToStore, { kind: 'fill' }>): void {
    const stream = this.#streams.get(id);
    const target = new Uint8Array(this.data.slab, at, bytes);
    const isFilled = stream !== undefined && this.#tryRead(stream, target, position);
    this.#post({ kind: isFilled ? 'filled' : 'not-filled', at });
  }

  #tryRead(stream: OpenContent, target: Uint8Array, position: number): boolean {
    try {
      return stream.tryRead(target, position);
    } catch (error) {
      this.#reportBug(error);
      return false;
    }
  }

  #endStream(id: StreamId): void {
    this.#streams.get(id)?.close();
    this.#streams.delete(id);
  }

  #reportBug(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#post({ kind: 'caught', text });
  }

  #post(message: StoreToMain, transfer?: TransferList): void {
    this.outlet.postMessage(message, transfer?.buffers ?? []);
  }
}

function endOf(end: EditOutcome | PreparedEdit): JobEnd {
  return 'change' in end ? { prepared: end } : { outcome: end };
}
