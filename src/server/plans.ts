/**
 * Plans: what the server answers to a request that it has answered before, for as long as nothing
 * has changed that the answer depends on. A request is known again by its *signature*
 * (`signature.ts`).
 */

import { contentBytes, type Response } from '../app/response.ts';
import { emptyBytes, equalBytes } from '../base/bytes.ts';
import type { CachedPage } from '../dispatch/cache/page-cache.ts';
import type { HeadLimits } from '../http/limits.ts';
import type { Exchange, RequestLine } from './exchange.ts';
import type { KeepInKernel } from './kernel-content.ts';
import { ReadyReplies, type ReadyReply } from './ready-reply.ts';
import type { DateStamp } from './reply.ts';
import { type Signature, SignatureReader } from './signature.ts';

/** A megabyte or so with all that hangs on them. */
const PLANS_MAX = 4_096;

/** A head as it came, and the plan that answers it. */
export interface KnownHead {
  readonly bytes: Uint8Array;
  readonly plan: Plan;
  /** For the log, where there is one. */
  readonly line: RequestLine | undefined;
}

export class Plan {
  /** The last head that led here, for those who remember the same one. */
  known: KnownHead | undefined;
  /** The second in which it was last held against the clock. */
  #second: number;
  /** In which run it was last held against the page's file. */
  #run = -1;

  constructor(
    readonly page: CachedPage,
    readonly reply: ReadyReply,
    readonly status: number,
    /** Bytes of content that are sent. */
    readonly contentBytes: number,
    date: DateStamp,
  ) {
    this.#second = date.second;
  }

  /**
   * Whether it may be answered now, and if so makes the reply ready. The page's file is looked at
   * once a run: what is answered in one run had all begun to arrive before that look.
   *
   * @param run a number for this run and no other
   */
  isReady(run: number, date: DateStamp): boolean {
    if (!this.page.isKept) return false;
    if (this.#run !== run) {
      if (!this.page.isCurrent()) return false;
      this.#run = run;
    }
    if (this.#second !== date.second && !this.#advance(date)) return false;
    this.reply.redate(date);
    return true;
  }

  /** Whether it holds in another second too. */
  #advance({ second }: DateStamp): boolean {
    // A clock that was set back may make `Last-Modified` later than `Date`. In another year a date
    // with two digits for the year may be one of another century.
    const passed = second - this.#second;
    if (passed < 0 || yearOf(second) !== yearOf(this.#second)) return false;
    this.#second = second;
    this.page.touch();
    return true;
  }
}

function yearOf(second: number): number {
  return new Date(second * 1_000).getUTCFullYear();
}

interface Entry {
  readonly signature: Signature;
  readonly plan: Plan;
}

export class Plans {
  /** The head that was read last. */
  readonly head: SignatureReader;
  readonly #date: DateStamp;
  readonly #replies: ReadyReplies;
  /**
   * By the hash of the signature; the oldest first. Of two with the same hash the later one stays,
   * which costs the other no more than being made again.
   */
  readonly #plans = new Map<number, Entry>();
  #run = 0;
  #lastRun = 0;
  /** The turn whose run was begun last, and that run. */
  #turn = -1;
  #turnRun = 0;

  /** @param keepInKernel absent where the kernel keeps no contents */
  constructor(date: DateStamp, limits: HeadLimits, keepInKernel?: KeepInKernel) {
    this.#date = date;
    this.#replies = new ReadyReplies(keepInKernel);
    this.head = new SignatureReader(limits);
  }

  /** Whether there is none at all. */
  get isEmpty(): boolean {
    return this.#plans.size === 0;
  }

  /** Begins a run: of requests that have all begun to arrive by now. */
  beginRun(): void {
    this.#lastRun += 1;
    this.#run = this.#lastRun;
    this.#date.refresh();
  }

  /** Goes on with the run of all that had begun to arrive before this turn did. */
  joinRunOf(turn: number): void {
    if (turn !== this.#turn) {
      this.beginRun();
      this.#turn = turn;
      this.#turnRun = this.#run;
    }
    this.#run = this.#turnRun;
  }

  isReady(plan: Plan): boolean {
    return plan.isReady(this.#run, this.#date);
  }

  /** The plan for `head`, ready; `undefined` when there is none that holds. */
  take(): Plan | undefined {
    const { head } = this;
    const entry = this.#plans.get(head.hash);
    if (entry === undefined || !head.isLike(entry.signature)) return undefined;
    if (this.isReady(entry.plan)) return entry.plan;
    this.#plans.delete(head.hash);
    return undefined;
  }

  /**
   * Makes a plan of a response, where it can be given again.
   *
   * @param head that of the response, as it is sent now
   */
  learn({ signature, close }: Exchange, response: Response, head: Uint8Array): void {
    const { page, content, status } = response;
    if (signature === undefined || page === undefined || close) return;
    if (content.kind === 'stream') return;
    const bytes = content.kind === 'bytes' ? content.bytes : emptyBytes;
    const reply = this.#replies.of(page, status, head, bytes, this.#date);
    if (reply === undefined) return;
    const sent = content.kind === 'described' ? 0 : contentBytes(content);
    const plan = new Plan(page, reply, status, sent, this.#date);
    this.#plans.delete(signature.hash);
    this.#plans.set(signature.hash, { signature, plan });
    if (this.#plans.size <= PLANS_MAX) return;
    for (const oldest of this.#plans.keys()) {
      this.#plans.delete(oldest);
      return;
    }
  }
}

/**
 * A head to remember, which led to `plan`. Ten thousand connections that send the same share one.
 *
 * @param bytes the head, in memory of its own
 */
export function knownHead(bytes: Uint8Array, plan: Plan, line: RequestLine | undefined): KnownHead {
  const { known } = plan;
  if (known !== undefined && equalBytes(known.bytes, bytes)) return known;
  plan.known = { bytes, plan, line };
  return plan.known;
}
