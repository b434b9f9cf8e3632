/**
 * The store's contract: what happens to pages, in two halves that may run on two threads.
 *
 * An *executor* (in each store worker) reads pages and prepares edits side by side with others. A
 * *publisher* (in the commit worker, and only there) makes prepared edits durable and public, in
 * groups. Whoever calls holds the page's lock from `prepare` until `publish` has returned;
 * reads need no lock, for a page is only ever replaced whole.
 */

import type { PreparedEdit } from '../model/messages.ts';
import type { EditOperation, EditOutcome, ReadOperation, ReadOutcome } from '../model/operation.ts';

export interface Executor {
  /**
   * Reads a page. Where the outcome's content is `open`, `stream` is that content and the
   * caller closes it. Never throws for what a file system may do: that is a refusal.
   */
  read(operation: ReadOperation): {
    readonly outcome: ReadOutcome;
    readonly stream?: OpenContent;
  };
  /**
   * Builds the page as the edits leave it. An outcome when nothing is left to publish (every edit
   * refused) and none has an idempotency key, else the prepared edit, to be handed to a publisher.
   */
  prepare(operation: EditOperation): EditOutcome | PreparedEdit;
}

/** What the publisher's own thread prepares. */
export interface SmallEdits {
  /**
   * As `Executor.prepare`; `declined`, with nothing done, when the page is so large that whoever
   * waits for this thread would feel it.
   */
  prepareSmall(operation: EditOperation): EditOutcome | PreparedEdit | 'declined';
}

/** The content of one version of a page, held open. */
export interface OpenContent {
  /**
   * Fills `target` with what lies from `position` on, all of it within the content. False when the
   * page was changed in place, became shorter, or a read failed: it cannot be completed.
   */
  tryRead(target: Uint8Array, position: number): boolean;
  close(): void;
}

/** The content of one version of a page, read in order. */
export interface ContentStream {
  /** Bytes in all. */
  readonly size: number;
  /**
   * The next bytes, at most `bytesMax`, in memory of their own. `undefined` when the file turned
   * out shorter than `size` or a read failed: the content cannot be completed.
   */
  read(bytesMax: number): Uint8Array | undefined;
  /** Bytes not read yet. */
  readonly remaining: number;
  close(): void;
}

/**
 * Edits of one group: each may have a folder open until all are synced, and the last one's answer
 * waits for the first one's. While one group is synced the next one is prepared, so with few in
 * each neither the disk nor the thread has to wait for the other for long.
 */
export const groupEditsMax = 32;

export interface Publisher {
  /** Why it takes no edit any more, for the log; `undefined` while it does. */
  readonly failure?: string | undefined;
  /**
   * Makes a group of edits, each of another page, durable, then public, and returns an outcome for
   * each, in order. It carries the prepared results, or refuses every
   * edit of the operation when it did not happen (`storage-full`, …), or `outcome-unknown` when
   * that cannot be told; from then on it refuses all edits as `read-only`.
   *
   * An edit whose idempotency key it knows is `replayed`, or refused as `key-reused` when the key
   * was another request's. If it is a part of the change, none of the operation is published, and
   * its other edits are refused as `unstable`: they are to be done over, without it.
   */
  publish(group: readonly PreparedEdit[]): EditOutcome[];
  /**
   * As `publish`, but the thread is free while the disk syncs: then `done` comes later, else before
   * this returns. No other group may be published in between. Absent: `publish` has to do.
   */
  publishLater?(
    group: readonly PreparedEdit[],
    done: (outcomes: readonly EditOutcome[]) => void,
  ): void;
}

/** Has a group published later where the publisher can do that, and at once where it cannot. */
export function publishLater(
  publisher: Publisher,
  group: readonly PreparedEdit[],
  done: (outcomes: readonly EditOutcome[]) => void,
): void {
  if (publisher.publishLater === undefined) done(publisher.publish(group));
  else publisher.publishLater(group, done);
}
