/**
 * What happened to one page that is edited, replaced, removed and made again, as its clients saw
 * it: the input of the judge in `judge.ts`.
 *
 * Each insert and each replacement brings one mark that no other has. A page is the list of the
 * marks that it holds, oldest first: that of its replacement, then those of the inserts into it. So
 * what a page holds tells which edits made it, and it is the page for one stretch of time only.
 *
 * `src/load/history` has the other kind of history, of pages that only grow: there the final page
 * tells the order of all edits, and the judgement takes linear time. Here a removal takes away what
 * would tell it, and a search has to find it. What a page is, is the same in both.
 */

import type { Mark, PageNumber, PageStep } from '../../src/load/history/history.ts';

/** The page that is not there: nobody has made it, or it was removed. */
export const missing: PageNumber = 0;

/** What the page has to be for an edit to be done. */
export type Condition =
  /** `If-Match`, with the tag of that page. */
  | { readonly kind: 'is'; readonly page: PageNumber }
  /** `If-None-Match: *`. */
  | { readonly kind: 'missing' };

export type Request =
  | { readonly kind: 'read' }
  | { readonly kind: 'insert'; readonly mark: Mark; readonly condition?: Condition }
  /** Makes the page where it is missing. */
  | { readonly kind: 'replace'; readonly mark: Mark; readonly condition?: Condition }
  | { readonly kind: 'remove'; readonly condition?: Condition };

/** What is known of a request's outcome. */
export type Ending =
  /** It was done. `saw`: what a read found; the page just as an insert left it. */
  | { readonly kind: 'done'; readonly atMs: number; readonly saw?: PageNumber }
  /** 404: there was no page. */
  | { readonly kind: 'not-found'; readonly atMs: number }
  /** 412: the page was not what the condition asks for. */
  | { readonly kind: 'failed-condition'; readonly atMs: number }
  /** It was not done, and never will be, for a reason that says nothing of the page. */
  | { readonly kind: 'refused'; readonly atMs: number }
  /**
   * Nobody knows: no answer came, or one that leaves it open. It was done once or not at all.
   * `lapsedMs`: from then on it is not done any more, for who had it is gone, and with it all that
   * was under way; absent: it may be done at any later time.
   */
  | { readonly kind: 'unknown'; readonly lapsedMs?: number };

/** Times are milliseconds of one monotonic clock. */
export interface Operation {
  /** Who asked, for a person. */
  readonly by: string;
  readonly request: Request;
  /** When the first byte could have gone out. */
  readonly invokedMs: number;
  readonly ending: Ending;
}

export interface PageHistory {
  /** What page n is, at n - 1; `PageTree` makes them. */
  readonly steps: readonly PageStep[];
  /** The page before the first operation. */
  readonly first: PageNumber;
  readonly operations: readonly Operation[];
}
