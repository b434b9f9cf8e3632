/** The contract of `:verify`: what it is asked, what it says while it runs, what it found. */

import type { Endpoint, ExchangeResult, FailureKind } from '../../client/exchange.ts';
import type { FieldLine } from '../../http/message.ts';
import type { FaultKind } from '../history/verdict.ts';

/** How an edit brings its mark into a page. */
export type VerifyWay =
  /** The server puts the content of the request into the page. */
  | { readonly kind: 'insert'; readonly method: 'PUT' | 'PATCH' }
  /** The client reads the page, puts the mark in, and sends the whole of it back. */
  | { readonly kind: 'swap'; readonly method: 'PUT' | 'POST' };

export interface VerifyPlan {
  readonly endpoint: Endpoint;
  /** Path of the page, and its query if it has one, in the form that is sent. */
  readonly target: string;
  /** Fields that go with every request, `Host` among them. */
  readonly fields: readonly FieldLine[];
  readonly way: VerifyWay;
  /** Edits in all, at least {@link editsMin}: with `swap`, those that are done. */
  readonly edits: number;
  readonly connections: number;
  readonly readers: number;
  /** So many copies are made and edited. Absent: the page itself is edited. */
  readonly copies?: number;
  /** Longest wait for one response, milliseconds. */
  readonly timeoutMs: number;
  /** What the idempotency keys of its writes begin with; absent: they go without. */
  readonly keyPrefix?: string;
  /** How often an edit, or a look at a page, may be sent again under its key; absent: never. */
  readonly retry?: number;
}

/** The layout of a page is learned from its first two edits, made one after the other. */
export const editsMin = 2;

/** What the person said about stopping it. Closed. */
export type Stopping =
  | 'no'
  /** What is under way may end. */
  | 'asked'
  /** What is under way is dropped. */
  | 'dropping';

/** What it is at. */
export type VerifyPhase = 'preparing' | 'editing' | 'reading' | 'judging' | 'cleaning';

export interface VerifyProgress {
  readonly phase: VerifyPhase;
  /** Edits that ended, in whatever way. */
  readonly done: number;
  readonly edits: number;
  /** Edits that were refused, or whose outcome is not known; 412 with `swap` is not counted. */
  readonly failed: number;
  /** Since the first edit. */
  readonly elapsedMs: number;
  readonly stopping: Stopping;
}

/** What a person should know besides the verdict. Closed. */
export type VerifyNote =
  /** With `swap`: an edit whose `If-Match` could not match was done all the same. */
  | { readonly kind: 'if-match-ignored' }
  /** With `swap`: such an edit was answered neither 2xx nor 412. */
  | { readonly kind: 'if-match-unclear'; readonly status: number }
  /** With `swap`: the page has no strong entity tag, so edits go without a condition. */
  | { readonly kind: 'no-entity-tag'; readonly weak: boolean }
  /** Nothing more was sent, for it was of no use. */
  | { readonly kind: 'gave-up'; readonly why: string }
  /** The last read of these pages failed. */
  | { readonly kind: 'final-unread'; readonly targets: readonly string[]; readonly why: string }
  /** The copies stay, for whoever wants to look at them. */
  | { readonly kind: 'copies-kept'; readonly targets: readonly string[] }
  /** The copies were to be removed, and were not. */
  | { readonly kind: 'copies-left'; readonly targets: readonly string[]; readonly why: string };

/** Something that is wrong with one of the pages, told. */
export interface VerifyExample {
  readonly kind: FaultKind;
  readonly target: string;
  /** Bytes of the page that it quotes stand in it as they came: not yet safe for a terminal. */
  readonly text: string;
  /** The marks it is about, as they stand in the page. */
  readonly marks: readonly string[];
}

export interface VerifyFigures {
  readonly acknowledged: number;
  /** Answered with 300 to 499; 412 with `swap` is not counted. */
  readonly refused: number;
  readonly unknown: number;
  /**
   * Of those whose outcome is unknown, how many stand in the pages. Absent where a page could not
   * be read at the end, or was torn then: nobody knows.
   */
  readonly unknownStanding?: number;
  /** Edits that were not done, for nothing could be sent, or no try found the page unchanged. */
  readonly givenUp: number;
  /** With `swap`: how often an edit was answered 412 and tried again. */
  readonly conflicts: number;
  /** Reads, those of `swap` among them, the last ones not. */
  readonly reads: number;
  readonly readsFailed: number;
  /** Acknowledged edits that no page shows, where the last read failed. */
  readonly unconfirmed: number;
}

/** What was found. */
export interface VerifyReport {
  readonly kind: 'report';
  readonly plan: VerifyPlan;
  readonly pages: number;
  /** Connections that edits were made over: not more than there were edits. */
  readonly connections: number;
  readonly figures: VerifyFigures;
  /** Answers to edits. */
  readonly byStatus: ReadonlyMap<number, number>;
  /** Edits without a whole answer, by why. */
  readonly byFailure: ReadonlyMap<FailureKind, number>;
  /** How many faults of each kind, over all pages. */
  readonly counts: Readonly<Record<FaultKind, number>>;
  readonly examples: readonly VerifyExample[];
  readonly notes: readonly VerifyNote[];
  /** How often something was sent again. */
  readonly retried: number;
  /** The person stopped it: all of the above is about what was done until then. */
  readonly cancelled: boolean;
  /** From the first edit to the last answer, milliseconds. */
  readonly elapsedMs: number;
  /** Acknowledged edits per second of `elapsedMs`. */
  readonly perSecond: number;
  /** True when nothing is wrong and everything that was acknowledged was seen. */
  readonly confirmed: boolean;
}

/** Why nothing could be verified, in one sentence. */
export interface VerifyProblem {
  readonly kind: 'problem';
  readonly message: string;
  /** Whether the server could not be reached at all. */
  readonly unconnected: boolean;
}

export interface VerifyRun {
  /** Rejects only with a fault of this program. */
  readonly report: Promise<VerifyReport | VerifyProblem>;
  progress(): VerifyProgress;
  /**
   * Stops it: no further edit is sent, what is under way may end for a moment, and what was done is
   * judged. Called again, it drops what is under way at once.
   */
  cancel(): void;
}

export function verifyProblem(message: string, result?: ExchangeResult): VerifyProblem {
  const unconnected = result?.kind === 'failed' && result.failure === 'connect';
  return { kind: 'problem', message, unconnected };
}
