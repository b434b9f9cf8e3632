/** Starts a load, on the caller's thread or on several, and makes one report of it. */

import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { startThread, type Thread } from '../base/thread.ts';
import { unpackBatch } from './exchange-batch.ts';
import type { LoadPlan, LoadProgress, LoadReport, LoadRun } from './load.ts';
import { Runner } from './runner.ts';
import type { FromLoadWorker, LoadWorkerData, ToLoadWorker } from './serve-load.ts';
import { type ShareEnding, Tally } from './tally.ts';

/** Starts `plan` at once. */
export function startLoad(plan: LoadPlan, clock: Clock, random: Random): LoadRun {
  const { threads } = plan;
  assert(Number.isInteger(threads) && threads >= 1, `${threads} threads`);
  assert(threads <= plan.connections, 'a thread without a connection');
  return threads === 1 ? new LocalRun(plan, clock, random) : new ThreadedRun(plan, clock);
}

function progressOf(plan: LoadPlan, tally: Tally, sinceStartMs: number): LoadProgress {
  const { extent, warmupMs } = plan;
  const { done, failures, latency } = tally;
  return {
    done,
    failed: failures,
    extent,
    elapsedMs: Math.max(0, sinceStartMs - warmupMs),
    warming: sinceStartMs < warmupMs,
    ...(latency !== undefined && { latency }),
  };
}

/** A run on this thread. */
class LocalRun implements LoadRun {
  readonly report: Promise<LoadReport>;
  readonly #tally: Tally;
  readonly #runner: Runner;
  #endMs: number | undefined;

  constructor(
    readonly plan: LoadPlan,
    clock: Clock,
    random: Random,
  ) {
    this.#tally = new Tally(plan);
    this.#runner = new Runner(plan, { index: 0, of: 1 }, this.#tally, clock, random);
    this.report = this.#runner.ended.then((ending) => {
      this.#endMs = this.#runner.nowMs();
      return this.#tally.report([ending]);
    });
  }

  progress(): LoadProgress {
    return progressOf(this.plan, this.#tally, this.#endMs ?? this.#runner.nowMs());
  }

  cancel(): void {
    this.#runner.cancel();
  }
}

/** What is known of one thread of a run. */
interface Part {
  readonly thread: Thread<ToLoadWorker>;
  ready: boolean;
  ending: ShareEnding | undefined;
}

/** A run that several threads share; this one counts. */
class ThreadedRun implements LoadRun {
  readonly report: Promise<LoadReport>;
  readonly #tally: Tally;
  readonly #settle = Promise.withResolvers<LoadReport>();
  readonly #parts: Part[] = [];
  #startMs: number | undefined;
  #endMs: number | undefined;
  #cancelled = false;

  constructor(
    readonly plan: LoadPlan,
    readonly clock: Clock,
  ) {
    this.#tally = new Tally(plan);
    this.report = this.#settle.promise;
    for (let index = 0; index < plan.threads; index += 1) this.#startPart(index);
  }

  progress(): LoadProgress {
    const nowMs = this.#endMs ?? this.clock.monotonicMs();
    return progressOf(this.plan, this.#tally, nowMs - (this.#startMs ?? nowMs));
  }

  cancel(): void {
    this.#cancelled = true;
    // Threads that did not start yet hear it behind their start.
    if (this.#startMs !== undefined)
      for (const { thread } of this.#parts) thread.post({ kind: 'cancel' });
  }

  #startPart(index: number): void {
    const data: LoadWorkerData = { plan: this.plan, share: { index, of: this.plan.threads } };
    const url = new URL('../../workers/load-worker.ts', import.meta.url);
    const name = `load ${index + 1}`;
    const thread = startThread<ToLoadWorker, FromLoadWorker>(url, name, data, [], {
      message: (message) => this.#hear(part, message),
      error: (text) => this.#fail(new Error(text)),
      exit: () => {
        if (part.ending === undefined) this.#fail(new Error('a thread of the load has ended'));
      },
    });
    const part: Part = { thread, ready: false, ending: undefined };
    this.#parts.push(part);
  }

  #hear(part: Part, message: FromLoadWorker): void {
    if (message.kind === 'ready') {
      part.ready = true;
      if (this.#parts.every(({ ready }) => ready)) this.#start();
      return;
    }
    unpackBatch(message.batch, this.#tally);
    if (message.kind === 'exchanges') return;
    part.ending = message.ending;
    const endings = this.#parts.flatMap(({ ending }) => ending ?? []);
    if (endings.length === this.#parts.length) this.#end(endings);
  }

  #start(): void {
    this.#startMs = this.clock.monotonicMs();
    for (const { thread } of this.#parts) thread.post({ kind: 'start' });
    if (this.#cancelled) this.cancel();
  }

  #end(endings: readonly ShareEnding[]): void {
    this.#endMs = this.clock.monotonicMs();
    const report = this.#tally.report(endings);
    this.#settle.resolve({ ...report, cancelled: this.#cancelled });
  }

  #fail(error: Error): void {
    for (const { thread } of this.#parts) thread.terminate();
    this.#settle.reject(error);
  }
}
