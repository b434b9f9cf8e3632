/**
 * The load runner: a number of connections that share a number of requests, each connection one
 * request at a time. The loop is closed: a slow server is also asked less often, so the latencies
 * are those of that many patient users, not of a fixed rate of arrivals.
 */

import { assert } from '../base/assert.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { type EncodedRequest, encodedRequest } from '../client/encoded-request.ts';
import type { Endpoint, FailureKind } from '../client/exchange.ts';
import { Lane, type LaneRun } from './lane.ts';
import type { LoadPlan, LoadProgress, LoadReport, LoadRun } from './load.ts';
import { Tally } from './tally.ts';

/**
 * Attempts to connect in a row that may fail before the run stops: the server is down, not busy.
 */
export const connectFailuresMax = 100;

/**
 * Deadlines are looked at this often, milliseconds, or ten times a time limit if that is shorter.
 */
const sweepPeriodMsMax = 100;

/** Starts `plan` at once. Its report rejects only when `plan.request` throws or makes no HTTP. */
export function startLoad(plan: LoadPlan, clock: Clock): LoadRun {
  return new Runner(plan, clock);
}

class Runner implements LoadRun, LaneRun {
  readonly report: Promise<LoadReport>;
  readonly endpoint: Endpoint;
  readonly timeoutMs: number;
  readonly #settle: PromiseWithResolvers<LoadReport>;
  readonly #tally = new Tally();
  readonly #lanes: Lane[] = [];
  readonly #startMs: number;
  readonly #sweeper: Timer;
  #endMs: number | undefined;
  #taken = 0;
  #connectFailures = 0;

  constructor(
    readonly plan: LoadPlan,
    readonly clock: Clock,
  ) {
    const { count, connections, timeoutMs } = plan;
    assert(Number.isInteger(count) && count >= 1, `a load of ${count} requests`);
    assert(Number.isInteger(connections) && connections >= 1, `${connections} connections`);
    assert(timeoutMs > 0, `a time limit of ${timeoutMs} ms`);
    this.#settle = Promise.withResolvers();
    this.report = this.#settle.promise;
    this.endpoint = plan.endpoint;
    this.timeoutMs = timeoutMs;
    this.#startMs = clock.monotonicMs();
    const periodMs = Math.max(1, Math.min(sweepPeriodMsMax, timeoutMs / 10));
    this.#sweeper = clock.every(periodMs, () => this.#sweep());
    for (let i = 0; i < Math.min(connections, count); i += 1) this.#lanes.push(new Lane(this));
    for (const lane of this.#lanes) lane.start();
  }

  progress(): LoadProgress {
    const nowMs = this.#endMs ?? this.clock.monotonicMs();
    const { count } = this.plan;
    return { done: this.#tally.done, count, elapsedMs: nowMs - this.#startMs };
  }

  cancel(): void {
    this.#end({ cancelled: true, gaveUp: false });
  }

  hasNext(): boolean {
    return this.#endMs === undefined && this.#taken < this.plan.count;
  }

  takeNext(): EncodedRequest | undefined {
    if (!this.hasNext()) return undefined;
    this.#taken += 1;
    try {
      return encodedRequest(this.plan.request(this.#taken));
    } catch (error) {
      // Thrown from a socket's handler it would be lost, and the report would never come.
      this.#stop();
      this.#settle.reject(error);
      return undefined;
    }
  }

  completed(status: number, latencyMs: number): void {
    this.#tally.addCompleted(status, latencyMs);
    this.#endIfDone();
  }

  failed(failure: FailureKind): void {
    this.#tally.addFailed(failure);
    this.#endIfDone();
  }

  connected(): void {
    this.#connectFailures = 0;
  }

  unconnected(failure: FailureKind): void {
    // Others may have taken the last numbers while this one connected: then none is left to fail.
    if (!this.hasNext()) return;
    this.#taken += 1;
    this.#connectFailures += 1;
    this.failed(failure);
    if (this.#connectFailures >= connectFailuresMax) this.#end({ cancelled: false, gaveUp: true });
  }

  #sweep(): void {
    const nowMs = this.clock.monotonicMs();
    for (const lane of this.#lanes) lane.sweep(nowMs);
  }

  #endIfDone(): void {
    if (this.#tally.done === this.plan.count) this.#end({ cancelled: false, gaveUp: false });
  }

  /** Ends the run, once, with its report. */
  #end(ending: { readonly cancelled: boolean; readonly gaveUp: boolean }): void {
    if (this.#endMs !== undefined) return;
    const elapsedMs = this.#stop() - this.#startMs;
    const dropped = this.#taken - this.#tally.done;
    this.#settle.resolve(this.#tally.report(this.plan.count, elapsedMs, { ...ending, dropped }));
  }

  /** Stops every lane, drops what still runs, and returns when that was. */
  #stop(): number {
    const endMs = this.clock.monotonicMs();
    this.#endMs = endMs;
    this.#sweeper.cancel();
    for (const lane of this.#lanes) lane.stop();
    return endMs;
  }
}
