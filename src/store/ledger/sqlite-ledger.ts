/** The ledger in an SQLite database: the circle of groups, and what is kept in memory of them. */

import { assert } from '../../base/assert.ts';
import type { ResourceKey } from '../../model/resource-key.ts';
import { closeQuietly, type FileDescriptor } from '../file-system.ts';
import { hasRoomFor, type LedgerDatabase } from './database.ts';
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
  type Settled,
  type UnfinishedEdit,
} from './ledger.ts';
import { addLeftOver, leftUnfinished } from './left-over.ts';
import { LedgerLookups } from './lookups.ts';
import type { LedgerOptions, LedgerSeams } from './options.ts';
import type { RecordJournal } from './record-journal.ts';
import { LedgerWrites } from './writes.ts';

const nothingNew = { revisions: [], keys: [] } as const;

export class SqliteLedger implements Ledger {
  readonly #database: LedgerDatabase;
  readonly #options: LedgerOptions;
  readonly #seams: LedgerSeams;
  readonly #history: LedgerHistory;
  readonly #lookups: LedgerLookups;
  readonly #writes: LedgerWrites;
  readonly #last: LastRevisions;
  readonly #journal: RecordJournal;
  /** The write-ahead log, held open to see that it is still there. */
  readonly #log: FileDescriptor;
  /** It was decided with which number the pages begin. */
  #isNumbered: boolean;
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

  /**
   * @param database open, and of this version
   * @param log the write-ahead log
   */
  constructor(
    database: LedgerDatabase,
    journal: RecordJournal,
    log: FileDescriptor,
    options: LedgerOptions,
    seams: LedgerSeams,
  ) {
    this.#database = database;
    this.#options = options;
    this.#seams = seams;
    this.#history = new LedgerHistory(database);
    this.#lookups = new LedgerLookups(database);
    this.#writes = new LedgerWrites(database);
    this.#last = new LastRevisions(database);
    this.#journal = journal;
    this.#log = log;
    const before = this.#lookups.counts();
    this.#isNumbered = before.isNumbered;
    const left = journal.leftOver;
    addLeftOver(database, this.#writes, left, before);
    const { edit, page, group, finished, keys } = this.#lookups.counts();
    this.#next = { edit: edit + 1, page: page + 1 };
    this.#group = group;
    this.#keys = keys;
    this.#unfinished = leftUnfinished(this.#lookups, left, finished);
    this.#recorded = finished;
    this.#finished = this.#unfinished.length === 0 ? edit : finished;
  }

  get unfinished(): readonly UnfinishedEdit[] {
    return this.#unfinished;
  }

  beginPagesAfter(highest: () => number): void {
    if (this.#isNumbered) return;
    const last = highest();
    const isBehind = last >= this.#next.page;
    if (isBehind) this.#next = { ...this.#next, page: last + 1 };
    try {
      this.#write(() => {
        this.#writes.beginPages(isBehind ? last : 0);
        return 0;
      });
    } catch (error) {
      if (error instanceof LedgerFull) return;
      throw error;
    }
    this.#isNumbered = true;
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
    this.#journal.sync();
  }

  syncLater(done: (failure?: LedgerFailed) => void): void {
    this.#journal.syncLater(done);
  }

  syncDatabase(): void {
    if (this.#options.durability === 'none') return;
    this.#journal.guarded(() => this.#seams.fileSystem.fsync(this.#log));
  }

  get isSettlingDue(): boolean {
    return this.#journal.isSettlingDue;
  }

  get hasUnsettled(): boolean {
    return this.#journal.hasUnsettled;
  }

  beginSettling(): void {
    assert(this.#open === undefined, 'the group before is finished first');
    this.#journal.beginSettling();
  }

  endSettling(): void {
    this.#journal.endSettling();
  }

  endJournal(): void {
    this.#journal.finish();
  }

  forgetLeftOver(): void {
    assert(this.#unfinished.length === 0, 'what the last run left is settled first');
    // Of what it lacked, the database has only been told.
    if (this.#journal.leftOver.length > 0) this.syncDatabase();
    this.#journal.forgetLeftOver();
  }

  commitGroup(entries: readonly LedgerEntry[]): CommittedEdit[] {
    this.#assertBetweenGroups();
    assert(entries.length > 0, 'a group has an edit');
    assert(this.#journal.isStarted, 'what the last run left is forgotten first');
    const nowMs = this.#seams.clock.wallMs();
    const plan = planGroup(entries, (key) => this.#last.find(key), this.#next, nowMs);
    this.#write(() => {
      const fewer = this.#recordFinished();
      return this.#writes.add(plan, this.#group + 1, this.#keysFromMs(nowMs)) - fewer;
    });
    this.#group += 1;
    this.#journalPlan(plan);
    this.#recordedFinished();
    this.#open = plan.edits;
    return [...plan.committed];
  }

  /** The database has it already; where the journal has no room, it has never happened. */
  #journalPlan(plan: GroupPlan): void {
    this.#next = plan.next;
    try {
      this.#journalNow(plan);
    } catch (error) {
      if (error instanceof LedgerFull) this.#takeBack(plan);
      throw error;
    }
    this.#adopt(plan);
  }

  /**
   * Nothing of the plan is known, also no save of another program: the next edit of that page finds
   * it again. Only the numbers are used up.
   */
  #takeBack({ revisions, heads, newPages }: GroupPlan): void {
    for (const { id } of revisions) this.#undone.add(id);
    for (const [key, { page, highest }] of heads) {
      // In the database a new page has revisions.
      const last = newPages.has(key) ? undefined : this.#last.find(key)?.last;
      this.#last.set(key, { page, highest, ...(last !== undefined && { last }) });
    }
  }

  /** Not durable before `sync`. Throws `LedgerFull`; then the journal is as it was. */
  #journalNow({ revisions, keys }: Pick<GroupPlan, 'revisions' | 'keys'> = nothingNew): void {
    const undone = [...this.#undone];
    this.#journal.write({ group: this.#group, finished: this.#finished, undone, revisions, keys });
  }

  finishGroup(undone: readonly string[]): void {
    const open = this.#open;
    assert(open !== undefined, 'there is no group to finish');
    for (const operation of undone) {
      const edit = open.get(operation);
      assert(edit !== undefined, `the operation ${operation} is not of this group`);
      this.#undone.add(edit.id);
      const head = this.#last.find(edit.key);
      // Another program's save may have got a number since.
      if (head === undefined || head.last?.revision !== edit.without.highest) continue;
      this.#last.set(edit.key, { ...edit.without, highest: head.highest });
    }
    this.#open = undefined;
    this.#finished = this.#next.edit - 1;
    if (undone.length > 0) this.#recordNow();
  }

  recordOutside(key: ResourceKey, found: PageVersion): { page: number; revision: number } {
    const plan = planOutside(key, found, (key) => this.#last.find(key), this.#next);
    this.#write(() => this.#writes.add(plan, this.#group, 0));
    if (this.#unfinished.length === 0) {
      this.#journalPlan(plan);
      this.sync();
    } else {
      // Nothing is added to the journal before what it holds is settled.
      this.#adopt(plan);
      this.syncDatabase();
    }
    if (this.#open === undefined && this.#unfinished.length === 0) {
      this.#finished = this.#next.edit - 1;
    }
    const head = plan.heads.get(key);
    assert(head !== undefined, 'a revision was planned');
    return { page: head.page, revision: head.highest };
  }

  settle(decisions: readonly Settled[]): void {
    const settled = new Map(decisions.map((decision) => [decision.operation, decision]));
    assert(settled.size === decisions.length, 'an operation is settled twice');
    assert(settled.size === this.#unfinished.length, 'each unfinished edit is settled');
    const ids = this.#lookups.rowsOf(this.#unfinished);
    const last = this.#next.edit - 1;
    this.#write(() => {
      let fewer = 0;
      for (const { operation, key } of this.#unfinished) {
        const decision = settled.get(operation);
        assert(decision !== undefined, `${operation} is not settled`);
        this.#last.drop(key);
        const id = ids.get(operation)?.id;
        // Nothing else is missing but what was pruned from the history since.
        if (id === undefined) continue;
        if (!decision.happened) fewer += this.#writes.undo(id);
        if (decision.file !== undefined) this.#writes.refile(id, decision.file);
      }
      this.#writes.finish(last);
      return -fewer;
    });
    this.syncDatabase();
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
    // The journal has still to be told of edits that did not happen.
    this.#recorded = this.#finished;
    return forgotten;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      const isKnown = this.#open === undefined && this.#journal.isStarted;
      const isRecorded = this.#recorded === this.#finished && this.#undone.size === 0;
      if (isKnown && !isRecorded) this.#recordNow();
    } catch (error) {
      // Then the next start finds out by the files that every edit of the last group happened.
      if (!(error instanceof LedgerFull || error instanceof LedgerFailed)) throw error;
    }
    this.#database.close();
    this.#journal.close();
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

  /** In the journal and in the database; one of them is enough, for a start looks into both. */
  #recordNow(): void {
    const isJournaled = hasRoomFor(() => {
      this.#journalNow();
      this.sync();
    });
    const isRecorded = hasRoomFor(() => {
      this.#write(() => -this.#recordFinished());
      if (!isJournaled) this.syncDatabase();
    });
    if (isRecorded && isJournaled) this.#recordedFinished();
    if (!isRecorded && !isJournaled) throw new LedgerFull('no room in journal and database');
  }

  /** Within a transaction; returns how many keys went with edits that did not happen. */
  #recordFinished(): number {
    let fewer = 0;
    for (const edit of this.#undone) fewer += this.#writes.undo(edit);
    if (this.#recorded < this.#finished) this.#writes.finish(this.#finished);
    return fewer;
  }

  /** Once both the database and the journal have it: until then the next record tells it again. */
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
    const { fileSystem } = this.#seams;
    const isRemoved = this.#journal.guarded(() => fileSystem.fstat(this.#log).links === 0);
    if (isRemoved || this.#database.hasMoved) {
      throw this.#database.fail('removed', 'its files were removed or moved');
    }
    this.#keys += moreKeys;
  }
}
