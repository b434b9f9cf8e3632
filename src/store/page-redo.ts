/**
 * Makes a page again what the journal says that it is. After a power cut the page may be any of the
 * versions since it was synced last, or a torn one: names and content come to the disk when the
 * kernel likes. What is one of them (`page-versions.ts`) is replaced by the last one in one step.
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
import { hasErrno } from './errno.ts';
import { closeQuietly, type FileDescriptor, type FileStatus } from './file-system.ts';
import type { HistoryPlace } from './history-folder.ts';
import { sameFile } from './ledger/group-plan.ts';
import { journaledBytesMax, type UnfinishedEdit } from './ledger/ledger.ts';
import type { ChangePlace, PublicChange } from './page-change.ts';
import { readFully } from './page-file.ts';
import { inPageFolder, lookAt } from './page-place.ts';
import { type FoundFile, type FoundVersion, revisionOf, versionOf } from './page-versions.ts';
import type { RecoveryParts, Settling } from './settling.ts';

/** How often the page may change under the redo before that is given up. */
const triesMax = 8;

const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export class PageRedo {
  readonly #parts: RecoveryParts;
  readonly #edits: readonly UnfinishedEdit[];
  readonly #last: Settling;

  /** @param chain the page's edits in order, at least one */
  constructor(parts: RecoveryParts, chain: readonly Settling[]) {
    const last = chain.at(-1);
    if (last === undefined) throw new RangeError('a chain without an edit');
    this.#parts = parts;
    this.#edits = chain.map(({ edit }) => edit);
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
  }

  /** False when another program has changed the page meanwhile. */
  #bringForward(folder: FileDescriptor, name: string): boolean {
    const found = this.#look(folder, name);
    const version = versionOf(this.#edits, found);
    if (version.kind === 'foreign') return true;
    if (version.kind !== 'last') {
      const change = this.#changeOf(found);
      // The file that the edit left to be published is gone: it cannot be had again.
      if (change === undefined) return true;
      if (!this.#publish(folder, name, change, version)) return false;
    }
    this.#last.happened = true;
    this.#learnFile(folder, name);
    return true;
  }

  #look(folder: FileDescriptor, name: string): FoundFile | undefined {
    const { fileSystem } = this.#parts;
    const status = lookAt(fileSystem, folder, name);
    if (status === undefined) return undefined;
    const size = Number(status.identity.size);
    if (status.type !== 'file' || size > journaledBytesMax) return { status };
    const bytes = this.#read(folder, name, size);
    return bytes === undefined ? { status } : { status, bytes };
  }

  /** `undefined` where it may not be read, or is gone. */
  #read(folder: FileDescriptor, name: string, size: number): Uint8Array | undefined {
    const { fileSystem } = this.#parts;
    let descriptor: FileDescriptor;
    try {
      descriptor = fileSystem.openat(folder, name, readFlags);
    } catch (error) {
      if (hasErrno(error, 'EACCES', 'EPERM', 'ENOENT', 'ELOOP', 'EMLINK')) return undefined;
      throw error;
    }
    try {
      return readFully(fileSystem, descriptor, 0, size);
    } finally {
      closeQuietly(fileSystem, descriptor);
    }
  }

  /** Publishes the last version over another one; false when that has changed meanwhile. */
  #publish(
    folder: FileDescriptor,
    name: string,
    change: PublicChange,
    version: FoundVersion,
  ): boolean {
    const place = { temporary: this.#parts.temporary.descriptor, folder, name };
    if (version.kind !== 'kept') return this.#change(change, place);
    const displaces = { page: this.#last.edit.page, revision: version.revision };
    this.#makePlace(displaces, change);
    return this.#change(change, { ...place, displaces });
  }

  #change(change: PublicChange, place: ChangePlace): boolean {
    try {
      return this.#parts.changer.change(change, place).kind === 'changed';
    } catch (error) {
      // By now there is a page where there was none, or none is left to be removed.
      const isChanged = hasErrno(error, change.kind === 'create' ? 'EEXIST' : 'ENOENT');
      if (!isChanged) throw error;
      return false;
    }
  }

  /** A link that was made for a rename which did not come is in the way of the next one. */
  #makePlace(place: HistoryPlace, change: PublicChange): void {
    const { history } = this.#parts;
    const linked = history.find(place)?.identity.inode;
    const isOwn = change.kind !== 'create' && linked === change.read.inode;
    if (isOwn) history.remove(place);
  }

  #changeOf(found: FoundFile | undefined): PublicChange | undefined {
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
    const { content, operation } = this.#last.edit;
    const folder = temporary.descriptor;
    if (content !== undefined) {
      const { name } = temporary.write(content, like);
      this.#sync(folder, name);
      fileSystem.renameat(folder, name, folder, this.#aside);
    } else {
      // Content that is too large for the journal was synced before the record.
      const isThere = lookAt(fileSystem, folder, operation) !== undefined;
      if (isThere) fileSystem.renameat(folder, operation, folder, this.#aside);
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
    const { temporary, history, ledger } = this.#parts;
    const { content, prepared, key, page } = this.#last.edit;
    const found = this.#look(temporary.descriptor, this.#aside);
    if (found === undefined) return;
    const { identity } = found.status;
    const isNew =
      content === undefined
        ? identity.inode === prepared?.inode
        : found.bytes !== undefined && equalBytes(found.bytes, content);
    // It is still to be published, or was by a second name, or is written anew.
    if (isNew) return;
    const revision = revisionOf(this.#edits, identity);
    const place =
      revision === undefined ? ledger.recordOutside(key, { identity }) : { page, revision };
    history.take(temporary.descriptor, this.#aside, place);
  }

  #learnFile(folder: FileDescriptor, name: string): void {
    const { prepared } = this.#last.edit;
    const identity = lookAt(this.#parts.fileSystem, folder, name)?.identity;
    if (prepared === undefined || identity === undefined) return;
    if (!sameFile(identity, prepared)) this.#last.file = identity;
  }
}
