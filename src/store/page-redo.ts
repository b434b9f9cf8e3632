/**
 * Makes a page again what the journal says that it is. After a power cut the page may be any of the
 * versions since it was synced last, or a torn one: names and content come to the disk when the
 * kernel likes. Known versions are told by their content; the page is brought to the last one in
 * one step, and versions that the history lacks are written there.
 *
 * What no edit has written is another program's save. It came after every edit that was
 * acknowledged, for one that it came before would have been built on it: so it stays.
 *
 * A second crash may come at each step. New content is synced before it gets a name, for nobody
 * would know its file again; and what is published lies under a name of its own in `tmp/`, where
 * the next start finds what it displaced.
 */

import { constants } from 'node:fs';
import { equalBytes } from '../base/bytes.ts';
import { closeQuietly, type FileDescriptor, type FileStatus, sameIdentity } from './file-system.ts';
import type { HistoryPlace } from './history-folder.ts';
import { isTornFile, sameFile } from './ledger/group-plan.ts';
import { journaledBytesMax, type PageIdentity, type UnfinishedEdit } from './ledger/ledger.ts';
import type { PublicChange } from './page-change.ts';
import { readFully } from './page-file.ts';
import { inPageFolder, lookAt } from './page-place.ts';
import type { RecoveryParts, Settling } from './settling.ts';

/** How often the page may change under the redo before that is given up. */
const triesMax = 8;

const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** What has the page's name. */
interface FoundPage {
  readonly status: FileStatus;
  /** What it holds, as far as that can be a version of the journal. */
  readonly bytes?: Uint8Array;
}

/** A version that is the page no more. */
type KeptVersion = NonNullable<UnfinishedEdit['displaced']>;

/** Which version the page is. */
type Version =
  | { readonly kind: 'last' }
  /** The revision that it is kept as; absent where there is no page. */
  | { readonly kind: 'earlier'; readonly revision?: number }
  /** A file that an edit has prepared, whose content never came to the disk. */
  | { readonly kind: 'torn' }
  | { readonly kind: 'foreign' };

export class PageRedo {
  readonly #parts: RecoveryParts;
  readonly #chain: readonly Settling[];
  readonly #last: Settling;

  /** @param chain the page's edits in order, at least one */
  constructor(parts: RecoveryParts, chain: readonly Settling[]) {
    const last = chain.at(-1);
    if (last === undefined) throw new RangeError('a chain without an edit');
    this.#parts = parts;
    this.#chain = chain;
    this.#last = last;
  }

  /** Throws `FileError`, `LedgerFull`, `LedgerFailed` and `HalfPublished`. */
  redo(): void {
    const { edit } = this.#last;
    this.#keepAside();
    for (let tries = 1; tries <= triesMax; tries += 1) {
      const isDone = inPageFolder(this.#parts, edit.key, (folder, name) =>
        this.#bringForward(folder, name),
      );
      // A page whose folder somebody has removed stays away.
      if (isDone !== false) break;
      this.#keepAside();
    }
    this.#repairHistory();
  }

  /** False when another program has changed the page meanwhile. */
  #bringForward(folder: FileDescriptor, name: string): boolean {
    const found = this.#look(folder, name);
    const version = this.#versionOf(found);
    if (version.kind === 'foreign') return true;
    if (version.kind !== 'last') {
      const change = this.#changeOf(found);
      // The file that the edit left to be published is gone: it cannot be had again.
      if (change === undefined) return true;
      const isDone =
        version.kind === 'torn' && found !== undefined
          ? this.#replaceTorn(folder, name, found, change)
          : this.#publish(folder, name, change, version);
      if (!isDone) return false;
    }
    this.#last.happened = true;
    this.#learnFile(folder, name);
    return true;
  }

  #look(folder: FileDescriptor, name: string): FoundPage | undefined {
    const { fileSystem } = this.#parts;
    const status = lookAt(fileSystem, folder, name);
    if (status === undefined) return undefined;
    const size = Number(status.identity.size);
    if (status.type !== 'file' || size > journaledBytesMax) return { status };
    const descriptor = fileSystem.openat(folder, name, readFlags);
    try {
      return { status, bytes: readFully(fileSystem, descriptor, 0, size) };
    } finally {
      closeQuietly(fileSystem, descriptor);
    }
  }

  #versionOf(found: FoundPage | undefined): Version {
    for (const { edit } of this.#chain.toReversed()) {
      const isLast = edit === this.#last.edit;
      if (isMadeBy(edit, found, isLast)) return isLast ? { kind: 'last' } : keptAs(edit, found);
      if (isTornOf(edit, found)) return { kind: 'torn' };
      if (isFoundBy(edit, found)) return keptAs(edit.displaced, found);
    }
    // Another program has saved it, an edit was built on that, and it never came to the disk.
    const displaced = this.#fileOf(found?.status.identity);
    return displaced === undefined ? { kind: 'foreign' } : keptAs(displaced, found);
  }

  /** The version whose file that is, whole or torn, less the last one. */
  #fileOf(identity: PageIdentity | undefined): KeptVersion | undefined {
    if (identity === undefined) return undefined;
    const all = this.#chain.flatMap(({ edit }): KeptVersion[] => {
      const { displaced, prepared, revision } = edit;
      const isMade = prepared !== undefined && edit !== this.#last.edit;
      const made = isMade ? [{ revision, identity: prepared }] : [];
      return displaced === undefined ? made : [displaced, ...made];
    });
    return (
      all.find((one) => sameFile(identity, one.identity)) ??
      all.find((one) => isTornFile(identity, one.identity))
    );
  }

  /** Publishes the last version over an earlier one; false when that has changed meanwhile. */
  #publish(folder: FileDescriptor, name: string, change: PublicChange, version: Version): boolean {
    const { temporary, changer } = this.#parts;
    const { page } = this.#last.edit;
    const revision = version.kind === 'earlier' ? version.revision : undefined;
    if (revision !== undefined) this.#makePlace({ page, revision }, change);
    const end = changer.change(change, {
      ...{ temporary: temporary.descriptor, folder, name },
      ...(revision !== undefined && { displaces: { page, revision } }),
    });
    return end.kind === 'changed';
  }

  /** A link that was made for a rename which did not come is in the way of the next one. */
  #makePlace(place: HistoryPlace, change: PublicChange): void {
    const { history } = this.#parts;
    history.makePage(place.page);
    const linked = history.find(place)?.identity.inode;
    const isOwn = change.kind !== 'create' && linked === change.read.inode;
    if (isOwn) history.remove(place);
  }

  #changeOf(found: FoundPage | undefined): PublicChange | undefined {
    const read = found?.status.identity;
    if (this.#last.edit.kind === 'remove') {
      return read && { kind: 'remove', temporary: this.#aside, read };
    }
    const file = this.#newFile(found?.status)?.identity;
    if (file === undefined) return undefined;
    const change = { temporary: this.#aside, file };
    return read === undefined
      ? { kind: 'create', ...change }
      : { kind: 'replace', ...change, read };
  }

  /** The file that is to be the page, durable, under the name for that. */
  #newFile(like: FileStatus | undefined): FileStatus | undefined {
    const { fileSystem, temporary } = this.#parts;
    const { content, operation, prepared } = this.#last.edit;
    const folder = temporary.descriptor;
    if (content !== undefined) {
      const { name } = temporary.write(content, like);
      this.#sync(folder, name);
      fileSystem.renameat(folder, name, folder, this.#aside);
    } else {
      // Content that is too large for the journal was synced before the record.
      const status = lookAt(fileSystem, folder, operation);
      if (status !== undefined && status.identity.inode === prepared?.inode) {
        fileSystem.renameat(folder, operation, folder, this.#aside);
      }
    }
    return lookAt(fileSystem, folder, this.#aside);
  }

  #sync(folder: FileDescriptor, name: string): void {
    const { fileSystem } = this.#parts;
    const descriptor = fileSystem.openat(folder, name, readFlags);
    try {
      fileSystem.fsync(descriptor);
    } finally {
      closeQuietly(fileSystem, descriptor);
    }
  }

  /** Where the new page lies until it has its name, and then, for a moment, the one before it. */
  get #aside(): string {
    return `${this.#last.edit.operation}.redo`;
  }

  /**
   * Finds the place of what lies there: after an exchange that was the last thing a start did, or
   * one that was withdrawn because another program had saved the page.
   */
  #keepAside(): void {
    const { fileSystem, temporary, history, ledger } = this.#parts;
    const { content, prepared, key, page } = this.#last.edit;
    const folder = temporary.descriptor;
    const found = this.#look(folder, this.#aside);
    if (found === undefined) return;
    const { status, bytes } = found;
    const displaced = this.#fileOf(status.identity);
    const isNew =
      content === undefined
        ? status.identity.inode === prepared?.inode
        : bytes !== undefined && equalBytes(bytes, content);
    if (displaced === undefined && isNew) {
      // Written anew if need be; the name may be the page's second one.
      if (content !== undefined) fileSystem.unlinkat(folder, this.#aside);
      return;
    }
    const revision = displaced?.revision;
    const place =
      revision === undefined || history.find({ page, revision }) !== undefined
        ? ledger.recordOutside(key, { identity: status.identity })
        : { page, revision };
    history.makePage(page);
    history.take(folder, this.#aside, place);
  }

  /**
   * What is torn is of no use to anyone. That nobody has saved the page is looked at right before
   * it is replaced; false when somebody has.
   */
  #replaceTorn(
    folder: FileDescriptor,
    name: string,
    { status }: FoundPage,
    change: PublicChange,
  ): boolean {
    const { temporary, fileSystem } = this.#parts;
    const current = lookAt(fileSystem, folder, name)?.identity;
    if (current === undefined || !sameIdentity(current, status.identity)) return false;
    if (change.kind === 'remove') fileSystem.unlinkat(folder, name);
    else fileSystem.renameat(temporary.descriptor, change.temporary, folder, name);
    return true;
  }

  #learnFile(folder: FileDescriptor, name: string): void {
    const { prepared } = this.#last.edit;
    const identity = lookAt(this.#parts.fileSystem, folder, name)?.identity;
    if (prepared === undefined || identity === undefined) return;
    if (!sameFile(identity, prepared)) this.#last.file = identity;
  }

  /** The versions between, which each edit has displaced of the one before it. */
  #repairHistory(): void {
    const { historyRevisionsMax } = this.#parts;
    const kept = historyRevisionsMax === 0 ? [] : this.#chain.slice(-historyRevisionsMax - 1);
    for (const [at, one] of kept.entries()) {
      const { edit } = one;
      const next = kept[at + 1];
      if (next === undefined || !next.happened || edit.isPruned === true) continue;
      if (edit.content === undefined || next.edit.displaced?.revision !== edit.revision) continue;
      const file = this.#repair({ page: edit.page, revision: edit.revision }, edit.content);
      if (edit.prepared !== undefined && !sameFile(file, edit.prepared)) one.file = file;
    }
  }

  /** Returns the file, which may be a new one, also of a start before. */
  #repair(place: HistoryPlace, content: Uint8Array): PageIdentity {
    const { history, temporary } = this.#parts;
    const kept = history.read(place, journaledBytesMax);
    if (kept !== undefined && equalBytes(kept.bytes, content)) return kept.status.identity;
    const written = temporary.write(content, kept?.status);
    history.makePage(place.page);
    history.take(temporary.descriptor, written.name, place);
    return written.status.identity;
  }
}

/**
 * Whether the page is as the edit has left it. A version that was replaced since must be the edit's
 * own file: another program may have brought its content back.
 */
function isMadeBy(edit: UnfinishedEdit, found: FoundPage | undefined, isLast: boolean): boolean {
  const { kind, content, prepared } = edit;
  if (kind === 'remove') return found === undefined;
  if (found === undefined || prepared === undefined) return false;
  if (content === undefined) return sameFile(found.status.identity, prepared);
  const isOwn = isLast || found.status.identity.inode === prepared.inode;
  return isOwn && found.bytes !== undefined && equalBytes(found.bytes, content);
}

/** Whether the page is as the edit has found it. */
function isFoundBy(edit: UnfinishedEdit, found: FoundPage | undefined): boolean {
  if (edit.displaced === undefined) return edit.kind === 'create' && found === undefined;
  return found !== undefined && sameFile(found.status.identity, edit.displaced.identity);
}

/**
 * Whether the page is the file that the edit has prepared, with other content, and nobody has
 * written into it since.
 */
function isTornOf({ prepared, content }: UnfinishedEdit, found: FoundPage | undefined): boolean {
  if (prepared === undefined || content === undefined || found === undefined) return false;
  const { identity } = found.status;
  return sameFile(identity, prepared) || isTornFile(identity, prepared);
}

/** What is displaced is kept, unless there is nothing. */
function keptAs(
  version: Pick<KeptVersion, 'revision'> | undefined,
  found: FoundPage | undefined,
): Version {
  const isPage = version !== undefined && found !== undefined;
  return isPage ? { kind: 'earlier', revision: version.revision } : { kind: 'earlier' };
}
