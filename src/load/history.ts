/**
 * What happened to one page, as its clients saw it: the input of the checker. Each edit brings one
 * mark into the page that no other edit brings, and takes none away, so the marks of a page tell
 * which edits it has seen, and in which order.
 */

/** Names one edit; no other edit of the page has it. */
export type Mark = number;

/** What a page held when somebody looked. */
export type Sighting =
  /** The first so many marks of the history's `chain`. */
  | { readonly kind: 'prefix'; readonly length: number }
  /** Marks that do not follow the chain; the oldest edit's first, as far as the page tells. */
  | { readonly kind: 'other'; readonly marks: readonly Mark[] }
  /** It was not whole: cut off, or mixed from two versions. */
  | { readonly kind: 'torn'; readonly why: string };

/** What is known of an edit's outcome. */
export type EditAnswer =
  /** It was done. `saw`: the page that the answer carried, as it was at some moment after the edit. */
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

/** The times are those of one monotonic clock. */
export interface History {
  /** The longest row of marks that was seen growing. */
  readonly chain: readonly Mark[];
  readonly edits: readonly Edit[];
  readonly reads: readonly Read[];
  /** The page after every edit had ended; absent when it could not be read. */
  readonly final?: Sighting;
}
