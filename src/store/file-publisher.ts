/**
 * The publisher over files: makes prepared edits durable and public, a group at a time, so that
 * many share the cost of one sync.
 *
 * The order is what the promise rests on: the ledger writes down what is to be done, that and the
 * new pages are synced, then each page is given its name and what it displaced goes into the
 * history, then the folders are synced, then all are acknowledged. A failure before a page's name
 * changes means that its edit did not happen. A failed sync or ledger, and any failure after the
 * change, means that nobody knows, and from then on no edit is taken: a second sync of the same
 * file may say yes to data that is lost. The group then stays unfinished, for the next start to
 * settle.
 */

import { assert } from '../base/assert.ts';
import type { PreparedEdit, StoreOptions } from '../model/messages.ts';
import type { EditOutcome } from '../model/operation.ts';
import { keySegments } from '../model/resource-key.ts';
import type { Beneath } from './beneath.ts';
import { FileError } from './errno.ts';
import type { FileDescriptor, FileSystem } from './file-system.ts';
import { type FolderMaker, SyncFailed } from './folders.ts';
import { GroupFolders } from './group-folders.ts';
import { GroupLedger, type Recorded } from './group-ledger.ts';
import { GroupSync } from './group-sync.ts';
import type { HistoryFile } from './history/kept-files.ts';
import type { HistoryFolder, HistoryPlace } from './history-folder.ts';
import { KnownKeys } from './known-keys.ts';
import { keyRefusal } from './layout.ts';
import { type CommittedEdit, type Ledger, LedgerFull } from './ledger/ledger.ts';
import { type ChangeEnd, HalfPublished, type PageChanger } from './page-change.ts';
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

/**
 * Edits of one group: each may have a folder open until all are synced, and the last one's answer
 * waits for the first one's.
 */
export const groupEditsMax = 256;

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
}

/** Where the edits of a group are published. */
interface GroupPlace {
  readonly temporary: FileDescriptor;
  readonly folders: GroupFolders;
  /** Saves of other programs that were put into the history. */
  readonly outside: HistoryFile[];
}

export class FilePublisher implements Publisher {
  readonly #parts: PublisherParts;
  readonly #maker: FolderMaker;
  readonly #changer: PageChanger;
  readonly #sync: GroupSync | undefined;
  readonly #health = new StoreHealth();
  readonly #ledger: GroupLedger;
  #isUntouched = true;

  constructor(options: PublisherOptions, parts: PublisherParts) {
    const { fileSystem, beneath, history, ledger } = parts;
    const durable = options.durability === 'sync';
    this.#parts = parts;
    this.#maker = { fileSystem, beneath, durable };
    this.#changer = parts.changer;
    this.#sync = durable ? new GroupSync(fileSystem, history, options.portable) : undefined;
    const keys = new KnownKeys(ledger, history, fileSystem, beneath, options.hashBytesMax);
    this.#ledger = new GroupLedger(ledger, keys, this.#health);
  }

  get failure(): string | undefined {
    return this.#health.failure;
  }

  /** Whether the store's folder was removed under it: then it publishes nothing any more. */
  get isRemoved(): boolean {
    return this.#health.isRemoved;
  }

  publish(edits: readonly PreparedEdit[]): EditOutcome[] {
    return groupsOf(edits).flatMap((group) => this.#publishGroup(group));
  }

  /** Whether no group was begun yet. */
  get isUntouched(): boolean {
    return this.#isUntouched;
  }

  /** Forgets versions up to the given ones: their files are gone. */
  forget(upTo: readonly HistoryPlace[]): void {
    this.#ledger.forgetRevisions(upTo);
  }

  #publishGroup(group: readonly PreparedEdit[]): EditOutcome[] {
    const folders = new GroupFolders(this.#maker);
    const members = group.map((prepared): Member => {
      assert(keyRefusal(prepared.key) === undefined, `no page can have the key ${prepared.key}`);
      return { prepared, results: prepared.results, publication: { kind: 'waiting' } };
    });
    try {
      for (const member of members) this.#ledger.lookUpKeys(member);
      const temporary = this.#openTemporary(members);
      if (temporary !== undefined) this.#publishIn({ temporary, folders, outside: [] }, members);
      for (const member of members) this.#tidy(member, folders);
    } finally {
      folders.close();
    }
    return members.map(outcomeOf);
  }

  #publishIn(place: GroupPlace, members: readonly Member[]): void {
    this.#isUntouched = false;
    const recorded = this.#ledger.record(this.#openFolders(members, place));
    if (recorded.length === 0) return;
    if (this.#sync !== undefined) this.#syncFiles(recorded, place.temporary, this.#sync);
    for (const { member, committed } of recorded) this.#makePublic(member, committed, place);
    this.#syncFolders(recorded);
    const files = [...displacedBy(recorded), ...place.outside];
    if (this.#ledger.finish(recorded)) this.#parts.onFinished?.(files);
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

  /** Makes the record and the new pages, under their temporary names, durable. */
  #syncFiles(recorded: readonly Recorded[], folder: FileDescriptor, sync: GroupSync): void {
    const withFile = recorded.filter(({ member }) => member.prepared.change.kind !== 'remove');
    try {
      // The ledger counts as a file.
      if (sync.allAtOnce(withFile.length + 1, folder)) return;
      this.#parts.ledger.sync();
    } catch (error) {
      const code =
        error instanceof SyncFailed ? 'outcome-unknown' : this.#health.ledgerFailed(error);
      for (const { member } of recorded) this.#health.refuse(member, code, true);
      return;
    }
    for (const { member } of withFile) this.#syncFile(member, folder, sync);
  }

  #syncFile(member: Publishing, folder: FileDescriptor, sync: GroupSync): void {
    try {
      sync.file(folder, member.prepared.change.temporary);
    } catch (error) {
      this.#health.refuse(member, failureOf(error, 'storage'), error instanceof SyncFailed);
    }
  }

  /** After a failure whose effect is not known, nothing more is made public. */
  #makePublic(member: Publishing, { page, displaces }: CommittedEdit, place: GroupPlace): void {
    if (member.publication.kind !== 'waiting') return;
    const { refusal } = this.#health;
    if (refusal !== undefined) {
      this.#health.refuse(member, refusal, true);
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
      if (end.kind === 'changed') member.publication = { kind: 'public', folder };
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

  #syncFolders(recorded: readonly Recorded[]): void {
    const published = recorded.filter(({ member }) => member.publication.kind === 'public');
    if (this.#sync === undefined || published.length === 0) return;
    const pages = new Set<FileDescriptor>();
    const histories = new Set<number>();
    for (const { member, committed } of published) {
      if (member.publication.kind === 'public') pages.add(member.publication.folder);
      if (committed.displaces !== undefined) histories.add(committed.page);
    }
    try {
      this.#sync.folders({ pages, histories, newHistory: this.#parts.history.takeNew() });
    } catch (error) {
      if (!(error instanceof SyncFailed || error instanceof FileError)) throw error;
      for (const { member } of published) this.#health.refuse(member, 'outcome-unknown', true);
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

/** Cut so that each group has a page, and an idempotency key, at most once. */
function groupsOf(edits: readonly PreparedEdit[]): PreparedEdit[][] {
  const groups: PreparedEdit[][] = [];
  let group: PreparedEdit[] = [];
  let names = new Set<string>();
  for (const edit of edits) {
    const own = [`page ${edit.key}`, ...(edit.keys ?? []).map(({ key }) => `key ${key}`)];
    if (group.length >= groupEditsMax || own.some((name) => names.has(name))) {
      groups.push(group);
      group = [];
      names = new Set();
    }
    group.push(edit);
    for (const name of own) names.add(name);
  }
  if (group.length > 0) groups.push(group);
  return groups;
}
