/**
 * Settles what the last run left: finds out by the files what became of each edit that the ledger
 * does not know to be finished, and carries out what is left to do. Before the first group, and
 * before the temporary folder is emptied; in every durability mode.
 */

import { unreachable } from '../base/assert.ts';
import { keySegments } from '../model/resource-key.ts';
import type { Beneath } from './beneath.ts';
import { FileError, hasErrno } from './errno.ts';
import {
  closeQuietly,
  type FileDescriptor,
  type FileStatus,
  type FileSystem,
} from './file-system.ts';
import type { HistoryFolder, HistoryPlace } from './history-folder.ts';
import type { Ledger, UnfinishedEdit } from './ledger/ledger.ts';
import {
  type Decision,
  decide,
  pageOf,
  type RecoveryStep,
  temporaryOf,
} from './ledger/recovery.ts';
import type { PageChanger } from './page-change.ts';
import type { TemporaryFolder } from './temporary.ts';

export interface RecoveryParts {
  readonly fileSystem: FileSystem;
  readonly beneath: Beneath;
  readonly temporary: TemporaryFolder;
  readonly history: HistoryFolder;
  readonly changer: PageChanger;
  readonly ledger: Ledger;
}

/** Throws `FileError`, `LedgerFull` and `LedgerFailed`; then it can be begun anew. */
export function recover(parts: RecoveryParts): void {
  const { ledger } = parts;
  if (ledger.unfinished.length === 0) return;
  const settled = ledger.unfinished.map((edit) => new Settling(parts, edit));
  for (const one of settled) one.carryOut('before');
  for (const one of settled) one.sync();
  ledger.settle(settled.map(({ edit: { operation }, happened }) => ({ operation, happened })));
  for (const one of settled) one.carryOut('after');
}

/** One unfinished edit. */
class Settling {
  readonly #parts: RecoveryParts;
  readonly #decision: Decision;
  /** Numbers of pages whose folders in the history have got a file. */
  readonly #histories = new Set<number>();
  #isPutBack = false;

  constructor(
    parts: RecoveryParts,
    readonly edit: UnfinishedEdit,
  ) {
    this.#parts = parts;
    const temporary = this.#temporaryFile()?.identity;
    const page = this.#inFolder((folder, name) => this.#look(folder, name))?.identity;
    this.#decision = decide(edit.kind, {
      temporary: temporaryOf(edit, temporary, page),
      page: pageOf(edit, page),
      inHistory: this.#kept() !== undefined,
    });
  }

  get happened(): boolean {
    return this.#decision.happened;
  }

  carryOut(when: 'before' | 'after'): void {
    for (const step of this.#decision[when]) this.#do(step);
  }

  /** Makes the names that were changed durable. */
  sync(): void {
    const { fileSystem, history } = this.#parts;
    const syncFolder = (folder: FileDescriptor): void => fileSystem.fsync(folder);
    for (const page of this.#histories) history.withFolder(page, syncFolder);
    if (this.#histories.size > 0) history.withFolder(undefined, syncFolder);
    if (this.#isPutBack) this.#inFolder(syncFolder);
  }

  #do(step: RecoveryStep): void {
    const { operation, displaced, page } = this.edit;
    switch (step) {
      case 'move-to-history':
        if (displaced !== undefined) this.#keep({ page, revision: displaced.revision });
        break;
      case 'keep-as-outside':
        this.#keepAsOutside();
        break;
      case 'put-back':
        this.#putBack();
        break;
      case 'remove-link-in-history':
        this.#removeLink();
        break;
      case 'remove-temporary':
        this.#parts.temporary.remove(operation);
        break;
      default:
        unreachable(step);
    }
  }

  #keep(place: HistoryPlace): void {
    const { history, temporary } = this.#parts;
    history.makePage(place.page);
    history.take(temporary.descriptor, this.edit.operation, place);
    this.#histories.add(place.page);
  }

  #keepAsOutside(): void {
    const found = this.#temporaryFile();
    if (found === undefined) return;
    this.#keep(this.#parts.ledger.recordOutside(this.edit.key, { identity: found.identity }));
  }

  #putBack(): void {
    const { changer, temporary } = this.#parts;
    try {
      this.#inFolder((folder, name) =>
        changer.giveName(this.edit.operation, { temporary: temporary.descriptor, folder, name }),
      );
      this.#isPutBack = true;
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw error;
    }
    // Its name is taken by a newer page, or its folder is gone.
    this.#keepAsOutside();
  }

  #removeLink(): void {
    const { displaced, page } = this.edit;
    const kept = this.#kept();
    if (displaced === undefined || kept === undefined) return;
    const current = this.#inFolder((folder, name) => this.#look(folder, name));
    if (current?.identity.inode !== kept.identity.inode) return;
    this.#parts.history.remove({ page, revision: displaced.revision });
  }

  #temporaryFile(): FileStatus | undefined {
    return this.#look(this.#parts.temporary.descriptor, this.edit.operation);
  }

  /** What lies where the edit puts the version that it displaces. */
  #kept(): FileStatus | undefined {
    const { displaced, page } = this.edit;
    if (displaced === undefined) return undefined;
    return this.#parts.history.find({ page, revision: displaced.revision });
  }

  #look(folder: FileDescriptor, name: string): FileStatus | undefined {
    try {
      return this.#parts.fileSystem.statat(folder, name);
    } catch (error) {
      if (hasErrno(error, 'ENOENT', 'ENAMETOOLONG')) return undefined;
      throw error;
    }
  }

  /** Runs `use` with the page's folder and its name there; `undefined` when that is gone. */
  #inFolder<T>(use: (folder: FileDescriptor, name: string) => T): T | undefined {
    const segments = keySegments(this.edit.key);
    const name = segments.at(-1) ?? '';
    let folder: FileDescriptor;
    try {
      folder = this.#parts.beneath.openFolder(segments.slice(0, -1));
    } catch (error) {
      // A folder that was removed, or replaced by something else.
      if (error instanceof FileError && !hasErrno(error, 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM')) {
        return undefined;
      }
      throw error;
    }
    try {
      return use(folder, name);
    } finally {
      closeQuietly(this.#parts.fileSystem, folder);
    }
  }
}
