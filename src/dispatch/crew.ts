/** The crew: keeps a store worker in every slot, and lets go of those that cannot be trusted. */

import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { StoreOptions, StoreToMain, WorkerId } from '../model/messages.ts';
import { endThreads } from './end-threads.ts';
import type { DispatchEvent, LossReason } from './events.ts';
import { type DispatchLimits, leavingWorkersMax } from './limits.ts';
import { Slot } from './slot.ts';
import { StoreLink, type StoreOwner } from './store-link.ts';
import type { StreamTable } from './streams.ts';

export interface CrewOptions {
  /** Store workers, at least 1. */
  readonly workers: number;
  readonly store: StoreOptions;
  readonly clock: Clock;
  readonly storeWorkerUrl: URL;
  /** Closes a file that a worker has left open. */
  readonly closeFile: (descriptor: number) => void;
  readonly limits: DispatchLimits;
  readonly onEvent: (event: DispatchEvent) => void;
}

/** What the pool hears from the crew. */
export interface CrewOwner {
  /** A new worker's other port end, for the commit worker. */
  attach(worker: WorkerId, port: MessagePort): void;
  /** A worker is ready for its first batch. */
  workerReady(link: StoreLink): void;
  /** A message other than `ready`. */
  fromWorker(link: StoreLink, message: Exclude<StoreToMain, { kind: 'ready' }>): void;
  /** It gets no more work, though its thread may still be at what it has. */
  workerLost(link: StoreLink, reason: LossReason): void;
  /** Its thread runs no more. Always after `workerLost`. */
  workerGone(link: StoreLink): void;
}

export class Crew implements StoreOwner {
  readonly #options: CrewOptions;
  readonly #streams: StreamTable;
  readonly #owner: CrewOwner;
  readonly #slots: readonly Slot[];
  /** Every worker whose thread has not exited. */
  readonly #alive = new Set<StoreLink>();
  #isStopping = false;
  #lastWorker: WorkerId = 0;
  /** Index of the slot that is asked first for the next batch, so that the work goes round. */
  #nextSlot = 0;

  constructor(options: CrewOptions, streams: StreamTable, owner: CrewOwner) {
    assert(options.workers >= 1, `a crew of ${options.workers} workers`);
    this.#options = options;
    this.#streams = streams;
    this.#owner = owner;
    this.#slots = Array.from({ length: options.workers }, (_, index) => new Slot(index + 1));
  }

  /** Whether every slot has a worker that is ready. */
  get isComplete(): boolean {
    return this.#slots.every(({ link }) => link?.state === 'idle' || link?.state === 'running');
  }

  /** Starts a worker in each empty slot whose time has come, unless too many are leaving. */
  fill(): void {
    if (this.#isStopping) return;
    const nowMs = this.#options.clock.monotonicMs();
    for (const slot of this.#slots) {
      if (slot.link !== undefined || nowMs < slot.restartAtMs) continue;
      if (this.#leavingCount() >= leavingWorkersMax) return;
      this.#lastWorker += 1;
      const { port1, port2 } = new MessageChannel();
      this.#owner.attach(this.#lastWorker, port1);
      const { store, storeWorkerUrl: url } = this.#options;
      const start = { id: this.#lastWorker, slot: slot.number, url, store, commit: port2, nowMs };
      slot.link = new StoreLink(start, this);
      this.#alive.add(slot.link);
    }
  }

  /** The workers that wait for a batch, beginning with another one each time. */
  idle(): StoreLink[] {
    const count = this.#slots.length;
    const links: StoreLink[] = [];
    for (let step = 0; step < count; step += 1) {
      const link = this.#slots[(this.#nextSlot + step) % count]?.link;
      if (link?.state === 'idle') links.push(link);
    }
    this.#nextSlot = (this.#nextSlot + 1) % count;
    return links;
  }

  /** The worker has finished a batch, so it is sound and may have another. */
  batchFinished(link: StoreLink): void {
    link.state = 'idle';
    this.#slots[link.slot - 1]?.proveSound();
  }

  /** Dismisses whoever is past a deadline, and fills empty slots. To be called again and again. */
  sweep(): void {
    const nowMs = this.#options.clock.monotonicMs();
    const { jobDeadlineMs, startDeadlineMs } = this.#options.limits;
    for (const link of this.#alive) if (link.state === 'leaving') link.thread.terminate();
    for (const { link } of this.#slots) {
      if (link?.state === 'running') {
        const batchMs = jobDeadlineMs * link.deadlinePart;
        if (nowMs - link.sinceMs >= batchMs) this.#dismiss(link, 'job-deadline');
      } else if (link?.state === 'starting' && nowMs - link.sinceMs >= startDeadlineMs) {
        this.#dismiss(link, 'start-deadline');
      }
    }
    for (const { link } of this.#slots) {
      // It hangs as much as one with a late job.
      if (link?.slab.isOwedSince(nowMs - jobDeadlineMs)) this.#dismiss(link, 'stream-stalled');
    }
    this.fill();
  }

  /** Ends every thread, as `endThreads` does it. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const links = [...this.#alive];
    for (const link of links) {
      this.#streams.failAllOf(link);
      // Whoever still has jobs hangs, for they are answered; one that starts has no work. But the
      // commit worker's answer may come before the word that ends the batch: then nothing hangs.
      const isDone = link.state === 'running' && link.batch.size === 0;
      if (link.state === 'idle' || isDone) link.post({ kind: 'stop' });
      else link.thread.terminate();
    }
    await endThreads(
      links.map((link) => link.thread),
      this.#options.clock,
    );
  }

  fromStore(link: StoreLink, message: StoreToMain): void {
    if (message.kind !== 'ready') {
      this.#owner.fromWorker(link, message);
    } else if (link.state === 'starting') {
      link.state = 'idle';
      this.#owner.workerReady(link);
    }
  }

  storeThrew(link: StoreLink, text: string): void {
    link.threw = text;
    // What it threw ends it, and on its way out it closes its files, which `terminate` would
    // prevent. Should it stay all the same, the next sweep ends it.
    if (link.state !== 'leaving') this.#retire(link, 'error');
  }

  storeExited(link: StoreLink): void {
    if (link.state !== 'leaving') this.#retire(link, 'exit');
    link.state = 'gone';
    this.#alive.delete(link);
    // A batch that came late may have left streams since. Nobody may read what is closed here.
    this.#streams.failAllOf(link);
    for (const descriptor of link.files.takeAll()) this.#options.closeFile(descriptor);
    this.#owner.workerGone(link);
    this.fill();
  }

  #dismiss(link: StoreLink, reason: LossReason): void {
    this.#retire(link, reason);
    link.thread.terminate();
  }

  /** Takes a worker out of its slot and says so. */
  #retire(link: StoreLink, reason: LossReason): void {
    link.state = 'leaving';
    const slot = this.#slots[link.slot - 1];
    if (slot?.link === link) slot.lose(this.#options.clock.monotonicMs());
    this.#streams.failAllOf(link);
    if (!this.#isStopping) this.#owner.workerLost(link, reason);
  }

  #leavingCount(): number {
    let count = 0;
    for (const link of this.#alive) if (link.state === 'leaving') count += 1;
    return count;
  }
}
