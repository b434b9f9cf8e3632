/**
 * The publisher over files: makes prepared edits durable and public, a group at a time, so that
 * many share the cost of one sync.
 *
 * The order is what the promise rests on: the ledger writes down what is to be done, that and the
 * new pages are synced, then each page is given its name and what it displaced goes into the
 * history, then the folders are synced, then all are acknowledged. A failure before a page's name changes means
 * that its edit did not happen. A failed sync or ledger, and any failure after the change, means
 * that nobody knows, and from then on no edit is taken: a second sync of the same file may say yes
 * to data that is lost. The group then stays unfinished, for the next start to settle.
 */

import { assert } from '../base/assert.ts';
import type { PreparedEdit, StoreOptions } from '../model/messages.ts';
import type { EditOutcome, RefusalCode } from '../model/operation.ts';
import { keySegments } from '../model/resource-key.ts';
import type { Beneath } from './beneath.ts';
import { FileError } from './errno.ts';
import type { FileDescriptor, FileSystem } from './file-system.ts';
import { type FolderMaker, SyncFailed } from './folders.ts';
import { GroupFolders } from './group-folders.ts';
import { GroupSync } from './group-sync.ts';
import type { HistoryFolder, HistoryPlace } from './history-folder.ts';
import { KnownKeys } from './known-keys.ts';
import { keyRefusal } from './layout.ts';
import { type CommittedEdit, type Ledger, LedgerFailed, LedgerFull } from './ledger/ledger.ts';
import { entryOf } from './ledger-entry.ts';
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
import type { TemporaryFolder } from './temporary.ts';

/**
 * Edits of one group: each may have a folder open until all are synced, and the last one's answer
 * waits for the first one's.
 */
export const groupEditsMax = 256;

/** A version that an edit displaced: it lies in the history, and its edit is finished. */
export interface DisplacedVersion extends HistoryPlace {
  readonly bytes: number;
}

/** What the publisher works with; it closes none of it. */
export interface PublisherParts {
  readonly fileSystem: FileSystem;
  readonly beneath: Beneath;
  readonly temporary: TemporaryFolder;
  readonly history: HistoryFolder;
  readonly changer: PageChanger;
  /** Settled: it has no unfinished edit. */
  readonly ledger: Ledger;
  /** Called after each group. */
  readonly onDisplaced?: (versions: readonly DisplacedVersion[]) => void;
}

/** Where the edits of a group are published. */
interface GroupPlace {
  readonly temporary: FileDescriptor;
  readonly folders: GroupFolders;
}

/** An edit that the ledger has written down. */
interface Recorded {
  readonly member: Publishing;
  readonly committed: CommittedEdit;
}

export class FilePublisher implements Publisher {
  readonly #parts: PublisherParts;
  readonly #maker: FolderMaker;
  readonly #changer: PageChanger;
  readonly #sync: GroupSync | undefined;
  readonly #keys: KnownKeys;
  #failure: string | undefined;
  #isRemoved = false;

  constructor(options: Pick<StoreOptions, 'portable' | 'durability'>, parts: PublisherParts) {
    const { fileSystem, beneath, history, ledger } = parts;
    const durable = options.durability === 'sync';
    this.#parts = parts;
    this.#maker = { fileSystem, beneath, durable };
    this.#changer = parts.changer;
    this.#sync = durable ? new GroupSync(fileSystem, history, options.portable) : undefined;
    this.#keys = new KnownKeys(ledger, history, fileSystem, beneath);
  }

  get failure(): string | undefined {
    return this.#failure;
  }

  /** Whether the store's folder was removed under it: then it publishes nothing any more. */
  get isRemoved(): boolean {
    return this.#isRemoved;
  }

  publish(edits: readonly PreparedEdit[]): EditOutcome[] {
    return groupsOf(edits).flatMap((group) => this.#publishGroup(group));
  }

  #publishGroup(group: readonly PreparedEdit[]): EditOutcome[] {
    const folders = new GroupFolders(this.#maker);
    const members = group.map((prepared): Member => {
      assert(keyRefusal(prepared.key) === undefined, `no page can have the key ${prepared.key}`);
      return { prepared, results: prepared.results, publication: { kind: 'waiting' } };
    });
    try {
      for (const member of members) this.#lookUpKeys(member);
      const temporary = this.#openTemporary(members);
      if (temporary !== undefined) this.#publishIn({ temporary, folders }, members);
      for (const member of members) this.#tidy(member, folders);
    } finally {
      folders.close();
    }
    return members.map(outcomeOf);
  }

  #publishIn(place: GroupPlace, members: readonly Member[]): void {
    const recorded = this.#record(this.#openFolders(members, place));
    if (this.#sync !== undefined) this.#syncFiles(recorded, place.temporary, this.#sync);
    for (const { member, committed } of recorded) this.#makePublic(member, committed, place);
    this.#syncFolders(recorded);
    this.#finish(recorded);
  }

  /** The folder that the prepared files are in; without it nothing is published. */
  #openTemporary(members: readonly Member[]): FileDescriptor | undefined {
    const publishing = members.filter(isPublishing);
    if (publishing.length === 0) return undefined;
    try {
      return this.#parts.temporary.descriptor;
    } catch (error) {
      for (const member of publishing) this.#refuse(member, failureOf(error, 'storage'));
      return undefined;
    }
  }

  #lookUpKeys(member: Member): void {
    const { prepared } = member;
    if (this.#failure !== undefined || this.#isRemoved) {
      this.#refuse(member, this.#isRemoved ? 'unstable' : 'read-only');
      return;
    }
    const known = prepared.keys === undefined ? undefined : this.#lookUp(member);
    if (member.publication.kind !== 'waiting') return;
    if (known !== undefined) member.results = known.results;
    if (known?.isStale === true || prepared.change.kind === 'none') {
      member.publication = { kind: 'answered', results: member.results };
    }
  }

  #lookUp(member: Member) {
    try {
      return this.#keys.lookUp(member.prepared);
    } catch (error) {
      this.#refuse(member, this.#ledgerFailure(error));
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
        this.#refuse(member, failureOf(error, 'edit'));
        return false;
      }
    });
  }

  /**
   * Writes down what is to be published, as one transaction. When there is no room for it, that is
   * begun anew with ever fewer edits, and there is none for the others.
   */
  #record(members: readonly Publishing[]): Recorded[] {
    let some = this.#failure === undefined ? members : [];
    while (some.length > 0) {
      try {
        const committed = this.#parts.ledger.commitGroup(some.map(entryOf));
        return this.#recordedOf(members, committed);
      } catch (error) {
        if (error instanceof LedgerFull) {
          some = some.slice(0, Math.floor(some.length / 2));
          continue;
        }
        const code = this.#ledgerFailure(error);
        for (const member of members) this.#refuse(member, code, code === 'outcome-unknown');
        return [];
      }
    }
    return this.#recordedOf(members, []);
  }

  #recordedOf(members: readonly Publishing[], committed: readonly CommittedEdit[]): Recorded[] {
    const code = this.#failure === undefined ? 'storage-full' : 'read-only';
    return members.flatMap((member, index) => {
      const edit = committed[index];
      if (edit !== undefined) return [{ member, committed: edit }];
      this.#refuse(member, code);
      return [];
    });
  }

  /** Makes the record and the new pages, under their temporary names, durable. */
  #syncFiles(recorded: readonly Recorded[], folder: FileDescriptor, sync: GroupSync): void {
    if (recorded.length === 0) return;
    const withFile = recorded.filter(({ member }) => member.prepared.change.kind !== 'remove');
    try {
      // The ledger counts as a file.
      if (sync.allAtOnce(withFile.length + 1, folder)) return;
      this.#parts.ledger.sync();
    } catch (error) {
      const code = error instanceof SyncFailed ? 'outcome-unknown' : this.#ledgerFailure(error);
      for (const { member } of recorded) this.#refuse(member, code, true);
      return;
    }
    for (const { member } of withFile) this.#syncFile(member, folder, sync);
  }

  #syncFile(member: Publishing, folder: FileDescriptor, sync: GroupSync): void {
    try {
      sync.file(folder, member.prepared.change.temporary);
    } catch (error) {
      this.#refuse(member, failureOf(error, 'storage'), error instanceof SyncFailed);
    }
  }

  /** After a failure whose effect is not known, nothing more is made public. */
  #makePublic(
    member: Publishing,
    { page, displaces }: CommittedEdit,
    { temporary, folders }: GroupPlace,
  ): void {
    if (member.publication.kind !== 'waiting') return;
    if (this.#failure !== undefined) {
      this.#refuse(member, 'read-only', true);
      return;
    }
    const { prepared } = member;
    const { change } = prepared;
    try {
      if (displaces !== undefined) this.#parts.history.makePage(page);
      const name = keySegments(prepared.key).at(-1);
      assert(name !== undefined, 'the root is published');
      const folder = folders.of(prepared);
      const end = this.#changer.change(change, {
        temporary,
        folder,
        name,
        ...(displaces !== undefined && { displaces: { page, revision: displaces } }),
      });
      if (end.kind === 'changed') member.publication = { kind: 'public', folder };
      else this.#withdrawn(member, end);
    } catch (error) {
      const isHalf = error instanceof HalfPublished;
      const code = isHalf ? 'outcome-unknown' : changeFailureOf(error, change.kind);
      this.#refuse(member, code, code === 'outcome-unknown');
    }
  }

  /** The edit did not happen; a save of another program may be left, and goes into the history. */
  #withdrawn(member: Publishing, { left }: Extract<ChangeEnd, { kind: 'unstable' }>): void {
    const { key, change } = member.prepared;
    if (left === undefined) {
      this.#refuse(member, 'unstable');
      return;
    }
    const { history, ledger, temporary } = this.#parts;
    try {
      const place = ledger.recordOutside(key, { identity: left });
      history.makePage(place.page);
      history.take(temporary.descriptor, change.temporary, place);
      this.#refuse(member, 'unstable');
    } catch (error) {
      if (!(error instanceof FileError || error instanceof LedgerFull)) this.#ledgerFailure(error);
      // The save lies in the temporary folder, where the next start finds it by the group's record.
      this.#fail(`a save of ${key} by another program could not be kept`);
      this.#refuse(member, 'unstable', true);
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
      for (const { member } of published) this.#refuse(member, 'outcome-unknown', true);
    }
  }

  /**
   * Says that the group is finished, save for edits that did not happen. A group in which something
   * is not known stays as it is: the next start looks what became of it.
   */
  #finish(recorded: readonly Recorded[]): void {
    if (recorded.length === 0) return;
    const undone = recorded.filter(({ member }) => member.publication.kind !== 'public');
    try {
      if (this.#failure !== undefined) {
        for (const { member } of undone) this.#leave(member);
        return;
      }
      this.#parts.ledger.finishGroup(undone.map(({ committed }) => committed.operation));
    } catch (error) {
      // Those files must stay: a file that is missing means that its edit happened.
      for (const { member } of undone) this.#leave(member);
      if (!(error instanceof LedgerFull)) this.#ledgerFailure(error);
      return;
    }
    this.#tellDisplaced(recorded);
  }

  #tellDisplaced(recorded: readonly Recorded[]): void {
    const { onDisplaced } = this.#parts;
    if (onDisplaced === undefined) return;
    const versions = recorded.flatMap(({ member, committed }): DisplacedVersion[] => {
      const { change } = member.prepared;
      const { page, displaces } = committed;
      if (member.publication.kind !== 'public' || displaces === undefined) return [];
      if (change.kind === 'create') return [];
      return [{ page, revision: displaces, bytes: Number(change.read.size) }];
    });
    if (versions.length > 0) onDisplaced(versions);
  }

  /** Removes what was prepared and never published. */
  #tidy({ prepared, publication }: Member, folders: GroupFolders): void {
    const { change } = prepared;
    if (change.kind === 'none' || publication.kind === 'public') return;
    if (publication.kind === 'refused' && publication.left) return;
    folders.giveUp(prepared);
    if (change.kind !== 'remove') this.#parts.temporary.remove(change.temporary);
  }

  /** @param left whether what lies under the edit's temporary name is to stay there */
  #refuse(member: Member, code: RefusalCode, left = false): void {
    member.publication = { kind: 'refused', code, left };
    if (code !== 'outcome-unknown') return;
    this.#fail(`it is not known whether an edit of ${member.prepared.key} happened`);
  }

  #leave(member: Member): void {
    const { publication } = member;
    if (publication.kind !== 'refused') return;
    member.publication = { ...publication, left: true };
  }

  /** What a failure of the ledger means to an edit that is not public. */
  #ledgerFailure(error: unknown): RefusalCode {
    if (!(error instanceof LedgerFailed)) throw error;
    if (error.reason === 'removed') {
      // Nobody will ever find a record of it in files that have no name any more.
      this.#isRemoved = true;
      return 'unstable';
    }
    this.#fail(error.message);
    return 'outcome-unknown';
  }

  #fail(reason: string): void {
    this.#failure ??= reason;
  }
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
