/** An edit that was not settled when the server ended: what the files tell, and what they need. */

import { unreachable } from '../base/assert.ts';
import type { Beneath } from './beneath.ts';
import { hasErrno } from './errno.ts';
import type { FileDescriptor, FileStatus, FileSystem } from './file-system.ts';
import type { HistoryFolder, HistoryPlace } from './history-folder.ts';
import type { Ledger, PageIdentity, Settled, UnfinishedEdit } from './ledger/ledger.ts';
import {
  type Decision,
  decide,
  pageOf,
  type RecoveryStep,
  temporaryOf,
} from './ledger/recovery.ts';
import type { PageChanger } from './page-change.ts';
import { inPageFolder, lookAt } from './page-place.ts';
import type { TemporaryFolder } from './temporary.ts';

export interface RecoveryParts {
  readonly fileSystem: FileSystem;
  readonly beneath: Beneath;
  readonly temporary: TemporaryFolder;
  readonly history: HistoryFolder;
  readonly changer: PageChanger;
  readonly ledger: Pick<Ledger, 'unfinished' | 'recordOutside' | 'settle' | 'forgetLeftOver'>;
  /** How many versions of a page the history is to keep. */
  readonly historyRevisionsMax: number;
}

/** One unfinished edit. */
export class Settling {
  /** Whether it happened; `redo` may know better than the files told. */
  happened: boolean;
  /** The page's file, where it is another one by now. */
  file: PageIdentity | undefined;
  readonly #parts: RecoveryParts;
  readonly #decision: Decision;

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
    this.happened = edit.state === 'finished' || this.#decision.happened;
  }

  get settled(): Settled {
    const { operation } = this.edit;
    const settled = { operation, happened: this.happened };
    return this.file === undefined ? settled : { ...settled, file: this.file };
  }

  carryOut(): void {
    for (const step of this.#decision.steps) this.#do(step);
  }

  #do(step: RecoveryStep): void {
    const { displaced, page } = this.edit;
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
      default:
        unreachable(step);
    }
  }

  #keep(place: HistoryPlace): void {
    const { history, temporary } = this.#parts;
    history.makePage(place.page);
    history.take(temporary.descriptor, this.edit.operation, place);
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
    return lookAt(this.#parts.fileSystem, folder, name);
  }

  #inFolder<T>(use: (folder: FileDescriptor, name: string) => T): T | undefined {
    return inPageFolder(this.#parts, this.edit.key, use);
  }
}
