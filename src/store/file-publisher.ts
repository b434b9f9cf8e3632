/**
 * The publisher over files: makes prepared edits durable and public, a group at a time, so that
 * many share the cost of one sync.
 *
 * The order is what the promise rests on: the new pages are synced, then each is given its name,
 * then the folders are synced, then all are acknowledged. A failure before a page's name changes
 * means that its edit did not happen. A failed sync, or any failure after the change, means that
 * nobody knows, and from then on no edit is taken: a second sync of the same file may say yes to
 * data that is lost.
 */

import { assert } from '../base/assert.ts';
import { systemRandom } from '../base/random.ts';
import type { PreparedEdit, StoreOptions } from '../model/messages.ts';
import { type EditOutcome, type RefusalCode, refused } from '../model/operation.ts';
import { keySegments } from '../model/resource-key.ts';
import { Beneath } from './beneath.ts';
import { FileError, hasErrno, refusalOf } from './errno.ts';
import { closeQuietly, type FileSystem } from './file-system.ts';
import {
  type FolderMaker,
  type OpenFolder,
  openOrMakeFolder,
  removeFolders,
  SyncFailed,
} from './folders.ts';
import { GroupSync } from './group-sync.ts';
import { keyRefusal } from './layout.ts';
import { HalfPublished, PageChanger } from './page-change.ts';
import type { Publisher } from './store.ts';
import { TemporaryFolder } from './temporary.ts';

/**
 * Edits of one group: each may have a folder open until all are synced, and the last one's answer
 * waits for the first one's.
 */
export const groupEditsMax = 256;

/** Its page is public in `folder`; `displaced` is the temporary name of what it replaced. */
interface Published {
  readonly kind: 'public';
  readonly folder: OpenFolder;
  readonly displaced?: string;
}

/** How far an edit came. */
type Publication =
  | { readonly kind: 'waiting' }
  | Published
  /** `named`: names may have been changed, so what is called temporary may be somebody's page. */
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly named: boolean };

/** An edit on its way through a group. */
interface Member {
  readonly prepared: PreparedEdit;
  publication: Publication;
}

/** Opens the served folder, and keeps it open until `close`. Throws `FileError` when it cannot. */
export function createFilePublisher(options: StoreOptions, fileSystem: FileSystem): FilePublisher {
  return new FilePublisher(options, fileSystem);
}

export class FilePublisher implements Publisher {
  readonly #fileSystem: FileSystem;
  readonly #beneath: Beneath;
  readonly #temporary: TemporaryFolder;
  readonly #maker: FolderMaker;
  readonly #changer: PageChanger;
  readonly #sync: GroupSync | undefined;
  #readOnly = false;

  constructor(options: StoreOptions, fileSystem: FileSystem) {
    const { root, portable, durability } = options;
    const durable = durability === 'sync';
    this.#fileSystem = fileSystem;
    this.#beneath = new Beneath(fileSystem, root, portable);
    this.#temporary = new TemporaryFolder(fileSystem, root, systemRandom);
    this.#maker = { fileSystem, beneath: this.#beneath, durable };
    this.#changer = new PageChanger(fileSystem, this.#temporary, portable);
    this.#sync = durable ? new GroupSync(fileSystem, this.#temporary, portable) : undefined;
  }

  close(): void {
    this.#beneath.close();
    this.#temporary.close();
  }

  publish(group: readonly PreparedEdit[]): EditOutcome[] {
    const outcomes: EditOutcome[] = [];
    for (let start = 0; start < group.length; start += groupEditsMax) {
      outcomes.push(...this.#publishGroup(group.slice(start, start + groupEditsMax)));
    }
    return outcomes;
  }

  #publishGroup(group: readonly PreparedEdit[]): EditOutcome[] {
    const members = group.map((prepared): Member => {
      assert(keyRefusal(prepared.key) === undefined, `no page can have the key ${prepared.key}`);
      return { prepared, publication: { kind: 'waiting' } };
    });
    if (!this.#readOnly) this.#syncPages(members);
    for (const member of members) this.#makePublic(member);
    this.#syncFolders(members);
    for (const member of members) this.#tidy(member);
    return members.map(outcomeOf);
  }

  /** Makes the new pages durable under their temporary names. */
  #syncPages(members: readonly Member[]): void {
    const sync = this.#sync;
    if (sync === undefined) return;
    const withFile = members.filter(({ prepared }) => hasFile(prepared));
    try {
      if (sync.allAtOnce(withFile.length)) return;
    } catch (error) {
      for (const member of withFile) this.#refuse(member, failureOf(error, 'storage'));
    }
    for (const member of withFile) {
      const { change } = member.prepared;
      if (!('file' in change) || member.publication.kind !== 'waiting') continue;
      try {
        sync.page(change.temporary);
      } catch (error) {
        this.#refuse(member, failureOf(error, 'storage'));
      }
    }
  }

  /** After a failure whose effect is not known, nothing more is made public. */
  #makePublic(member: Member): void {
    if (member.publication.kind !== 'waiting') return;
    const { prepared } = member;
    if (this.#readOnly) {
      this.#refuse(member, 'read-only');
      return;
    }
    let folder: OpenFolder;
    try {
      folder = this.#openFolder(prepared);
    } catch (error) {
      this.#refuse(member, failureOf(error, 'edit'));
      return;
    }
    const done = this.#change(prepared, folder);
    if (typeof done !== 'string') {
      member.publication = done;
      return;
    }
    this.#refuse(member, done, done === 'outcome-unknown');
    if (done !== 'outcome-unknown') removeFolders(this.#maker, folder.made);
    closeQuietly(this.#fileSystem, folder.descriptor);
  }

  #change(prepared: PreparedEdit, folder: OpenFolder): Published | RefusalCode {
    const name = keySegments(prepared.key).at(-1);
    assert(name !== undefined, 'the root is published');
    try {
      const end = this.#changer.change(prepared.change, folder.descriptor, name);
      if (end.kind === 'unstable') return 'unstable';
      const { displaced } = end;
      return { kind: 'public', folder, ...(displaced !== undefined && { displaced }) };
    } catch (error) {
      return error instanceof HalfPublished ? 'outcome-unknown' : changeFailureOf(error);
    }
  }

  #openFolder(prepared: PreparedEdit): OpenFolder {
    const segments = keySegments(prepared.key).slice(0, -1);
    if (prepared.change.kind === 'create') return openOrMakeFolder(this.#maker, segments);
    return { descriptor: this.#beneath.openFolder(segments), made: [] };
  }

  /** Makes the names durable; the folders are closed whatever becomes of it. */
  #syncFolders(members: readonly Member[]): void {
    const open = members.flatMap(({ publication }) =>
      publication.kind === 'public' ? [publication.folder.descriptor] : [],
    );
    try {
      this.#sync?.folders(open);
    } catch (error) {
      const code = failureOf(error, 'edit');
      for (const member of members) {
        if (member.publication.kind === 'public') this.#refuse(member, code, true);
      }
    } finally {
      for (const descriptor of open) closeQuietly(this.#fileSystem, descriptor);
    }
  }

  /** @param named whether the names of the edit's files may have been changed */
  #refuse(member: Member, code: RefusalCode, named = false): void {
    member.publication = { kind: 'refused', code, named };
    if (code === 'outcome-unknown') this.#readOnly = true;
  }

  /**
   * Removes what is of no use any more: the file that was displaced, or the one that was never
   * published. What is not known stays: it may be all that is left of a page.
   */
  #tidy({ prepared: { change }, publication }: Member): void {
    if (publication.kind === 'public') {
      if (publication.displaced !== undefined) this.#temporary.remove(publication.displaced);
      return;
    }
    const own = publication.kind === 'refused' && !publication.named;
    if (own && 'file' in change) this.#temporary.remove(change.temporary);
  }
}

function hasFile({ change }: PreparedEdit): boolean {
  return 'file' in change;
}

function outcomeOf({ prepared: { id, results }, publication }: Member): EditOutcome {
  if (publication.kind === 'public') return { kind: 'edit', id, results };
  assert(publication.kind === 'refused', 'an edit of a group was left out');
  const { code } = publication;
  return { kind: 'edit', id, results: results.map(() => refused(code)) };
}

/** What a failed step means to the edit; anything but a failed file call is a bug and thrown on. */
function failureOf(error: unknown, purpose: 'edit' | 'storage'): RefusalCode {
  if (error instanceof SyncFailed) return 'outcome-unknown';
  if (!(error instanceof FileError)) throw error;
  return refusalOf(error.errno, purpose);
}

/**
 * What a failed rename or link means. The kernel refuses before it changes anything, save for an
 * error of the disk itself, after which nobody knows what is on it.
 */
function changeFailureOf(error: unknown): RefusalCode {
  const code = failureOf(error, 'edit');
  const definite = code !== 'storage-error' || hasErrno(error, 'EROFS');
  return definite ? code : 'outcome-unknown';
}
