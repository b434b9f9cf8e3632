/**
 * The pool: gives jobs to store workers in batches, and sees every job through, whatever becomes of
 * the worker that had it.
 *
 * - A batch of several jobs may take half of a job's deadline, so that those which only sat beside
 *   the one that hangs have the other half for a second try; a batch of one may take all of it.
 * - When a worker is lost, each unfinished job of its batch is tried once more, alone: a read at
 *   once; an edit after the worker has exited and the commit worker has said that it was not handed
 *   over. An edit that was alone in its batch is taken for the one that did it, and not repeated.
 * - An edit's job is finished, and so its lock released, only by an outcome, by `settled`, or by the
 *   end of the commit worker.
 */

import { assert, unreachable } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { StoreOptions, StoreToMain, WorkerId } from '../model/messages.ts';
import type { EditOutcome, OperationId, Outcome } from '../model/operation.ts';
import { CommitLink, type CommitOwner } from './commit-link.ts';
import { type DispatchEvent, DispatchStartError, type LossReason } from './events.ts';
import type { EditJob, Job } from './job.ts';
import { JobQueue } from './job-queue.ts';
import { type DispatchLimits, leavingWorkersMax, threadEndMs, threadStopMs } from './limits.ts';
import { Slot } from './slot.ts';
import { StoreLink, type StoreOwner } from './store-link.ts';
import { StreamTable } from './streams.ts';
import type { Thread } from './thread.ts';

export interface PoolOptions {
  /** Store workers, at least 1. */
  readonly workers: number;
  readonly store: StoreOptions;
  readonly clock: Clock;
  readonly storeWorkerUrl: URL;
  readonly commitWorkerUrl: URL;
  readonly limits: DispatchLimits;
  readonly onEvent: (event: DispatchEvent) => void;
}

/** An edit that a worker, or the commit worker, may have. */
interface SentEdit {
  readonly job: EditJob;
  readonly link: StoreLink;
}

export class Pool implements StoreOwner, CommitOwner {
  readonly streams: StreamTable;
  readonly #options: PoolOptions;
  readonly #queue: JobQueue;
  readonly #slots: Slot[];
  readonly #commit: CommitLink;
  readonly #sentEdits = new Map<OperationId, SentEdit>();
  readonly #leaving = new Set<StoreLink>();
  /** Every store worker whose thread has not exited. */
  readonly #alive = new Set<StoreLink>();
  readonly #started = Promise.withResolvers<void>();
  #phase: 'starting' | 'serving' | 'stopping' = 'starting';
  #isFlushPlanned = false;
  #lastWorker: WorkerId = 0;
  /** The slot that is asked first for the next batch, so that the work goes round. */
  #nextSlot = 0;

  constructor(options: PoolOptions) {
    assert(options.workers >= 1, `a pool of ${options.workers} workers`);
    this.#options = options;
    this.streams = new StreamTable(options.clock);
    this.#queue = new JobQueue(options.limits.jobsQueuedMax);
    this.#commit = new CommitLink(options.commitWorkerUrl, { store: options.store }, this);
    this.#slots = Array.from({ length: options.workers }, (_, index) => new Slot(index + 1));
    this.#fillSlots();
  }

  /** Resolves when every thread is ready; else ends them all and rejects (`DispatchStartError`). */
  async start(): Promise<void> {
    const { clock, limits } = this.#options;
    const timer = clock.after(limits.startDeadlineMs, () => {
      this.#failStart('start-deadline', `no ready message within ${limits.startDeadlineMs} ms`);
    });
    try {
      await this.#started.promise;
      this.#phase = 'serving';
    } catch (error) {
      await this.stop();
      throw error;
    } finally {
      timer.cancel();
    }
  }

  /** No edit can be published any more. */
  get isReadOnly(): boolean {
    return this.#commit.isGone;
  }

  /** Takes the job, and finishes it exactly once; or returns false, for too many wait. */
  submit(job: Job): boolean {
    if (!this.#queue.tryPush(job)) return false;
    this.#planFlush();
    return true;
  }

  /** Looks at every deadline but the jobs' own. To be called again and again. */
  sweep(): void {
    const nowMs = this.#options.clock.monotonicMs();
    const { jobDeadlineMs, startDeadlineMs } = this.#options.limits;
    for (const { link } of this.#slots) {
      if (link?.state === 'running') {
        const batchMs = link.isShared ? jobDeadlineMs / 2 : jobDeadlineMs;
        if (nowMs - link.sinceMs >= batchMs) this.#dismiss(link, 'job-deadline');
      } else if (link?.state === 'starting' && nowMs - link.sinceMs >= startDeadlineMs) {
        this.#dismiss(link, 'start-deadline');
      }
    }
    const stalled = this.streams.stalledSources(nowMs - jobDeadlineMs);
    for (const { link } of this.#slots) {
      if (link !== undefined && stalled.has(link)) this.#dismiss(link, 'stream-stalled');
    }
    this.#fillSlots();
    this.#flush();
  }

  /**
   * Ends every thread; no job may be unanswered. Resolves when they have exited, or after
   * `2 × (threadStopMs + threadEndMs)` at the latest, for a system call can hold a thread for ever.
   */
  async stop(): Promise<void> {
    this.#phase = 'stopping';
    for (const link of this.#alive) {
      this.streams.failAllOf(link);
      // One that has a batch of answered jobs hangs, and one that is starting has nothing to finish.
      if (link.state === 'idle') link.post({ kind: 'stop' });
      else link.thread.terminate();
    }
    await this.#endThreads([...this.#alive].map((link) => link.thread));
    // Only now, so that it publishes what the last of them handed over.
    if (this.#commit.isReady) this.#commit.thread.post({ kind: 'stop' });
    else this.#commit.thread.terminate();
    await this.#endThreads([this.#commit.thread]);
  }

  fromStore(link: StoreLink, message: StoreToMain): void {
    switch (message.kind) {
      case 'ready':
        return this.#storeReady(link);
      case 'done':
        return this.#batchDone(link, message.outcomes, message.handed);
      case 'chunk':
        return this.streams.chunkCame(message.stream, message.bytes, message.last);
      case 'stream-failed':
        return this.streams.failedAtSource(message.stream);
      case 'caught':
        return this.#options.onEvent({ kind: 'bug-caught', worker: link.slot, text: message.text });
      default:
        return unreachable(message);
    }
  }

  storeThrew(link: StoreLink, text: string): void {
    link.threw = text;
    // What it threw ends it; asked again, in case that it does not.
    if (link.state !== 'leaving') this.#dismiss(link, 'error');
  }

  storeExited(link: StoreLink): void {
    // A worker that left by itself still counts as one that is lost now.
    if (link.state !== 'leaving') this.#retire(link, 'exit');
    link.state = 'gone';
    this.#alive.delete(link);
    this.#leaving.delete(link);
    this.#retryReads(link);
    // Without a commit worker there is no edit left to settle: its end finished them all.
    if (!this.#commit.isGone) this.#commit.thread.post({ kind: 'exited', worker: link.id });
    this.#fillSlots();
    this.#planFlush();
  }

  commitReady(): void {
    this.#checkStarted();
  }

  published(outcome: EditOutcome): void {
    const sent = this.#sentEdits.get(outcome.id);
    if (sent === undefined) return;
    this.#sentEdits.delete(outcome.id);
    sent.link.batch.delete(outcome.id);
    sent.job.finish(outcome.results, sent.link.slot);
  }

  settled(worker: WorkerId): void {
    for (const [id, { job, link }] of [...this.#sentEdits]) {
      if (link.id !== worker) continue;
      this.#sentEdits.delete(id);
      // By the commit worker's word it did not happen, so it may be done again.
      const mayRetry = link.batch.delete(id) && link.isShared && job.tries === 1;
      if (mayRetry && !job.isAnswered) this.#retry(job);
      else job.refuse('worker-lost');
    }
  }

  commitLost(detail: string): void {
    if (this.#phase === 'starting') this.#failStart('commit-worker', detail);
    else if (this.#phase === 'serving') this.#options.onEvent({ kind: 'read-only', detail });
    for (const [id, { job, link }] of [...this.#sentEdits]) {
      this.#sentEdits.delete(id);
      link.batch.delete(id);
      job.refuse('outcome-unknown');
    }
  }

  #storeReady(link: StoreLink): void {
    if (link.state !== 'starting') return;
    link.state = 'idle';
    if (this.#phase === 'serving') {
      this.#options.onEvent({ kind: 'worker-replaced', worker: link.slot });
    }
    this.#checkStarted();
    this.#flush();
  }

  #checkStarted(): void {
    const areStoresReady = this.#slots.every(({ link }) => link?.state === 'idle');
    if (areStoresReady && this.#commit.isReady) this.#started.resolve();
  }

  #failStart(code: DispatchStartError['code'], detail: string): void {
    this.#phase = 'stopping';
    this.#started.reject(new DispatchStartError(code, detail));
  }

  #batchDone(link: StoreLink, outcomes: readonly Outcome[], handed: readonly OperationId[]): void {
    for (const outcome of outcomes) this.#finish(link, outcome);
    // These wait for the commit worker, and no longer for this batch.
    for (const id of handed) link.batch.delete(id);
    if (link.state !== 'running') return;
    for (const [id, job] of link.batch) {
      // A worker that forgets a job breaks the contract; nobody shall wait for it.
      this.#sentEdits.delete(id);
      job.refuse('internal-error');
    }
    link.batch.clear();
    link.state = 'idle';
    this.#slots[link.slot - 1]?.proveSound();
    this.#flush();
  }

  #finish(link: StoreLink, outcome: Outcome): void {
    const job = link.batch.get(outcome.id);
    if (job === undefined) return;
    if (outcome.kind === 'edit') {
      if (job.kind !== 'edit') return;
      link.batch.delete(outcome.id);
      this.#sentEdits.delete(outcome.id);
      return job.finish(outcome.results, link.slot);
    }
    if (job.kind !== 'read') return;
    const { result } = outcome;
    if (result.kind === 'found' && result.content.kind === 'chunks') {
      // Its stream dies with the worker, so the read has no outcome yet.
      if (link.state === 'leaving') return;
      this.streams.add(outcome.id, link);
      if (job.isAnswered) this.streams.cancel(outcome.id);
    }
    link.batch.delete(outcome.id);
    job.finish(result, link.slot);
  }

  /** Ends a worker that cannot be trusted any more. */
  #dismiss(link: StoreLink, reason: LossReason): void {
    this.#retire(link, reason);
    link.state = 'leaving';
    this.#leaving.add(link);
    // A read touches nothing, so it need not wait until the thread is really gone.
    this.#retryReads(link);
    link.thread.terminate();
  }

  /** Takes a worker out of its slot and says so. */
  #retire(link: StoreLink, reason: LossReason): void {
    const slot = this.#slots[link.slot - 1];
    if (slot?.link === link) slot.lose(this.#options.clock.monotonicMs());
    this.streams.failAllOf(link);
    const detail = link.threw;
    if (this.#phase === 'starting') this.#failStart('store-worker', detail ?? reason);
    if (this.#phase !== 'serving') return;
    const event = { kind: 'worker-lost', worker: link.slot, reason } as const;
    this.#options.onEvent(detail === undefined ? event : { ...event, detail });
  }

  #retryReads(link: StoreLink): void {
    for (const [id, job] of link.batch) {
      if (job.kind !== 'read') continue;
      link.batch.delete(id);
      if (job.tries === 1 && !job.isAnswered) this.#retry(job);
      else job.refuse('worker-lost');
    }
  }

  #retry(job: Job): void {
    if (job.kind === 'edit') job.isSent = false;
    this.#queue.pushSecondTry(job);
    this.#planFlush();
  }

  #planFlush(): void {
    if (this.#isFlushPlanned) return;
    this.#isFlushPlanned = true;
    // After all sockets of this turn were read, so that one message carries the jobs of them all.
    setImmediate(() => {
      this.#isFlushPlanned = false;
      this.#flush();
    });
  }

  /** Gives what waits to the workers that are idle. */
  #flush(): void {
    const count = this.#slots.length;
    let idle = 0;
    for (const { link } of this.#slots) if (link?.state === 'idle') idle += 1;
    for (let step = 0; step < count && idle > 0 && this.#queue.size > 0; step += 1) {
      const link = this.#slots[(this.#nextSlot + step) % count]?.link;
      if (link?.state !== 'idle') continue;
      const { batchJobsMax } = this.#options.limits;
      const batch = this.#queue.takeBatch(idle, batchJobsMax, (job) => this.#isWanted(job));
      idle -= 1;
      if (batch.length > 0) this.#run(link, batch);
    }
    this.#nextSlot = (this.#nextSlot + 1) % count;
  }

  #run(link: StoreLink, batch: readonly Job[]): void {
    for (const job of batch) {
      if (job.kind === 'edit') this.#sentEdits.set(job.operation.id, { job, link });
    }
    link.run(batch, this.#options.clock.monotonicMs());
  }

  /** Whether the job is still to be done; one that is not is finished here. */
  #isWanted(job: Job): boolean {
    if (!job.isAnswered && (job.kind === 'read' || !this.isReadOnly)) return true;
    job.refuse('read-only');
    return false;
  }

  /** Starts a worker in each empty slot whose time has come, unless too many are leaving. */
  #fillSlots(): void {
    if (this.#phase === 'stopping') return;
    const nowMs = this.#options.clock.monotonicMs();
    for (const slot of this.#slots) {
      if (slot.link !== undefined || nowMs < slot.restartAtMs) continue;
      if (this.#leaving.size >= leavingWorkersMax) return;
      this.#lastWorker += 1;
      const { port1, port2 } = new MessageChannel();
      this.#commit.attach(this.#lastWorker, port1);
      const { store, storeWorkerUrl: url } = this.#options;
      const start = { id: this.#lastWorker, slot: slot.number, url, store, commit: port2, nowMs };
      slot.link = new StoreLink(start, this);
      this.#alive.add(slot.link);
    }
  }

  async #endThreads(
    threads: readonly Pick<Thread<never>, 'terminate' | 'exited'>[],
  ): Promise<void> {
    const exited = Promise.all(threads.map((thread) => thread.exited)).then(() => true);
    if (await this.#within(threadStopMs, exited)) return;
    for (const thread of threads) thread.terminate();
    await this.#within(threadEndMs, exited);
  }

  /** True when `done` came within the time. */
  async #within(ms: number, done: Promise<boolean>): Promise<boolean> {
    const late = Promise.withResolvers<boolean>();
    const timer = this.#options.clock.after(ms, () => late.resolve(false));
    const isDone = await Promise.race([done, late.promise]);
    timer.cancel();
    return isDone;
  }
}
