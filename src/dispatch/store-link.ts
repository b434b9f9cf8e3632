/** Main's side of one store worker: its thread, its state, and the batch that it has. */

import { assert } from '../base/assert.ts';
import { startThread, type Thread } from '../base/thread.ts';
import { FileMarks } from '../model/file-marks.ts';
import type {
  MainToStore,
  StoreOptions,
  StoreToMain,
  StoreWorkerData,
  WorkerId,
} from '../model/messages.ts';
import type { OperationId } from '../model/operation.ts';
import { packOperations } from '../model/packing.ts';
import type { Job } from './job.ts';
import { Slab } from './slab.ts';
import type { Fetch, StreamSource } from './streams.ts';

/** What the pool hears from a store worker. */
export interface StoreOwner {
  fromStore(link: StoreLink, message: StoreToMain): void;
  storeThrew(link: StoreLink, text: string): void;
  storeExited(link: StoreLink): void;
}

/**
 * `starting` → `idle` ⇄ `running` → `leaving` → `gone`. A link that is `leaving` was terminated: it
 * gets no more jobs, but until it is `gone` its thread may still do what it was at.
 */
export type StoreState = 'starting' | 'idle' | 'running' | 'leaving' | 'gone';

export interface StoreStart {
  readonly id: WorkerId;
  /** 1-based number of the slot that it works in. */
  readonly slot: number;
  readonly url: URL;
  readonly store: StoreOptions;
  /** The worker's end of its port to the commit worker. */
  readonly commit: MessagePort;
  readonly nowMs: number;
}

export class StoreLink implements StreamSource {
  readonly id: WorkerId;
  readonly slot: number;
  readonly thread: Thread<MainToStore>;
  state: StoreState = 'starting';
  /** When it entered the state that has a deadline: its start, or its batch. */
  sinceMs: number;
  /** Jobs of the batch in flight that have no outcome yet. */
  readonly batch = new Map<OperationId, Job>();
  /**
   * How long the batch in flight may take, as a part of a job's deadline. Half, where jobs share it
   * or are tried again: those that only sat beside the one that hangs need the other half.
   */
  deadlinePart = 1;
  /** What it threw, for the log. */
  threw: string | undefined;
  /** The jobs of the batch in flight as the worker numbers them. */
  #order: readonly Job[] = [];
  readonly #progress: Int32Array;
  readonly slab = new Slab<Fetch>();
  /** What it has open. When it is `gone`, that is main's to close. */
  readonly files: FileMarks;

  constructor(start: StoreStart, owner: StoreOwner) {
    const { id, slot, store, commit } = start;
    this.id = id;
    this.slot = slot;
    this.sinceMs = start.nowMs;
    const progress = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    this.#progress = new Int32Array(progress).fill(-1);
    const files = FileMarks.memory();
    this.files = new FileMarks(files);
    const slab = this.slab.memory;
    const data: StoreWorkerData = { worker: id, store, commit, progress, files, slab };
    const name = `store ${slot}`;
    this.thread = startThread<MainToStore, StoreToMain>(start.url, name, data, [commit], {
      message: (message) => owner.fromStore(this, message),
      error: (text) => owner.storeThrew(this, text),
      exit: () => owner.storeExited(this),
    });
  }

  post(message: MainToStore): void {
    this.thread.post(message);
  }

  /** Whether this job is the one that it is at: the one that hangs, or that killed it. */
  isAt(job: Job): boolean {
    return this.#order[Atomics.load(this.#progress, 0)] === job;
  }

  /** Gives it a batch; it must be idle. */
  run(jobs: readonly Job[], nowMs: number): void {
    assert(this.state === 'idle', `a batch for a worker that is ${this.state}`);
    assert(jobs.length > 0, 'an empty batch');
    const isFirstTry = jobs.every((job) => job.tries === 0);
    this.deadlinePart = jobs.length === 1 && isFirstTry ? 1 : 0.5;
    this.#order = jobs;
    for (const job of jobs) {
      job.tries += 1;
      if (job.kind === 'edit') job.isSent = true;
      this.batch.set(job.operation.id, job);
    }
    this.state = 'running';
    this.sinceMs = nowMs;
    this.post({ kind: 'jobs', jobs: packOperations(jobs.map((job) => job.operation)) });
  }
}
