/**
 * The dispatcher: takes reads and edits, gives each a lock, a thread and a deadline, and answers.
 */

import { ownBytes } from '../base/bytes.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { RangeRequest } from '../model/byte-range.ts';
import type { Conditions } from '../model/conditions.ts';
import type { WatchFile } from '../model/file-watch.ts';
import type { InstantPages } from '../model/instant-page.ts';
import type { StoreOptions } from '../model/messages.ts';
import {
  type Edit,
  type EditResult,
  type OperationId,
  type ReadResult,
  refused,
  type StreamId,
} from '../model/operation.ts';
import { readInHand } from '../model/page-reading.ts';
import { type KeyBytes, keyOf, type ResourceKey } from '../model/resource-key.ts';
import { PageCache } from './cache/page-cache.ts';
import { type PageDone, PageReads } from './cache/page-reads.ts';
import { EditLines } from './edit-lines.ts';
import { type EditDone, EditRequest, refuseAll } from './edit-request.ts';
import type { DispatchEvent } from './events.ts';
import { EditJob, ReadJob } from './job.ts';
import {
  cachedPageBytesMax,
  type DispatchLimits,
  defaultDispatchLimits,
  sweepPeriodMaxMs,
  sweepsPerDeadline,
} from './limits.ts';
import { FifoLockTable, type LockTable } from './lock-table.ts';
import { Pool } from './pool.ts';
import type { StreamHandle, StreamReceiver } from './streams.ts';

export type { FetchedBytes, StreamHandle, StreamReceiver } from './streams.ts';

export interface ReadRequest {
  readonly key: ResourceKey;
  readonly want: 'content' | 'metadata';
  readonly conditions: Conditions;
  readonly range?: RangeRequest;
}

export interface Dispatcher {
  /**
   * Calls `done` exactly once, perhaps before it returns: a page in the cache is there at once.
   * Content that is `open` has a file open: whoever gets it opens the stream, if only to close it.
   */
  read(request: ReadRequest, done: PageDone): void;
  /**
   * The page as it is now, where nothing is cached and no worker is needed for that. Else the next
   * `read` of it is not tried without one.
   *
   * @param at where in the memory for replies its content is to stand
   */
  takeNow(key: KeyBytes, at: number): boolean;
  /**
   * Takes the page's lock, has the edits done as one publication, releases the lock, and calls
   * `done`, in this order and exactly once. Past the deadline `done` comes first, and the lock
   * stays held until no thread has the edit any more. The content must not change until then.
   * Inserts that wait for one page may be done together, as if one by one in order of arrival; one
   * of them that was done before, under its idempotency key, is answered before the others.
   */
  edit(key: ResourceKey, edits: readonly Edit[], done: EditDone): void;
  /** Says where the root is served, for other processes that find it locked. */
  announce(url: string): void;
  /** The content of a read that is held open; to be opened once. */
  openStream(stream: StreamId, receiver: StreamReceiver): StreamHandle;
  /**
   * Takes no new work (it is refused as `busy`) and resolves when what was taken is answered and
   * all threads have exited: after the job deadline and five seconds at the latest.
   */
  stop(): Promise<void>;
  /** Store workers. */
  readonly workers: number;
  /** Names that differ in case only are one name, so keys must be folded before they come here. */
  readonly foldsCase: boolean;
}

export interface DispatcherOptions {
  /** Store workers, at least 1. */
  readonly workers: number;
  readonly store: StoreOptions;
  readonly clock: Clock;
  /** Tells whether a cached page is still what its file is; without it nothing is cached. */
  readonly watchFile?: WatchFile;
  /** Reads what lies in memory, without waiting; absent: workers read everything. */
  readonly instantPages?: InstantPages | undefined;
  /** First come first served when absent. */
  readonly locks?: LockTable;
  readonly storeWorkerUrl?: URL;
  readonly commitWorkerUrl?: URL;
  /** Closes a file that a store worker has left open at its end. */
  readonly closeFile: (descriptor: number) => void;
  readonly limits?: Partial<DispatchLimits>;
  readonly onEvent?: (event: DispatchEvent) => void;
}

/** Resolves when every thread is ready. Rejects with `DispatchStartError`, leaving no thread. */
export async function startDispatcher(options: DispatcherOptions): Promise<Dispatcher> {
  const limits = { ...defaultDispatchLimits, ...options.limits };
  const { workers, store, clock } = options;
  const pool = new Pool({
    workers,
    store,
    clock,
    limits,
    closeFile: options.closeFile,
    storeWorkerUrl:
      options.storeWorkerUrl ?? new URL('../../workers/store-worker.ts', import.meta.url),
    commitWorkerUrl:
      options.commitWorkerUrl ?? new URL('../../workers/commit-worker.ts', import.meta.url),
    onEvent: options.onEvent ?? (() => {}),
  });
  await pool.start();
  const locks = options.locks ?? new FifoLockTable();
  return new PoolDispatcher(pool, limits, locks, options);
}

/** Content that lies in a large receive buffer would keep it, and take it along to the worker. */
function withOwnContent(edit: Edit): Edit {
  return edit.kind === 'remove' ? edit : { ...edit, content: ownBytes(edit.content) };
}

/** The page's size after its edits; `undefined` when none was done. */
function sizeLeftBy(results: readonly EditResult[]): number | undefined {
  const sizes = results.flatMap((result) => {
    // A replay tells of a page as it was once.
    if (result.kind === 'refused' || result.kind === 'replayed') return [];
    return result.kind === 'removed' ? 0 : result.state.size;
  });
  return sizes.at(-1);
}

class PoolDispatcher implements Dispatcher {
  readonly workers: number;
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #limits: DispatchLimits;
  readonly #locks: LockTable;
  readonly #lines: EditLines;
  /** Absent where nothing is cached. */
  readonly #reads: PageReads | undefined;
  readonly #instantPages: InstantPages | undefined;
  /** The page that could not be taken just now: to try that once more costs as much again. */
  #leftToWorker: ResourceKey | undefined;
  readonly #sweeper: Timer;
  readonly #unanswered = new Map<OperationId, ReadJob | EditRequest>();
  #lastOperation: OperationId = 0;
  /** Edits that are not finished: waiting for a lock or a worker, or under way. */
  #editsTaken = 0;
  #stopping: PromiseWithResolvers<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(pool: Pool, limits: DispatchLimits, locks: LockTable, options: DispatcherOptions) {
    const { workers, clock, watchFile, instantPages } = options;
    this.workers = workers;
    this.#pool = pool;
    this.#clock = clock;
    this.#limits = limits;
    this.#locks = locks;
    this.#lines = new EditLines(limits);
    this.#instantPages = instantPages;
    if (watchFile !== undefined && limits.cacheBytesMax > 0) {
      const cache = new PageCache(limits.cacheBytesMax, watchFile);
      const loader = { load: this.#load.bind(this), pages: instantPages };
      this.#reads = new PageReads(cache, loader, clock, cachedPageBytesMax);
    }
    const periodMs = Math.min(limits.jobDeadlineMs / sweepsPerDeadline, sweepPeriodMaxMs);
    this.#sweeper = clock.every(Math.max(1, periodMs), () => this.#sweep());
  }

  read(request: ReadRequest, done: PageDone): void {
    if (this.#stopping !== undefined) done(refused('busy'), undefined);
    else if (this.#reads !== undefined) this.#reads.read(request, done);
    else if (!this.#readNow(request, done)) {
      this.#load(request, undefined, this.#clock.monotonicMs(), done);
    }
  }

  takeNow(key: KeyBytes, at: number): boolean {
    if (this.#stopping !== undefined || this.#reads !== undefined) return false;
    const isTaken = this.#instantPages?.takeAt(key, at) === true;
    this.#leftToWorker = isTaken ? undefined : keyOf(key);
    return isTaken;
  }

  /** An edit that was acknowledged has been published before, so whoever looks now sees it. */
  #readNow(request: ReadRequest, done: PageDone): boolean {
    const isLeft = request.key === this.#leftToWorker;
    this.#leftToWorker = undefined;
    const page = isLeft ? undefined : this.#instantPages?.take(request.key);
    if (page === undefined) return false;
    done(readInHand(request, page.state, page.bytes.slice(), this.#clock.wallMs()), undefined);
    return true;
  }

  #load(
    request: ReadRequest,
    pageBytesMax: number | undefined,
    takenMs: number,
    done: (result: ReadResult, worker: number | undefined) => void,
  ): ReadJob {
    const id = this.#nextId();
    const whole = pageBytesMax === undefined ? {} : { pageBytesMax };
    const operation = { kind: 'read', id, ...request, ...whole } as const;
    const job = new ReadJob(operation, takenMs, (...end) => {
      // First, for who is told may have something else read, and only then all may be answered.
      done(...end);
      this.#forget(id);
    });
    this.#unanswered.set(id, job);
    if (!this.#pool.submit(job)) job.refuse('busy');
    return job;
  }

  edit(key: ResourceKey, edits: readonly Edit[], done: EditDone): void {
    const refusal = this.#refusalOfEdits();
    if (refusal !== undefined) {
      done(refuseAll(edits.length, refusal), undefined);
      return;
    }
    const id = this.#nextId();
    const own = edits.map(withOwnContent);
    const request = new EditRequest(id, key, own, this.#clock.monotonicMs(), (...end) => {
      this.#forget(id);
      done(...end);
    });
    this.#unanswered.set(id, request);
    this.#editsTaken += 1;
    this.#lines.join(request);
    this.#locks.acquire(key, () => this.#haveTurn(request));
  }

  /** The request has its page's lock, and takes along those that wait right behind it. */
  #haveTurn(request: EditRequest): void {
    const { key } = request;
    if (request.job !== undefined) {
      // It went along with one before it, and is done.
      this.#locks.release(key);
      return;
    }
    const requests = this.#lines.leave(request);
    const job = new EditJob(request, requests, (results) => {
      this.#editsTaken -= requests.length;
      const pageBytes = sizeLeftBy(results);
      if (pageBytes !== undefined) this.#lines.learn(key, pageBytes);
      this.#reads?.forget(key);
      this.#locks.release(key);
    });
    // One that has waited for too long is answered by now; the pool drops it, and so its lock.
    if (!this.#pool.submit(job)) job.refuse('busy');
  }

  get foldsCase(): boolean {
    return this.#pool.foldsCase;
  }

  announce(url: string): void {
    this.#pool.announce(url);
  }

  openStream(stream: StreamId, receiver: StreamReceiver): StreamHandle {
    return this.#pool.streams.open(stream, receiver);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping = Promise.withResolvers();
    // The deadline of each job bounds this wait.
    if (this.#unanswered.size > 0) await this.#stopping.promise;
    this.#sweeper.cancel();
    await this.#pool.stop();
  }

  /** Why an edit is not even queued, if so. */
  #refusalOfEdits(): 'busy' | 'read-only' | undefined {
    if (this.#pool.isReadOnly) return 'read-only';
    const isFull = this.#editsTaken >= this.#limits.jobsQueuedMax;
    return isFull || this.#stopping !== undefined ? 'busy' : undefined;
  }

  #nextId(): OperationId {
    this.#lastOperation += 1;
    return this.#lastOperation;
  }

  #forget(id: OperationId): void {
    this.#unanswered.delete(id);
    if (this.#unanswered.size === 0) this.#stopping?.resolve();
  }

  #sweep(): void {
    const expiredMs = this.#clock.monotonicMs() - this.#limits.jobDeadlineMs;
    for (const job of this.#unanswered.values()) {
      if (job.takenMs <= expiredMs) job.expire();
    }
    this.#pool.sweep();
  }
}
