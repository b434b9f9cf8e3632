/** The ledger in an SQLite database: the circle of groups, and what is kept in memory of them. */

import { constants } from 'node:fs';
import { assert } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import type { ResourceKey } from '../../model/resource-key.ts';
import { FileError } from '../errno.ts';
import { closeQuietly, type FileDescriptor, type FileSystem } from '../file-system.ts';
import type { LedgerDatabase } from './database.ts';
import type { GroupPlan } from './group-plan.ts';
import { type Counters, type PlannedEdit, planGroup, planOutside } from './group-plan.ts';
import { LedgerHistory } from './history.ts';
import { LastRevisions } from './last-revisions.ts';
import {
  type CommittedEdit,
  type FoundKey,
  type KnownPage,
  type Ledger,
  type LedgerEntry,
  LedgerFailed,
  LedgerFull,
  type PageVersion,
  type PastRevision,
  type Revision,
  type UnfinishedEdit,
} from './ledger.ts';
import { LedgerLookups } from './lookups.ts';
import { LedgerWrites } from './writes.ts';

export interface LedgerOptions {
  /** `none` leaves out the syncs, nothing else. */
  readonly durability: 'sync' | 'none';
  /** How long an idempotency key is kept, milliseconds. */
  readonly keyWindowMs: number;
  /** How many idempotency keys are kept. */
  readonly keysMax: number;
  /** The most pages, of 4,096 bytes, that the file may grow to; absent: as the disk has room. */
  readonly pagesMax?: number;
}

export interface LedgerSeams {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
}

const logFlags = constants.O_RDONLY | constants.O_NOFOLLOW;

export class SqliteLedger implements Ledger {
  readonly #database: LedgerDatabase;
  readonly #options: LedgerOptions;
  readonly #seams: LedgerSeams;
  readonly #history: LedgerHistory;
  readonly #lookups: LedgerLookups;
  readonly #writes: LedgerWrites;
  readonly #last: LastRevisions;
  /** The write-ahead log, held open to see that it is still there. */
  readonly #log: FileDescriptor;
  #closed = false;
  #next: Counters;
  #group: number;
  /** Idempotency keys in all. */
  #keys: number;
  #unfinished: readonly UnfinishedEdit[];
  /** The group that is committed and not finished, by operation. */
  #open: ReadonlyMap<string, PlannedEdit> | undefined;
  /** Edits up to this one are finished. */
  #finished: number;
  /** The same, as far as it is written down. */
  #recorded: number;
  /** Edits that did not happen, which is not written down yet. */
  readonly #undone = new Set<number>();

  /** @param database open, and of this version */
  constructor(path: string, database: LedgerDatabase, options: LedgerOptions, seams: LedgerSeams) {
    this.#database = database;
    this.#options = options;
    this.#seams = seams;
    this.#history = new LedgerHistory(database);
    this.#lookups = new LedgerLookups(database);
    this.#writes = new LedgerWrites(database);
    this.#last = new LastRevisions(database);
    const { edit, page, group, finished, keys } = this.#lookups.counts();
    this.#next = { edit: edit + 1, page: page + 1 };
    this.#group = group;
    this.#keys = keys;
    this.#unfinished = this.#lookups.unfinished(finished);
    this.#recorded = finished;
    this.#finished = this.#unfinished.length === 0 ? edit : finished;
    this.#log = seams.fileSystem.open(`${path}-wal`, logFlags, 0);
  }

  get unfinished(): readonly UnfinishedEdit[] {
    return this.#unfinished;
  }

  beginPagesAfter(highest: () => number): void {
    if (this.#next.page === 1) this.#next = { ...this.#next, page: highest() + 1 };
  }

  pages(after?: ResourceKey): KnownPage[] {
    return this.#history.pages(after);
  }

  revisions(key: ResourceKey, before?: number): PastRevision[] {
    return this.#history.revisions(key, before);
  }

  revisionOf(key: ResourceKey): Revision | undefined {
    return this.#last.find(key)?.last;
  }

  sync(): void {
    if (this.#options.durability === 'none') return;
    try {
      this.#seams.fileSystem.fsync(this.#log);
    } catch (error) {
      if (error instanceof FileError) throw this.#database.fail('storage', error.message);
      throw error;
    }
  }

  commitGroup(entries: readonly LedgerEntry[]): CommittedEdit[] {
    this.#assertBetweenGroups();
    assert(entries.length > 0, 'a group has an edit');
    const nowMs = this.#seams.clock.wallMs();
    const plan = planGroup(entries, (key) => this.#last.find(key), this.#next, nowMs);
    this.#write(() => {
      const fewer = this.#recordFinished();
      return this.#writes.add(plan, this.#group + 1, this.#keysFromMs(nowMs)) - fewer;
    });
    this.#recordedFinished();
    this.#group += 1;
    this.#adopt(plan);
    this.#open = plan.edits;
    return [...plan.committed];
  }

  finishGroup(undone: readonly string[]): void {
    const open = this.#open;
    assert(open !== undefined, 'there is no group to finish');
    for (const operation of undone) {
      const edit = open.get(operation);
      assert(edit !== undefined, `the operation ${operation} is not of this group`);
      this.#undone.add(edit.id);
      // Another program's save may have got a number since.
      const highest = this.#last.find(edit.key)?.highest ?? 0;
      if (highest === edit.without.highest) this.#last.set(edit.key, edit.without);
    }
    this.#open = undefined;
    this.#finished = this.#next.edit - 1;
    if (undone.length > 0) this.#recordNow();
  }

  recordOutside(key: ResourceKey, found: PageVersion): { page: number; revision: number } {
    const plan = planOutside(key, found, (key) => this.#last.find(key), this.#next);
    this.#write(() => this.#writes.add(plan, this.#group, 0));
    this.sync();
    this.#adopt(plan);
    if (this.#open === undefined && this.#unfinished.length === 0) {
      this.#finished = this.#next.edit - 1;
    }
    const head = plan.heads.get(key);
    assert(head !== undefined, 'a revision was planned');
    return { page: head.page, revision: head.highest };
  }

  settle(decisions: readonly { readonly operation: string; readonly happened: boolean }[]): void {
    const happened = new Map(decisions.map((decision) => [decision.operation, decision.happened]));
    assert(happened.size === decisions.length, 'an operation is settled twice');
    assert(happened.size === this.#unfinished.length, 'each unfinished edit is settled');
    const ids = this.#lookups.unfinishedIds(this.#recorded);
    const last = this.#next.edit - 1;
    this.#write(() => {
      let fewer = 0;
      for (const { operation, key } of this.#unfinished) {
        const didHappen = happened.get(operation);
        const id = ids.get(operation);
        assert(didHappen !== undefined && id !== undefined, `${operation} is not settled`);
        if (!didHappen) fewer += this.#writes.undo(id);
        this.#last.drop(key);
      }
      this.#writes.finish(last);
      return -fewer;
    });
    this.sync();
    this.#unfinished = [];
    this.#finished = last;
    this.#recorded = last;
  }

  findKey(key: string): FoundKey | undefined {
    this.#assertBetweenGroups();
    const fromMs = this.#keysFromMs(this.#seams.clock.wallMs());
    const found = this.#lookups.findKey(key, fromMs);
    return found === undefined || this.#undone.has(found.edit) ? undefined : found.found;
  }

  forgetKeys(): number {
    this.#assertBetweenGroups();
    const fromMs = this.#keysFromMs(this.#seams.clock.wallMs());
    const tooMany = Math.max(0, this.#keys - this.#options.keysMax);
    let forgotten = 0;
    this.#write(() => {
      forgotten = this.#writes.forgetKeys(fromMs, tooMany);
      return -forgotten;
    });
    return forgotten;
  }

  forgetRevisions(upTo: readonly { readonly page: number; readonly revision: number }[]): number {
    this.#assertBetweenGroups();
    let forgotten = 0;
    this.#write(() => {
      // Of an edit that is not known to be finished, the one that it displaced must be there.
      const fewer = this.#recordFinished();
      for (const { page, revision } of upTo) {
        forgotten += this.#writes.forgetRevisions(page, revision);
      }
      return -fewer;
    });
    this.#recordedFinished();
    return forgotten;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      const isKnown = this.#open === undefined && this.#unfinished.length === 0;
      if (isKnown && this.#recorded < this.#finished) this.#recordNow();
    } catch (error) {
      // Then the next start finds out by the files that every edit of the last group happened.
      if (!(error instanceof LedgerFull || error instanceof LedgerFailed)) throw error;
    }
    this.#database.close();
    closeQuietly(this.#seams.fileSystem, this.#log);
  }

  #assertBetweenGroups(): void {
    assert(this.#unfinished.length === 0, 'what the last run left is settled first');
    assert(this.#open === undefined, 'the group before is finished first');
  }

  #keysFromMs(nowMs: number): number {
    return nowMs - this.#options.keyWindowMs;
  }

  #adopt(plan: GroupPlan): void {
    this.#next = plan.next;
    for (const [key, head] of plan.heads) this.#last.set(key, head);
  }

  #recordNow(): void {
    this.#write(() => -this.#recordFinished());
    this.sync();
    this.#recordedFinished();
  }

  /** Within a transaction; returns how many keys went with edits that did not happen. */
  #recordFinished(): number {
    let fewer = 0;
    for (const edit of this.#undone) fewer += this.#writes.undo(edit);
    if (this.#recorded < this.#finished) this.#writes.finish(this.#finished);
    return fewer;
  }

  /** After the transaction: until then nothing of it is to be relied on. */
  #recordedFinished(): void {
    this.#undone.clear();
    this.#recorded = this.#finished;
  }

  /**
   * Runs a transaction, and sees that its file is still the one that the next start will find.
   *
   * @param work returns how many keys there are more
   */
  #write(work: () => number): void {
    const moreKeys = this.#database.transaction(work);
    // SQLite would go on writing into files that have no name any more.
    if (this.#isLogRemoved() || this.#database.hasMoved) {
      throw this.#database.fail('removed', 'its files were removed or moved');
    }
    this.#keys += moreKeys;
  }

  #isLogRemoved(): boolean {
    try {
      return this.#seams.fileSystem.fstat(this.#log).links === 0;
    } catch (error) {
      if (error instanceof FileError) throw this.#database.fail('storage', error.message);
      throw error;
    }
  }
}
