/** Main's side of one store worker: its thread, its state, and the batch that it has. */

import { assert } from '../base/assert.ts';
import type { MainToStore, StoreOptions, StoreToMain, WorkerId } from '../model/messages.ts';
import type { OperationId } from '../model/operation.ts';
import type { Job } from './job.ts';
import type { StreamSource } from './streams.ts';
import { startThread, type Thread } from './thread.ts';

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
  /** Whether the batch began with several jobs, so that it is unknown which of them hangs or kills. */
  isShared = false;
  /** What it threw, for the log. */
  threw: string | undefined;

  constructor(start: StoreStart, owner: StoreOwner) {
    const { id, slot, store, commit } = start;
    this.id = id;
    this.slot = slot;
    this.sinceMs = start.nowMs;
    this.thread = startThread<MainToStore, StoreToMain>(
      start.url,
      { worker: id, store, commit },
      [commit],
      {
        message: (message) => owner.fromStore(this, message),
        error: (text) => owner.storeThrew(this, text),
        exit: () => owner.storeExited(this),
      },
    );
  }

  post(message: MainToStore): void {
    this.thread.post(message);
  }

  /** Gives it a batch; it must be idle. */
  run(jobs: readonly Job[], nowMs: number): void {
    assert(this.state === 'idle', `a batch for a worker that is ${this.state}`);
    assert(jobs.length > 0, 'an empty batch');
    for (const job of jobs) {
      job.tries += 1;
      if (job.kind === 'edit') job.isSent = true;
      this.batch.set(job.operation.id, job);
    }
    this.state = 'running';
    this.isShared = jobs.length > 1;
    this.sinceMs = nowMs;
    this.post({ kind: 'jobs', jobs: jobs.map((job) => job.operation) });
  }
}
