/** The loop of a thread that runs one share of a load. */

import type { Clock } from '../base/clock.ts';
import type { OwnerPort } from '../base/own-thread.ts';
import type { Random } from '../base/random.ts';
import { BatchingSink, type ExchangeBatch } from './exchange-batch.ts';
import type { Share } from './intake.ts';
import type { LoadPlan } from './load.ts';
import { Runner } from './runner.ts';
import type { ShareEnding } from './tally.ts';

/** What the thread is started with. */
export interface LoadWorkerData {
  readonly plan: LoadPlan;
  readonly share: Share;
}

/** What it is told. */
export type ToLoadWorker =
  /** All threads stand ready. */
  { readonly kind: 'start' } | { readonly kind: 'cancel' };

/** What it says: that it is ready, what it did every now and then, and how it ended. */
export type FromLoadWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'exchanges'; readonly batch: ExchangeBatch }
  | { readonly kind: 'ended'; readonly batch: ExchangeBatch; readonly ending: ShareEnding };

/** How often exchanges are sent on, milliseconds: what a progress line needs. */
const flushPeriodMs = 100;

/** Serves `port` until the share has ended. */
export function serveLoad(
  port: OwnerPort<ToLoadWorker>,
  data: LoadWorkerData,
  clock: Clock,
  random: Random,
): void {
  const sink = new BatchingSink();
  let runner: Runner | undefined;
  const start = (): void => {
    runner = new Runner(data.plan, data.share, sink, clock, random);
    const timer = clock.every(flushPeriodMs, () => {
      const batch = sink.take();
      const message: FromLoadWorker = { kind: 'exchanges', batch };
      port.postMessage(message, [batch.completed.buffer]);
    });
    void runner.ended.then((ending) => {
      timer.cancel();
      const batch = sink.take();
      const message: FromLoadWorker = { kind: 'ended', batch, ending };
      port.postMessage(message, [batch.completed.buffer]);
      port.close();
    });
  };
  port.on('message', (message) => {
    if (message.kind === 'start') start();
    else runner?.cancel();
  });
  port.postMessage({ kind: 'ready' } satisfies FromLoadWorker);
}
