/**
 * Makes a page again what the journal says that it is. After a power cut the page may be any of the
 * versions since it was synced last, or a torn one: names and content come to the disk when the
 * kernel likes. Known versions are told by their content; the page is brought to the last one in
 * one step, and versions that the history lacks are written there.
 *
 * What no edit has written is another program's save. It came after every edit that was
 * acknowledged, for one that it came before would have been built on it: so it stays.
 */

import { constants } from 'node:fs';
import { equalBytes } from '../base/bytes.ts';
import { closeQuietly, type FileDescriptor, type FileStatus } from './file-system.ts';
import type { HistoryPlace } from './history-folder.ts';
import { sameFile } from './ledger/group-plan.ts';
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

/** Which version the page is: that of the edit at this place of the chain, -1 before the first. */
type Version =
  | { readonly kind: 'known'; readonly place: number }
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

  /** Throws `FileError`. */
  redo(): void {
    const { edit } = this.#last;
    for (let tries = 1; tries <= triesMax; tries += 1) {
      const isDone = inPageFolder(this.#parts, edit.key, (folder, name) =>
        this.#bringForward(folder, name),
      );
      // A page whose folder somebody has removed stays away.
      if (isDone !== false) break;
    }
    this.#repairHistory();
  }

  /** False when another program has changed the page meanwhile. */
  #bringForward(folder: FileDescriptor, name: string): boolean {
    const found = this.#look(folder, name);
    const version = this.#versionOf(found);
    if (version.kind === 'foreign') return true;
    if (version.kind === 'torn') {
      this.#replaceTorn(folder, name, found);
    } else if (version.place < this.#chain.length - 1) {
      if (!this.#publish(folder, name, found, version.place)) return false;
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
    for (let place = this.#chain.length - 1; place >= 0; place -= 1) {
      const edit = this.#chain[place]?.edit;
      if (edit === undefined) continue;
      if (isMadeBy(edit, found, edit === this.#last.edit)) return { kind: 'known', place };
      if (isTornOf(edit, found)) return { kind: 'torn' };
      if (isFoundBy(edit, found)) return { kind: 'known', place: place - 1 };
    }
    return { kind: 'foreign' };
  }

  /** Publishes the last version over an earlier one; false when that has changed meanwhile. */
  #publish(
    folder: FileDescriptor,
    name: string,
    found: FoundPage | undefined,
    place: number,
  ): boolean {
    const { temporary, changer, history } = this.#parts;
    const { edit } = this.#last;
    const displaced = this.#chain[place + 1]?.edit.displaced;
    const change = this.#changeOf(found);
    // The file that the edit left to be published is gone: it cannot be had again.
    if (change === undefined) return true;
    if (displaced !== undefined) history.makePage(edit.page);
    const end = changer.change(change, {
      ...{ temporary: temporary.descriptor, folder, name },
      ...(displaced !== undefined && {
        displaces: { page: edit.page, revision: displaced.revision },
      }),
    });
    if (end.kind === 'changed') return true;
    temporary.remove(change.temporary);
    return false;
  }

  #changeOf(found: FoundPage | undefined): PublicChange | undefined {
    const { temporary } = this.#parts;
    const { kind, content } = this.#last.edit;
    const read = found?.status.identity;
    if (kind === 'remove') {
      return read && { kind: 'remove', temporary: temporary.freeName(), read };
    }
    const file =
      content === undefined ? this.#preparedFile() : temporary.write(content, found?.status);
    if (file === undefined) return undefined;
    const change = { temporary: file.name, file: file.status.identity };
    return read === undefined
      ? { kind: 'create', ...change }
      : { kind: 'replace', ...change, read };
  }

  /** The file of content that is too large for the journal: it was synced before the record. */
  #preparedFile(): { readonly name: string; readonly status: FileStatus } | undefined {
    const { fileSystem, temporary } = this.#parts;
    const { operation: name, prepared } = this.#last.edit;
    const status = lookAt(fileSystem, temporary.descriptor, name);
    if (status === undefined || status.identity.inode !== prepared?.inode) return undefined;
    return { name, status };
  }

  /** What is torn is of no use to anyone. */
  #replaceTorn(folder: FileDescriptor, name: string, found: FoundPage | undefined): void {
    const { temporary, fileSystem } = this.#parts;
    const { kind, content } = this.#last.edit;
    if (kind === 'remove') {
      fileSystem.unlinkat(folder, name);
      return;
    }
    if (content === undefined) {
      fileSystem.renameat(temporary.descriptor, this.#last.edit.operation, folder, name);
      return;
    }
    const written = temporary.write(content, found?.status);
    fileSystem.renameat(temporary.descriptor, written.name, folder, name);
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
      if (file !== undefined) one.file = file;
    }
  }

  /** Returns the file, where it is a new one. */
  #repair(place: HistoryPlace, content: Uint8Array): PageIdentity | undefined {
    const { history, temporary } = this.#parts;
    const kept = history.read(place, journaledBytesMax);
    if (kept !== undefined && equalBytes(kept.bytes, content)) return undefined;
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
  const { inode, modifiedNs, size } = found.status.identity;
  return inode === prepared.inode && (modifiedNs === prepared.modifiedNs || size === 0n);
}
