/**
 * The ledger's contract: what is written down of every edit before it is made public, so that after
 * a crash it can be said which edits happened, and what is not on the disk can be done again.
 *
 * The commit thread owns the ledger and goes round in a circle:
 *
 *     commitGroup ──▶ sync ──▶ (publish the group's edits) ──▶ finishGroup ──▶ commitGroup …
 *
 * A group is *pending* from its commit until it is known to be finished, and is either there whole
 * or not at all. `finishGroup` costs no write of its own as long as all of the group happened: the
 * next group's record says it too.
 *
 * The database holds what edits were; their content stands beside it in a journal, for as long as
 * nobody has synced the pages themselves:
 *
 *     beginSettling ──▶ (sync the file system) ──▶ endSettling
 *
 * What a crash leaves pending or unsettled is `unfinished`, and is settled before the first group.
 * Every method but `close` throws {@link LedgerFailed} once one has.
 */

import type { EntityTag } from '../../model/entity-tag.ts';
import type { FileIdentity } from '../../model/messages.ts';
import type { EditDone } from '../../model/operation.ts';
import type { ResourceKey } from '../../model/resource-key.ts';

/** What an edit does to its page. */
export type EditKind = 'create' | 'insert' | 'replace' | 'remove';

/** `outside`: another program saved the page, and it was found so. */
export type RevisionKind = EditKind | 'outside';

/** What a file is, less its time of change: that one changes with every rename. */
export type PageIdentity = Omit<FileIdentity, 'changedNs'>;

/** One version of a page: its file, and its entity tag where it is known. */
export interface PageVersion {
  readonly identity: PageIdentity;
  /** Strong. */
  readonly tag?: EntityTag;
}

/** An idempotency key that came with an edit. */
export interface KeyedEdit {
  readonly key: string;
  /** Tells requests apart that have the same key. */
  readonly fingerprint: Uint8Array;
  /** Which edit of the operation: several inserts may share one revision. */
  readonly place: number;
  readonly result: EditDone;
}

interface AnyEntry {
  /**
   * Names the edit for good, and its prepared file below `tmp/`. A removal, which has none, also
   * has a name, given to nothing else.
   */
  readonly operation: string;
  readonly key: ResourceKey;
  readonly keys: readonly KeyedEdit[];
}

/** A new page as it is written down. */
interface PreparedEntry extends AnyEntry {
  readonly prepared: PageVersion;
  /**
   * At most {@link journaledBytesMax}. Without it the prepared file is durable already, and so is
   * its name.
   */
  readonly content?: Uint8Array;
}

/** An edit that is to be made public once it is written down. */
export type LedgerEntry =
  | (PreparedEntry & { readonly kind: 'create' })
  | (PreparedEntry & {
      readonly kind: 'insert' | 'replace';
      /** The page that it was built on. */
      readonly displaced: PageVersion;
    })
  | (AnyEntry & { readonly kind: 'remove'; readonly displaced: PageVersion });

/** Where an edit stands in the history of its page. */
export interface CommittedEdit {
  readonly operation: string;
  /** The page's number: its history lies in the folder `history/<page>`. */
  readonly page: number;
  readonly revision: number;
  /** The revision whose file it displaces: that file goes to `history/<page>/<displaces>`. */
  readonly displaces?: number;
}

/** One revision of a page. */
export interface Revision {
  readonly page: number;
  /** Counts up within a page, with gaps where an edit did not happen. */
  readonly revision: number;
  readonly kind: RevisionKind;
  /** When it was committed; of `outside`, when the file was saved. Milliseconds since 1970. */
  readonly timeMs: number;
  /** What was published; absent for a removal. */
  readonly version?: PageVersion;
}

/** A revision as history shows it. */
export interface PastRevision extends Revision {
  readonly operation?: string;
  /** The last group is `pending` until the next one says that it was finished, or a clean end. */
  readonly state: 'pending' | 'done' | 'undone';
}

/** A page that has a history. */
export interface KnownPage {
  readonly page: number;
  readonly key: ResourceKey;
}

/** An edit that was not settled when the server ended. */
export interface UnfinishedEdit {
  /**
   * `begun`: it never came into the journal, so nothing of it was made public; `pending`: the next
   * start finds out; `finished`: it happened, but its page may not have come to the disk.
   */
  readonly state: 'begun' | 'pending' | 'finished';
  /** The database does not know the revision any more: its file was removed from the history. */
  readonly isPruned?: boolean;
  readonly operation: string;
  readonly key: ResourceKey;
  readonly page: number;
  readonly revision: number;
  readonly kind: EditKind;
  /** The file that it was to publish; absent for a removal. */
  readonly prepared?: PageIdentity;
  /** What the page is to hold, where that was not left to the prepared file. */
  readonly content?: Uint8Array;
  /** The revision whose file it displaces, and what that file was; absent for a create. */
  readonly displaced?: { readonly revision: number; readonly identity: PageIdentity };
}

/** What became of an unfinished edit. */
export interface Settled {
  readonly operation: string;
  readonly happened: boolean;
  /** The page's file, where it was written again. */
  readonly file?: PageIdentity;
}

/** What was done under an idempotency key. */
export interface FoundKey {
  readonly fingerprint: Uint8Array;
  readonly page: KnownPage;
  readonly revision: number;
  readonly place: number;
  readonly result: EditDone;
  readonly timeMs: number;
}

/** What can also be read beside a running server, by another process. */
export interface LedgerReader {
  /** At most {@link pagesListed} pages, by key, from behind `after` on. */
  pages(after?: ResourceKey): KnownPage[];
  /** At most {@link revisionsListed} revisions, the newest first, from before `before` on. */
  revisions(key: ResourceKey, before?: number): PastRevision[];
  /** May be called again. */
  close(): void;
}

/** Pages that one call lists: some hundred kilobytes. */
export const pagesListed = 1_000;

/** Revisions that one call lists. */
export const revisionsListed = 1_000;

/**
 * Content up to this size is written into the journal. Beyond, a sync of the file that was prepared
 * costs less than writing all of it twice.
 */
export const journaledBytesMax = 65_536;

/** Keys that one call of `forgetKeys` forgets: some milliseconds. */
export const keysForgottenAtOnce = 1_000;

export interface Ledger extends LedgerReader {
  /**
   * The last revision that was published, as far as the ledger knows: where its identity is not
   * that of the page's file, another program has saved since.
   */
  revisionOf(key: ResourceKey): Revision | undefined;
  /**
   * Writes down, in one transaction, that the group before is finished, and this one as pending:
   * each edit of another page, each idempotency key once
   * and only where `findKey` knows nothing of it. Where an edit displaces a file that is
   * not the last known revision, that file gets a revision of its own first, kind `outside`.
   *
   * Throws {@link LedgerFull}, after which nothing of this group is written down: it may be begun
   * anew with fewer entries. Throws {@link LedgerFailed}, after which nobody knows: what
   * is prepared stays where it is, for the next start judges by it.
   *
   * @returns in the order of `entries`
   */
  commitGroup(entries: readonly LedgerEntry[]): CommittedEdit[];
  /**
   * Makes the committed group durable: before it none of its edits may be made public. All other
   * methods that write sync by themselves, save `beginPagesAfter` and those that forget.
   */
  sync(): void;
  /**
   * The same where that is a wait for the disk, but this thread goes on: `done` is called later,
   * with what `sync` would throw. Nothing but `endSettling` may be asked of the ledger until then.
   */
  syncLater(done: (failure?: LedgerFailed) => void): void;
  /**
   * Says that all edits of the group were published, but for `undone`. Those are written down at
   * once, and before that nobody may be told so, nor may their prepared files go. After
   * {@link LedgerFull} they are known to this process alone, and are written down with the next
   * group: a start in between may do them again.
   *
   * @param undone operations of the group that did not happen, and never will
   */
  finishGroup(undone: readonly string[]): void;
  /**
   * Gives a number to a file that another program had saved and that an edit displaced, before the
   * file is moved to `history/<page>/<revision>`. Throws as `commitGroup`.
   */
  recordOutside(key: ResourceKey, found: PageVersion): { page: number; revision: number };
  /**
   * Lets the numbers of pages begin behind this one: a history may be there that an earlier ledger
   * numbered, whose database was removed. Asked once for a database, before its first group; that
   * the journal of the earlier one told it some pages does not make it an old one.
   */
  beginPagesAfter(highest: () => number): void;
  /** What the last run left pending or unsettled, in order; `settle` ends it. */
  readonly unfinished: readonly UnfinishedEdit[];
  /** Writes down, in one transaction, what became of each unfinished edit. */
  settle(decisions: readonly Settled[]): void;
  /**
   * Forgets what the last run left in the journal: all of it is settled, and its pages are synced.
   * Called before the first group, also where nothing was left.
   */
  forgetLeftOver(): void;
  /** Whether so much is unsettled that it is time to sync the file system. */
  readonly isSettlingDue: boolean;
  /** Whether anything is unsettled. */
  readonly hasUnsettled: boolean;
  /** From now on a sync of the file system settles all groups so far. Called between groups. */
  beginSettling(): void;
  /** The file system was synced since settling began: those groups need the journal no more. */
  endSettling(): void;
  /** All groups are settled: says so for the next start. */
  endJournal(): void;
  /** Syncs the database by itself, where the whole file system cannot be synced. */
  syncDatabase(): void;
  /**
   * What was done under an idempotency key within the window. Asked between groups: of a group that
   * is committed and not finished nobody knows yet.
   */
  findKey(key: string): FoundKey | undefined;
  /**
   * Forgets the oldest keys that are past the window or too many, at most
   * {@link keysForgottenAtOnce}; returns how many. Called between groups.
   */
  forgetKeys(): number;
  /**
   * Forgets revisions of pages up to the given ones, once their files are gone; a page's last one
   * stays. Returns how many. Called between groups.
   */
  forgetRevisions(upTo: readonly { readonly page: number; readonly revision: number }[]): number;
}

/** No room on the disk: what was asked for did not happen, and may when there is room. */
export class LedgerFull extends Error {
  override readonly name: string = 'LedgerFull';
}

/**
 * Another program holds the ledger's file: what was asked for did not happen, and may when it is
 * let go.
 */
export class LedgerBusy extends LedgerFull {
  override readonly name = 'LedgerBusy';
}

/**
 * Why a ledger failed: `storage` failed, or its files were `removed` under it, so that what it has
 * written down since is gone with them.
 */
export type LedgerFailure = 'storage' | 'removed';

/** Nobody knows what is written down. The ledger takes nothing more. */
export class LedgerFailed extends Error {
  override readonly name = 'LedgerFailed';

  /** @param detail SQLite's own name of the failure, such as `SQLITE_IOERR_FSYNC` */
  constructor(
    readonly reason: LedgerFailure,
    readonly detail: string,
  ) {
    super(`the ledger failed: ${detail}`);
  }
}

/**
 * Why a ledger cannot be opened: it is of a `newer` version of Inkwire, an `older` one that only a
 * server may bring up to date, `foreign`: no ledger at all, `damaged`, or the `storage` failed.
 */
export type UnusableCode = 'newer' | 'older' | 'foreign' | 'damaged' | 'storage';

/** The ledger cannot be opened; the message is a sentence for whoever started the server. */
export class LedgerUnusable extends Error {
  override readonly name = 'LedgerUnusable';

  constructor(
    readonly code: UnusableCode,
    sentence: string,
  ) {
    super(sentence);
  }
}
