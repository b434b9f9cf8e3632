/**
 * What happened to one page, as its clients saw it: the input of the checker. Each edit brings one
 * mark into the page that no other edit brings, and takes none away, so the marks of a page tell
 * which edits it has seen, and in which order.
 */

/** Names one edit; no other edit of the page has it. */
export type Mark = number;

/**
 * Names a list of marks that a page held, oldest first: 0 is the empty list, n the one that
 * `History.pages[n - 1]` tells.
 */
export type PageNumber = number;

/**
 * A page as it differs from the page before. So thousands of sightings of one growing page take
 * the room of its marks, once; a page that goes another way is a branch.
 */
export interface PageStep {
  /** The page that `mark` stands behind; a smaller number than that of the page itself. */
  readonly after: PageNumber;
  readonly mark: Mark;
}

/** What somebody saw who looked at the page. */
export type Sighting =
  | { readonly kind: 'page'; readonly page: PageNumber }
  /** It was not whole: cut off, or mixed from two versions. */
  | { readonly kind: 'torn'; readonly why: string };

/** What is known of an edit's outcome. */
export type EditAnswer =
  /** It was done. `saw`: the page in the answer, as it was at some moment after the edit. */
  | { readonly kind: 'acknowledged'; readonly atMs: number; readonly saw?: Sighting }
  /** It was not done, and never will be. */
  | { readonly kind: 'refused'; readonly atMs: number }
  /** Nobody knows: no answer came, or one that leaves it open. It may be done at any later time. */
  | { readonly kind: 'unknown' };

export interface Edit {
  readonly mark: Mark;
  /** When the first byte of its request could have gone out. */
  readonly invokedMs: number;
  readonly answer: EditAnswer;
  /**
   * The page that it was built on and was to replace, and no other: of an edit under a condition
   * (`If-Match`). Absent when it was to be done whatever the page held.
   */
  readonly builtOn?: Sighting;
}

export interface Read {
  readonly invokedMs: number;
  readonly answeredMs: number;
  readonly saw: Sighting;
}

/** Times are milliseconds of one monotonic clock; nothing is answered before it began. */
export interface History {
  readonly pages: readonly PageStep[];
  readonly edits: readonly Edit[];
  readonly reads: readonly Read[];
  /** The page after every edit and read had ended; absent when it could not be read. */
  readonly final?: Sighting;
}
