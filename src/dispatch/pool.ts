/**
 * The pool: gives jobs to store workers in batches, and sees every job through, whatever becomes of
 * the worker that had it.
 *
 * - When a worker is lost, each unfinished job of its batch is tried once more, alone: a read at
 *   once; an edit after the worker has exited and the commit worker has said that it was not handed
 *   over. The job that the worker was at is the suspect: if a read, it comes last, and if an
 *   edit, it is not tried again. No job is tried three times.
 * - An edit that found its page changed by another program did not happen, and is started over
 *   under the same lock, as if it was never tried: `editRunsMax` runs in all. So is one whose
 *   operation held an edit that had been done before, without that one.
 * - An edit's job is finished, and so its lock released, only by an outcome, by `settled`, or by
 *   the end of the commit worker.
 */

import { unreachable } from '../base/assert.ts';
import type { RootHolder, StoreToMain, WorkerId } from '../model/messages.ts';
import type { DoneBy, EditOutcome, EditResult, OperationId, Outcome } from '../model/operation.ts';
import { packOperations, unpackOutcomes } from '../model/packing.ts';
import { CommitLink, type CommitOwner } from './commit-link.ts';
import { Crew, type CrewOptions, type CrewOwner } from './crew.ts';
import { endThreads } from './end-threads.ts';
import { DispatchStartError, type LossReason } from './events.ts';
import type { EditJob, Job } from './job.ts';
import { JobQueue } from './job-queue.ts';
import { isSmall } from './small-edits.ts';
import type { StoreLink } from './store-link.ts';
import { StreamTable } from './streams.ts';

export interface PoolOptions extends CrewOptions {
  readonly commitWorkerUrl: URL;
}

/** An edit that a store worker, or the commit worker, may have. */
interface SentEdit {
  readonly job: EditJob;
  /** Absent where the commit worker was given it without one. */
  readonly link?: StoreLink;
}

export class Pool implements CrewOwner, CommitOwner {
  readonly streams: StreamTable;
  readonly #options: PoolOptions;
  readonly #queue: JobQueue;
  /** Edits that the commit worker is to prepare; their number is bounded with all edits. */
  #small: EditJob[] = [];
  readonly #commit: CommitLink;
  readonly #crew: Crew;
  readonly #sentEdits = new Map<OperationId, SentEdit>();
  readonly #started = Promise.withResolvers<void>();
  #phase: 'starting' | 'serving' | 'stopping' = 'starting';
  #isFlushPlanned = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.streams = new StreamTable(options.clock);
    this.#queue = new JobQueue(options.limits.jobsQueuedMax);
    this.#commit = new CommitLink(options.commitWorkerUrl, { store: options.store }, this);
    this.#crew = new Crew(options, this.streams, this);
    this.#crew.fill();
  }

  /** Resolves when every thread is ready; else ends them all and rejects (`DispatchStartError`). */
  async start(): Promise<void> {
    const { clock, limits } = this.#options;
    const timer = clock.after(limits.startDeadlineMs, () => {
      this.#failStart('start-deadline', `no ready message within ${limits.startDeadlineMs} ms`);
    });
    try {
      await this.#started.promise;
    } catch (error) {
      await this.stop();
      throw error;
    } finally {
      timer.cancel();
    }
  }

  /** Whether names that differ in case only are one name in the served root. */
  get foldsCase(): boolean {
    return this.#commit.foldsCase;
  }

  /** No edit can be published any more. */
  get isReadOnly(): boolean {
    return this.#commit.isGone || this.#commit.isReadOnly;
  }

  /** Takes the job, and finishes it exactly once; or returns false, for too many wait. */
  submit(job: Job): boolean {
    const isForCommit = job.kind === 'edit' && this.#commit.prepares && isSmall(job.operation);
    if (isForCommit) this.#small.push(job);
    else if (!this.#queue.tryPush(job)) return false;
    this.#planFlush();
    return true;
  }

  /** Lets others know where the root is served. */
  announce(url: string): void {
    this.#commit.thread.post({ kind: 'serving', url });
  }

  /** Looks at every deadline but the jobs' own. To be called again and again. */
  sweep(): void {
    this.#crew.sweep();
    this.#flush();
  }

  /** Ends every thread; no job may be unanswered. Takes the time of `endThreads`, twice. */
  async stop(): Promise<void> {
    this.#phase = 'stopping';
    await this.#crew.stop();
    // Only now, so that it publishes what the last of them handed over.
    if (this.#commit.isReady) this.#commit.thread.post({ kind: 'stop' });
    else this.#commit.thread.terminate();
    await endThreads([this.#commit.thread], this.#options.clock);
  }

  attach(worker: WorkerId, port: MessagePort): void {
    this.#commit.attach(worker, port);
  }

  workerReady(link: StoreLink): void {
    if (this.#phase === 'serving') {
      this.#options.onEvent({ kind: 'worker-replaced', worker: link.slot });
    }
    this.#checkStarted();
    this.#flush();
  }

  fromWorker(link: StoreLink, message: Exclude<StoreToMain, { kind: 'ready' }>): void {
    switch (message.kind) {
      case 'done':
        this.#endBatch(link, unpackOutcomes(message.outcomes), message.handed);
        break;
      case 'filled':
        this.streams.filled(link, message.at);
        break;
      case 'not-filled':
        this.streams.notFilled(link, message.at);
        break;
      case 'caught':
        this.#options.onEvent({ kind: 'bug-caught', worker: link.slot, text: message.text });
        break;
      default:
        unreachable(message);
    }
  }

  workerLost(link: StoreLink, reason: LossReason): void {
    if (this.#phase === 'starting') this.#failStart('store-worker', link.threw ?? reason);
    if (this.#phase === 'serving') {
      const event = { kind: 'worker-lost', worker: link.slot, reason } as const;
      const { threw } = link;
      this.#options.onEvent(threw === undefined ? event : { ...event, detail: threw });
    }
    // A read touches nothing, so it need not wait until the thread is really gone.
    for (const [id, job] of link.batch) {
      if (job.kind !== 'read') continue;
      link.batch.delete(id);
      if (job.tries === 1 && !job.isAnswered) this.#doAgain(job, link.isAt(job));
      else job.refuse('worker-lost');
    }
  }

  workerGone(link: StoreLink): void {
    // Without a commit worker there is no edit left to settle: its end finished them all.
    if (!this.#commit.isGone) this.#commit.thread.post({ kind: 'exited', worker: link.id });
  }

  rootHeld({ process, url }: RootHolder): void {
    const at = url === undefined ? '' : `, at ${url}`;
    this.#failStart('root-held', `process ${process}${at}`);
  }

  storeUnusable(sentence: string): void {
    this.#failStart('store-unusable', sentence);
  }

  commitNotice(text: string): void {
    this.#options.onEvent({ kind: 'notice', text });
  }

  commitReadOnly(detail: string): void {
    this.#options.onEvent({ kind: 'read-only', detail });
  }

  commitReady(): void {
    this.#checkStarted();
  }

  published(outcome: EditOutcome): void {
    const sent = this.#takeSent(outcome.id);
    if (sent !== undefined) this.#endEdit(sent.job, outcome.results, sent.link?.slot ?? 'commit');
  }

  declined(ids: readonly OperationId[]): void {
    for (const id of ids) {
      const sent = this.#takeSent(id);
      if (sent === undefined) continue;
      sent.job.isSent = false;
      if (!this.#queue.tryPush(sent.job)) sent.job.refuse('busy');
    }
    this.#planFlush();
  }

  settled(worker: WorkerId): void {
    for (const [id, { job, link }] of [...this.#sentEdits]) {
      if (link?.id !== worker) continue;
      // By the commit worker's word it did not happen, so it may be done again.
      const mayRetry = link.batch.has(id) && !link.isAt(job) && job.tries === 1;
      this.#takeSent(id);
      if (mayRetry && !job.isAnswered) this.#doAgain(job, false);
      else job.refuse('worker-lost');
    }
    // Suspects may have waited for this.
    this.#planFlush();
  }

  commitLost(detail: string): void {
    if (this.#phase === 'starting') this.#failStart('commit-worker', detail);
    if (this.#phase === 'serving') this.#options.onEvent({ kind: 'commit-lost', detail });
    for (const id of [...this.#sentEdits.keys()]) {
      this.#takeSent(id)?.job.refuse('outcome-unknown');
    }
  }

  #checkStarted(): void {
    if (this.#phase !== 'starting' || !this.#crew.isComplete || !this.#commit.isReady) return;
    this.#phase = 'serving';
    this.#started.resolve();
  }

  #failStart(code: DispatchStartError['code'], detail: string): void {
    if (this.#phase !== 'starting') return;
    this.#phase = 'stopping';
    this.#started.reject(new DispatchStartError(code, detail));
  }

  /** Ends a batch; one of a worker that is leaving may come late, and its outcomes still count. */
  #endBatch(link: StoreLink, outcomes: readonly Outcome[], handed: readonly OperationId[]): void {
    for (const outcome of outcomes) this.#endJob(link, outcome);
    // These wait for the commit worker, and no longer for this batch.
    for (const id of handed) link.batch.delete(id);
    if (link.state !== 'running') return;
    for (const [id, job] of link.batch) {
      // A worker that forgets a job breaks the contract; nobody shall wait for it.
      this.#sentEdits.delete(id);
      job.refuse('internal-error');
    }
    link.batch.clear();
    this.#crew.batchFinished(link);
    this.#flush();
  }

  #endJob(link: StoreLink, outcome: Outcome): void {
    const job = link.batch.get(outcome.id);
    if (outcome.kind === 'edit' && job?.kind === 'edit') {
      this.#takeSent(outcome.id);
      this.#endEdit(job, outcome.results, link.slot);
    } else if (outcome.kind === 'read' && job?.kind === 'read') {
      const { result } = outcome;
      link.batch.delete(outcome.id);
      if (result.kind === 'found' && result.content.kind === 'open') {
        this.streams.add(outcome.id, link, result.content.file);
        if (job.isAnswered) this.streams.close(outcome.id);
      }
      job.finish(result, link.slot);
    }
  }

  /** Finishes an edit, or starts over what of it did not happen and may yet. */
  #endEdit(job: EditJob, results: readonly EditResult[], worker: DoneBy): void {
    if (job.tryStartOver(results, worker)) this.#doAgain(job, false);
    else job.finish(results, worker);
  }

  /** Takes an edit out of all that waits for it. */
  #takeSent(id: OperationId): SentEdit | undefined {
    const sent = this.#sentEdits.get(id);
    this.#sentEdits.delete(id);
    sent?.link?.batch.delete(id);
    return sent;
  }

  #doAgain(job: Job, isSuspect: boolean): void {
    if (job.kind === 'edit') job.isSent = false;
    this.#queue.pushAgain(job, isSuspect);
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

  /** Gives what waits to the commit worker, and to the store workers that are idle. */
  #flush(): void {
    if (this.#small.length > 0) this.#flushSmall();
    if (this.#queue.size === 0) return;
    const { limits, clock } = this.#options;
    const idle = this.#crew.idle();
    for (const [index, link] of idle.entries()) {
      const sharers = idle.length - index;
      const batch = this.#queue.takeBatch(
        sharers,
        limits.batchJobsMax,
        (job) => this.#admit(job),
        () => !this.#isSettling,
      );
      if (batch.length === 0) return;
      for (const job of batch) {
        if (job.kind === 'edit') this.#sentEdits.set(job.operation.id, { job, link });
      }
      link.run(batch, clock.monotonicMs());
    }
  }

  /**
   * Whether edits of a lost worker wait for the commit worker's word: they come before the job that
   * may lose the next one.
   */
  get #isSettling(): boolean {
    for (const { link } of this.#sentEdits.values()) {
      if (link?.state === 'leaving' || link?.state === 'gone') return true;
    }
    return false;
  }

  /** Its outcome, or that it was declined, is heard sooner or later, or else that all is lost. */
  #flushSmall(): void {
    const waiting = this.#small;
    this.#small = [];
    const jobs = waiting.filter((job) => this.#admit(job));
    if (jobs.length === 0) return;
    for (const job of jobs) {
      job.isSent = true;
      this.#sentEdits.set(job.operation.id, { job });
    }
    const pack = packOperations(jobs.map((job) => job.operation));
    this.#commit.thread.post({ kind: 'jobs', jobs: pack });
  }

  /** Whether the job is still to be done; one that is answered, or may not be, is finished here. */
  #admit(job: Job): boolean {
    if (job.kind === 'edit') job.dropAnswered();
    if (!job.isAnswered && (job.kind === 'read' || !this.isReadOnly)) return true;
    job.refuse('read-only');
    return false;
  }
}
