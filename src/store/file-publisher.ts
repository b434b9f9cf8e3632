/**
 * The publisher over files: makes prepared edits durable and public, a group at a time, so that
 * many share the cost of one sync.
 *
 * The order is what the promise rests on: the ledger writes down what is to be done, with what the
 * pages are to hold, and that is synced; then each page is given its name and what it displaced
 * goes into the history; then all are acknowledged. The pages themselves are synced later
 * (`page-settling.ts`); until then a start after a crash makes them anew from what was written
 * down. A failure before a page's name changes means that its edit did not happen. A failed sync or
 * ledger, and any failure after the change, means that nobody knows, and from then on no edit is
 * taken: a second sync of the same file may say yes to data that is lost. The group then stays
 * unfinished, for the next start to settle.
 */

import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { PreparedEdit, StoreOptions } from '../model/messages.ts';
import type { EditOutcome } from '../model/operation.ts';
import { keySegments } from '../model/resource-key.ts';
import type { Beneath } from './beneath.ts';
import { FileError } from './errno.ts';
import type { FileDescriptor, FileSystem } from './file-system.ts';
import type { FolderMaker } from './folders.ts';
import { GroupFolders } from './group-folders.ts';
import { GroupLedger, type Recorded } from './group-ledger.ts';
import { groupsOf } from './groups.ts';
import type { HistoryFile } from './history/kept-files.ts';
import type { HistoryFolder, HistoryPlace } from './history-folder.ts';
import { KnownKeys } from './known-keys.ts';
import { LargePages } from './large-pages.ts';
import { keyRefusal } from './layout.ts';
import { type CommittedEdit, type Ledger, LedgerFull } from './ledger/ledger.ts';
import { type ChangeEnd, HalfPublished, type PageChanger } from './page-change.ts';
import { PageSettling, type StartSettler } from './page-settling.ts';
import {
  changeFailureOf,
  failureOf,
  isPublishing,
  type Member,
  outcomeOf,
  type Publishing,
} from './publication.ts';
import type { Publisher } from './store.ts';
import { StoreHealth } from './store-health.ts';
import type { TemporaryFolder } from './temporary.ts';
import { TouchedFiles } from './touched-files.ts';

/**
 * Of a group with so many edits the sync is waited for beside other work: of a smaller one it takes
 * longer to be told than to wait, and there is not much to do meanwhile.
 */
export const syncedLaterMin = 8;

export type PublisherOptions = Pick<StoreOptions, 'portable' | 'durability' | 'hashBytesMax'>;

/** What the publisher works with; it closes none of it. */
export interface PublisherParts {
  readonly fileSystem: FileSystem;
  readonly beneath: Beneath;
  readonly temporary: TemporaryFolder;
  readonly history: HistoryFolder;
  readonly changer: PageChanger;
  /** Settled: it has no unfinished edit. */
  readonly ledger: Ledger;
  /** Called after each group that is finished, with what it put into the history. */
  readonly onFinished?: (files: readonly HistoryFile[]) => void;
  readonly clock: Clock;
  /** Starts what syncs the whole file system; absent where that cannot be done. */
  readonly startSettler?: StartSettler;
}

/** Where the edits of a group are published. */
interface GroupPlace {
  readonly temporary: FileDescriptor;
  readonly folders: GroupFolders;
  /** Saves of other programs that were put into the history. */
  readonly outside: HistoryFile[];
}

/** A group that is written down as far as it could be. */
interface Begun {
  readonly members: readonly Member[];
  readonly folders: GroupFolders;
  /** Absent where nothing is to be published. */
  readonly place?: GroupPlace;
  readonly recorded: readonly Recorded[];
}

export class FilePublisher implements Publisher {
  readonly #parts: PublisherParts;
  readonly #maker: FolderMaker;
  readonly #changer: PageChanger;
  /** Absent where nothing is synced. */
  readonly #large: LargePages | undefined;
  readonly #touched: TouchedFiles | undefined;
  readonly #settling: PageSettling;
  readonly #health = new StoreHealth();
  readonly #ledger: GroupLedger;
  #isUntouched = true;
  #isAtWork = false;
  /** Versions whose files are gone, which the ledger was not told yet. */
  #gone: HistoryPlace[] = [];

  constructor(options: PublisherOptions, parts: PublisherParts) {
    const { fileSystem, beneath, history, ledger, startSettler } = parts;
    const { durability } = options;
    const durable = durability === 'sync';
    this.#parts = parts;
    this.#maker = { fileSystem, beneath, durable };
    this.#changer = parts.changer;
    this.#large = durable ? new LargePages(fileSystem, this.#health) : undefined;
    const keys = new KnownKeys(ledger, history, fileSystem, beneath, options.hashBytesMax);
    this.#ledger = new GroupLedger(ledger, keys, this.#health);
    const touched =
      durable && startSettler === undefined
        ? new TouchedFiles(fileSystem, beneath, history)
        : undefined;
    this.#touched = touched;
    this.#settling = new PageSettling({
      ...{ ledger, health: this.#health, clock: parts.clock, durability },
      isHeldUp: () => this.#isAtWork,
      syncNow: () => this.#syncPages(),
      ...(touched !== undefined && { waiting: () => touched.pages }),
      ...(startSettler !== undefined && { startSettler }),
    });
  }

  #syncPages(): void {
    const { fileSystem, temporary, ledger } = this.#parts;
    if (this.#touched === undefined) {
      fileSystem.syncfs(temporary.descriptor);
    } else {
      this.#touched.sync();
      ledger.syncDatabase();
    }
  }

  /** Ends; what was published is synced before, unless its thread dies in the middle of a group. */
  close(): void {
    if (this.#isAtWork) this.#settling.abandon();
    else this.#settling.close();
  }

  get failure(): string | undefined {
    return this.#health.failure;
  }

  /** Whether the store's folder was removed under it: then it publishes nothing any more. */
  get isRemoved(): boolean {
    return this.#health.isRemoved;
  }

  publish(edits: readonly PreparedEdit[]): EditOutcome[] {
    assert(!this.#isAtWork, 'one group at a time');
    this.#isAtWork = true;
    const outcomes = groupsOf(edits).flatMap((group) => {
      const begun = this.#begin(group);
      if (begun.recorded.length > 0) this.#syncRecord(begun.recorded);
      return this.#end(begun);
    });
    this.#rest();
    return outcomes;
  }

  publishLater(
    edits: readonly PreparedEdit[],
    done: (outcomes: readonly EditOutcome[]) => void,
  ): void {
    const [group, ...others] = groupsOf(edits);
    const isWorthIt = this.#large !== undefined && edits.length >= syncedLaterMin;
    if (group === undefined || others.length > 0 || !isWorthIt) {
      done(this.publish(edits));
      return;
    }
    assert(!this.#isAtWork, 'one group at a time');
    this.#isAtWork = true;
    const begun = this.#begin(group);
    const end = (): void => {
      const outcomes = this.#end(begun);
      this.#rest();
      done(outcomes);
    };
    if (begun.recorded.length === 0) end();
    else this.#syncRecordLater(begun.recorded, end);
  }

  /** Between two groups there is time for what was put off. */
  #rest(): void {
    this.#isAtWork = false;
    const gone = this.#gone;
    this.#gone = [];
    if (gone.length > 0) this.#ledger.forgetRevisions(gone);
    this.#settling.resume();
  }

  /** Whether no group was begun yet. */
  get isUntouched(): boolean {
    return this.#isUntouched;
  }

  /** Forgets versions up to the given ones: their files are gone. */
  forget(upTo: readonly HistoryPlace[]): void {
    if (this.#isAtWork) this.#gone.push(...upTo);
    else this.#ledger.forgetRevisions(upTo);
  }

  /** Does all that comes before the sync of the record. */
  #begin(group: readonly PreparedEdit[]): Begun {
    const folders = new GroupFolders(this.#maker);
    const members = group.map((prepared): Member => {
      assert(keyRefusal(prepared.key) === undefined, `no page can have the key ${prepared.key}`);
      return { prepared, results: prepared.results, publication: { kind: 'waiting' } };
    });
    try {
      for (const member of members) this.#ledger.lookUpKeys(member);
      const temporary = this.#openTemporary(members);
      if (temporary === undefined) return { members, folders, recorded: [] };
      this.#isUntouched = false;
      const place = { temporary, folders, outside: [] };
      const opened = this.#openFolders(members, place);
      const recorded = this.#ledger.record(this.#large?.sync(opened, temporary) ?? opened);
      return { members, folders, place, recorded };
    } catch (error) {
      folders.close();
      throw error;
    }
  }

  /** Publishes what is durable by now, and says what became of each. */
  #end({ members, folders, place, recorded }: Begun): EditOutcome[] {
    try {
      if (place !== undefined && recorded.length > 0) this.#publishIn(place, recorded);
      for (const member of members) this.#tidy(member, folders);
    } finally {
      folders.close();
    }
    return members.map(outcomeOf);
  }

  #publishIn(place: GroupPlace, recorded: readonly Recorded[]): void {
    for (const { member, committed } of recorded) this.#makePublic(member, committed, place);
    const files = [...displacedBy(recorded), ...place.outside];
    if (!this.#ledger.finish(recorded)) return;
    for (const one of recorded) this.#touch(one);
    this.#settling.groupFinished();
    this.#parts.onFinished?.(files);
  }

  #touch({ member, committed: { page, displaces } }: Recorded): void {
    if (member.publication.kind !== 'public') return;
    const displaced = displaces === undefined ? undefined : { page, revision: displaces };
    this.#touched?.add(member.prepared.key, displaced);
  }

  /** The folder that the prepared files are in; without it nothing is published. */
  #openTemporary(members: readonly Member[]): FileDescriptor | undefined {
    const publishing = members.filter(isPublishing);
    if (publishing.length === 0) return undefined;
    try {
      // A removal needs it too, and nothing was written there for that.
      return this.#parts.temporary.makeIfGone();
    } catch (error) {
      for (const member of publishing) this.#health.refuse(member, failureOf(error, 'storage'));
      return undefined;
    }
  }

  /** Opens the folders; a create makes those that are missing. */
  #openFolders(members: readonly Member[], { folders }: GroupPlace): Publishing[] {
    return members.filter(isPublishing).filter((member) => {
      try {
        folders.of(member.prepared);
        return true;
      } catch (error) {
        this.#health.refuse(member, failureOf(error, 'edit'));
        return false;
      }
    });
  }

  /** Makes the record durable. */
  #syncRecord(recorded: readonly Recorded[]): void {
    try {
      this.#parts.ledger.sync();
    } catch (error) {
      this.#syncFailed(recorded, error);
    }
  }

  /** The same, and then calls `done`: later, unless it could not even be begun. */
  #syncRecordLater(recorded: readonly Recorded[], done: () => void): void {
    try {
      this.#parts.ledger.syncLater((failure) => {
        if (failure !== undefined) this.#syncFailed(recorded, failure);
        done();
      });
    } catch (error) {
      this.#syncFailed(recorded, error);
      done();
    }
  }

  #syncFailed(recorded: readonly Recorded[], error: unknown): void {
    const code = this.#health.ledgerFailed(error);
    for (const { member } of recorded) this.#health.refuse(member, code, true);
  }

  /** After a failure whose effect is not known, nothing more is made public. */
  #makePublic(member: Publishing, { page, displaces }: CommittedEdit, place: GroupPlace): void {
    if (member.publication.kind !== 'waiting') return;
    const { refusal } = this.#health;
    if (refusal !== undefined) {
      // It is written down, so the next start will do it.
      const code = this.#health.isRemoved ? refusal : 'outcome-unknown';
      this.#health.refuse(member, code, true);
      return;
    }
    const { prepared } = member;
    const { change } = prepared;
    try {
      if (displaces !== undefined) this.#parts.history.makePage(page);
      const name = keySegments(prepared.key).at(-1);
      assert(name !== undefined, 'the root is published');
      const folder = place.folders.of(prepared);
      const end = this.#changer.change(change, {
        temporary: place.temporary,
        folder,
        name,
        ...(displaces !== undefined && { displaces: { page, revision: displaces } }),
      });
      if (end.kind === 'changed') member.publication = { kind: 'public' };
      else this.#withdrawn(member, end, place);
    } catch (error) {
      const isHalf = error instanceof HalfPublished;
      const code = isHalf ? 'outcome-unknown' : changeFailureOf(error);
      this.#health.refuse(member, code, code === 'outcome-unknown');
    }
  }

  /** The edit did not happen; a save of another program may be left, and goes into the history. */
  #withdrawn(
    member: Publishing,
    { left }: Extract<ChangeEnd, { kind: 'unstable' }>,
    { temporary, outside }: GroupPlace,
  ): void {
    const { key, change } = member.prepared;
    if (left === undefined) {
      this.#health.refuse(member, 'unstable');
      return;
    }
    const { history, ledger } = this.#parts;
    try {
      const place = ledger.recordOutside(key, { identity: left });
      history.makePage(place.page);
      history.take(temporary, change.temporary, place);
      outside.push({ ...place, bytes: Number(left.size) });
      this.#health.refuse(member, 'unstable');
    } catch (error) {
      if (!(error instanceof FileError || error instanceof LedgerFull))
        this.#health.ledgerFailed(error);
      // The save lies in the temporary folder, where the next start finds it by the group's record.
      // It looks there as if the edit had happened, and the other program had saved the page since.
      this.#health.fail(`a save of ${key} by another program could not be kept`);
      this.#health.refuse(member, 'outcome-unknown', true);
    }
  }

  /** Removes what was prepared and never published. */
  #tidy({ prepared, publication }: Member, folders: GroupFolders): void {
    const { change } = prepared;
    if (change.kind === 'none' || publication.kind === 'public') return;
    if (publication.kind === 'refused' && publication.left) return;
    folders.giveUp(prepared);
    if (change.kind !== 'remove') this.#parts.temporary.remove(change.temporary);
  }
}

/** What the public edits of a group have put into the history. */
function displacedBy(recorded: readonly Recorded[]): HistoryFile[] {
  return recorded.flatMap(({ member, committed }) => {
    const { change } = member.prepared;
    const { page, displaces } = committed;
    if (member.publication.kind !== 'public' || displaces === undefined) return [];
    if (change.kind === 'create') return [];
    return [{ page, revision: displaces, bytes: Number(change.read.size) }];
  });
}
