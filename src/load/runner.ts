/**
 * One thread's share of a load: its connections, and what it sends them when. In the closed model a
 * connection sends as soon as it has its answer, so a slow server is also asked less often. In the
 * open model requests are due on a schedule, and wait for a connection where none is free.
 */

import { assert } from '../base/assert.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Endpoint } from '../client/exchange.ts';
import { Intake, type Share, type Ticket } from './intake.ts';
import { Lane, type LaneRun } from './lane.ts';
import { type LoadFailure, type LoadPlan, lateMs, type StatusExpectation } from './load.ts';
import { RequestSource } from './request-source.ts';
import { pauseBeforeSecondTry, type RepeatCause } from './second-try.ts';
import type { ExchangeSink, ShareEnding, StatusVerdict } from './tally.ts';

/** Attempts to connect that may fail before the first succeeds: the server is down, not busy. */
export const connectFailuresMax = 100;

/**
 * How long a server may be away before the run stops, milliseconds: what a restart takes. A run for
 * a time that has reached it goes on to its end: it may be there to see just that.
 */
export const outageMsMax = 3_000;

/**
 * How long requests that were due before the end are still sent after it, milliseconds: long enough
 * to see the end of a stall, and no second run.
 */
export const drainMsMax = 3_000;

/**
 * Deadlines are looked at this often, milliseconds, or ten times a time limit if that is shorter.
 */
const sweepPeriodMsMax = 100;

/**
 * A timer fires up to so many milliseconds late, so a wait ends that much early, and the rest of it
 * is spent in turns of the event loop.
 */
const timerLatenessMs = 1.5;

/** From this status on a response refuses its request. */
const refusalStatusMin = 400;

export class Runner implements LaneRun {
  readonly endpoint: Endpoint;
  readonly timeoutMs: number;
  readonly pipeline: number;
  readonly keepAlive: boolean;
  /** Resolves when nothing runs any more. */
  readonly ended: Promise<ShareEnding>;
  readonly #settle: PromiseWithResolvers<ShareEnding>;
  readonly #intake: Intake;
  readonly #lanes: Lane[] = [];
  readonly #timers: Timer[] = [];
  /** Lanes with room for which nothing was due, the longest resting first. */
  readonly #resting = new Set<Lane>();
  readonly #startMs: number;
  /** From here on nothing more is sent. */
  readonly #drainEndMs: number;
  /** Whether the next look at the schedule is arranged, and by which timer. */
  #waking = false;
  #waker: Timer | undefined;
  #over = false;
  /** Requests that were taken and have not ended, those of the warm-up too. */
  #open = 0;
  #ended = 0;
  /** When the last response was whole. */
  #lastMs = 0;
  #connectFailures = 0;
  #connections = 0;
  /** When a connection came about last; 0 before the first. */
  #connectedMs = 0;
  #waited = 0;
  #late = 0;
  #bytesReceived = 0;
  #surplus = 0;
  #retried = 0;
  #replayed = 0;
  /** Why no connection came about, the last time. */
  #refusal = '';
  /** What the warm-up had sent. */
  #bytesSentBefore = 0;

  /**
   * Starts at once.
   *
   * @throws `AssertionFailed` for a plan that makes no sense, or no HTTP: whoever made it had to
   * check
   */
  constructor(
    readonly plan: LoadPlan,
    readonly share: Share,
    readonly sink: ExchangeSink,
    readonly clock: Clock,
    random: Random,
  ) {
    checkPlan(plan);
    const { connections, warmupMs, rampMs, keepAlive } = plan;
    this.endpoint = plan.endpoint;
    this.timeoutMs = plan.timeoutMs;
    const { extent } = plan;
    const durationMs = extent.kind === 'count' ? Number.POSITIVE_INFINITY : extent.durationMs;
    this.#drainEndMs = warmupMs + durationMs + drainMsMax;
    this.pipeline = plan.pipeline;
    this.keepAlive = keepAlive;
    const sources = { uuid: () => random.uuid(), wallMs: () => clock.wallMs() };
    const source = new RequestSource(plan.requests, keepAlive, sources);
    this.#intake = new Intake(plan, source, share);
    this.#settle = Promise.withResolvers();
    this.ended = this.#settle.promise;
    this.#startMs = clock.monotonicMs();
    const periodMs = Math.max(1, Math.min(sweepPeriodMsMax, plan.timeoutMs / 10));
    this.#timers.push(clock.every(periodMs, () => this.#sweep()));
    this.#setEnd();
    // More connections than requests would stand idle.
    const used = extent.kind === 'count' && warmupMs === 0 ? extent.count : connections;
    const own = ownPart(Math.min(connections, used), share);
    for (let index = 0; index < own; index += 1) this.#lanes.push(new Lane(this));
    // In the open model it is the rate that grows.
    const spreadMs = plan.rate === undefined ? rampMs : 0;
    for (const [index, lane] of this.#lanes.entries()) {
      const delayMs = (spreadMs * (index * share.of + share.index)) / connections;
      if (delayMs === 0) lane.start();
      else this.#timers.push(clock.after(delayMs, () => lane.start()));
    }
    // A share of a small run may have nothing to do.
    this.#endIfDone(0);
  }

  /** Stops it: no further request is sent, running ones are dropped. */
  cancel(): void {
    this.#end({ cancelled: true, gaveUp: false });
  }

  nowMs(): number {
    return this.clock.monotonicMs() - this.#startMs;
  }

  hasNext(nowMs: number): boolean {
    if (this.#over || nowMs >= this.#drainEndMs) return false;
    return this.#intake.nextDueMs(nowMs) !== Number.POSITIVE_INFINITY;
  }

  take(nowMs: number, freeSinceMs: number): Ticket | undefined {
    if (this.#over || nowMs >= this.#drainEndMs) return undefined;
    const ticket = this.#intake.take(nowMs);
    if (ticket === undefined) return undefined;
    this.#open += 1;
    if (this.plan.rate !== undefined && ticket.counted) {
      // Where another connection rests, this one was not what the request waited for.
      if (freeSinceMs > ticket.dueMs && this.#resting.size === 0) this.#waited += 1;
      else if (nowMs - ticket.dueMs > lateMs) this.#late += 1;
    }
    return ticket;
  }

  rest(lane: Lane): void {
    if (this.#over) return;
    if (this.plan.rate === undefined) {
      this.#endIfDone(this.nowMs());
      return;
    }
    this.#resting.add(lane);
    this.#sleep();
  }

  again(ticket: Ticket, cause: RepeatCause, nowMs: number): number | undefined {
    if (ticket.request.retry === 0 || this.#over || nowMs >= this.#drainEndMs) return undefined;
    const pauseMs = pauseBeforeSecondTry(ticket, cause, this.clock.wallMs());
    if (pauseMs === undefined) return undefined;
    if (ticket.sentMs > 0) ticket.firstSentMs ??= ticket.sentMs;
    ticket.repetitions += 1;
    if (ticket.counted) this.#retried += 1;
    return pauseMs;
  }

  completed(ticket: Ticket, status: number, nowMs: number): void {
    this.#open -= 1;
    if (ticket.counted) {
      if (ticket.request.memo.replayed) this.#replayed += 1;
      const verdict = judgeStatus(status, ticket.request.expects);
      this.#ended += 1;
      this.#lastMs = nowMs;
      const sentMs = ticket.firstSentMs ?? ticket.sentMs;
      this.sink.completed(status, verdict, nowMs - sentMs, nowMs - ticket.dueMs);
    }
    this.#endIfDone(nowMs);
  }

  failed(ticket: Ticket, failure: LoadFailure, reason: string, nowMs: number): void {
    this.#open -= 1;
    if (ticket.counted) {
      this.#ended += 1;
      this.sink.failed(failure, reason);
    }
    this.#endIfDone(nowMs);
  }

  connected(): void {
    this.#connectFailures = 0;
    this.#connections += 1;
    this.#connectedMs = this.nowMs();
  }

  unconnected(reason: string): void {
    this.#refusal = reason;
    this.#connectFailures += 1;
    const reached = this.#connections > 0;
    if (reached && this.plan.extent.kind === 'duration') return;
    const tooMany = !reached && this.#connectFailures >= connectFailuresMax;
    if (!tooMany && this.nowMs() - this.#connectedMs < outageMsMax) return;
    this.#end({ cancelled: false, gaveUp: true });
  }

  surplus(): void {
    this.#surplus += 1;
  }

  received(bytes: number): void {
    this.#bytesReceived += bytes;
  }

  /** Timers for the end of the warm-up and of a run for a time. */
  #setEnd(): void {
    const { extent, warmupMs, timeoutMs } = this.plan;
    if (warmupMs > 0) {
      const begin = (): void => {
        this.#bytesSentBefore = this.#bytesSent();
        this.#bytesReceived = 0;
      };
      this.#timers.push(this.clock.after(warmupMs, begin));
    }
    if (extent.kind === 'count') return;
    const endMs = warmupMs + extent.durationMs;
    // One more millisecond, for a timer may fire early by a part of one.
    for (const ms of [endMs, this.#drainEndMs]) {
      this.#timers.push(this.clock.after(ms + 1, () => this.#endIfDone(this.nowMs())));
    }
    // What was due before the end is still sent for a while, and then its answer waited for.
    const lastMs = endMs + drainMsMax + timeoutMs + sweepPeriodMsMax;
    this.#timers.push(
      this.clock.after(lastMs, () => this.#end({ cancelled: false, gaveUp: false })),
    );
  }

  /** Open model: wakes when the next request is due and a lane rests. */
  #sleep(): void {
    if (this.#waking || this.#over || this.#resting.size === 0) return;
    const nowMs = this.nowMs();
    const dueMs = this.#intake.nextDueMs(nowMs);
    if (dueMs === Number.POSITIVE_INFINITY) {
      this.#endIfDone(nowMs);
      return;
    }
    const waitMs = dueMs - nowMs - timerLatenessMs;
    this.#waking = true;
    if (waitMs >= 1) this.#waker = this.clock.after(waitMs, () => this.#awake());
    else setImmediate(() => this.#awake());
  }

  #awake(): void {
    this.#waking = false;
    if (this.#over) return;
    const nowMs = this.nowMs();
    while (this.#resting.size > 0 && this.#intake.nextDueMs(nowMs) <= nowMs) {
      const [lane] = this.#resting;
      if (lane === undefined) break;
      this.#resting.delete(lane);
      lane.pump(nowMs);
    }
    this.#sleep();
  }

  #bytesSent(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.bytesSent, 0);
  }

  #sweep(): void {
    const nowMs = this.nowMs();
    for (const lane of this.#lanes) lane.sweep(nowMs);
  }

  #endIfDone(nowMs: number): void {
    if (this.#open > 0 || this.hasNext(nowMs)) return;
    this.#end({ cancelled: false, gaveUp: false });
  }

  /**
   * When a run that came to its end was over. The wait for a last response that never came is no
   * part of a run for a time.
   */
  #wholeMs(nowMs: number): number {
    const { extent, warmupMs } = this.plan;
    return extent.kind === 'count' ? nowMs : Math.max(warmupMs + extent.durationMs, this.#lastMs);
  }

  /**
   * What a lane did not send any more. When the server was given up, what was never sent has
   * failed, and only of the rest it is not known.
   */
  #abandon(owed: readonly Ticket[], gaveUp: boolean): void {
    if (!gaveUp) return;
    for (const ticket of owed) {
      if (!ticket.counted || ticket.sentMs > 0) continue;
      this.#ended += 1;
      this.sink.failed('connect', this.#refusal);
    }
  }

  /** Ends the run, once. */
  #end(how: Pick<ShareEnding, 'cancelled' | 'gaveUp'>): void {
    if (this.#over) return;
    this.#over = true;
    for (const timer of this.#timers) timer.cancel();
    this.#waker?.cancel();
    for (const lane of this.#lanes) this.#abandon(lane.stop(), how.gaveUp);
    const nowMs = this.nowMs();
    const whole = !how.cancelled && !how.gaveUp;
    const dropped = this.#intake.counted - this.#ended;
    const { rate, warmupMs } = this.plan;
    const unsent = rate === undefined ? 0 : this.#intake.overdue(nowMs);
    // Nothing of a warm-up that did not end is counted.
    const warming = nowMs < warmupMs;
    this.#settle.resolve({
      ...how,
      dropped,
      unsent,
      waited: this.#waited,
      late: this.#late,
      bytesReceived: warming ? 0 : this.#bytesReceived,
      bytesSent: warming ? 0 : this.#bytesSent() - this.#bytesSentBefore,
      surplus: this.#surplus,
      retried: this.#retried,
      replayed: this.#replayed,
      connections: this.#connections,
      elapsedMs: Math.max(0, (whole ? this.#wholeMs(nowMs) : nowMs) - warmupMs),
    });
  }
}

function checkPlan(plan: LoadPlan): void {
  const { extent, connections, pipeline, timeoutMs, rampMs, warmupMs } = plan;
  const size = extent.kind === 'count' ? extent.count : extent.durationMs;
  assert(size > 0 && (extent.kind === 'duration' || Number.isInteger(size)), `a load of ${size}`);
  assert(Number.isInteger(connections) && connections >= 1, `${connections} connections`);
  assert(Number.isInteger(pipeline) && pipeline >= 1, `a pipeline of ${pipeline}`);
  assert(plan.keepAlive || pipeline === 1, 'a pipeline on connections for one request each');
  assert(timeoutMs > 0, `a time limit of ${timeoutMs} ms`);
  assert(rampMs >= 0 && warmupMs >= 0, 'times that are not negative');
}

/** How many of `whole` things a share has. */
function ownPart(whole: number, share: Share): number {
  return Math.ceil((whole - share.index) / share.of);
}

function judgeStatus(status: number, expects: StatusExpectation | undefined): StatusVerdict {
  if (expects === undefined) return status >= refusalStatusMin ? 'refused' : 'right';
  return expects.some(([from, to]) => status >= from && status <= to) ? 'right' : 'unexpected';
}
