/** The verdict on a history: which kinds of faults there are, how often, and what happened. */

import type { Mark } from './history.ts';

/** What can be wrong with the history of a page, in the order in which it is told. Closed. */
export const faultKinds = [
  /** Acknowledged, or seen by somebody, and not in the final page. Counted by edit. */
  'lost',
  /** A mark that stands twice in one page. Counted by edit. */
  'doubled',
  /** Somebody saw a page that was not whole. Counted by sighting. */
  'torn',
  /**
   * Edits stand in another order than the one in which they were done. Counted by edit, as few as
   * would explain it, and by page where a page tells another order than the final one.
   */
  'reordered',
  /**
   * A mark that nobody had sent, or not yet, or that was refused. Counted by edit; or by sighting,
   * if fewer sightings explain it.
   */
  'phantom',
  /** Somebody looked after an edit was done, and did not see it. Counted by sighting. */
  'stale',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** One fault, told. */
export interface Fault {
  readonly kind: FaultKind;
  /** The edits that it is about, the one that is to blame first; none where a page was torn. */
  readonly marks: readonly Mark[];
  /** One or two sentences; the times in them are counted from the history's start. */
  readonly text: string;
}

/** How many faults of each kind are told: the first few show the pattern, all are counted. */
export const examplesMax = 5;

export interface HistoryFigures {
  readonly acknowledged: number;
  readonly unknown: number;
  /** Edits whose outcome was unknown, and which stand in the final page. */
  readonly unknownDone: number;
  readonly reads: number;
  /**
   * What the other pages were held against: the final page, or, where that could not be read or was
   * torn, the longest page that somebody saw.
   */
  readonly judgedBy: 'final' | 'longest';
  /**
   * Acknowledged edits that no page shows, where there is no final page to say that they are lost.
   * With a final page always 0.
   */
  readonly unconfirmed: number;
}

export interface Verdict {
  /** True exactly when there are no faults: one order of the edits explains all that was seen. */
  readonly linearizable: boolean;
  /**
   * True when success may be claimed: no faults, and no acknowledged edit that nobody ever saw.
   */
  readonly confirmed: boolean;
  /** How many faults of each kind; 0 for those that did not occur. */
  readonly counts: Readonly<Record<FaultKind, number>>;
  /** Up to {@link examplesMax} of each kind, in the order of the kinds. */
  readonly examples: readonly Fault[];
  readonly figures: HistoryFigures;
}
