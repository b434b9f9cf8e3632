/**
 * The journal as the ledger uses it: records in, records out, and what they say is unfinished; with
 * every failure of its files told in the ledger's words, and to the database, for neither of the
 * two is to be relied on without the other.
 */

import { FileError, hasErrno } from '../errno.ts';
import type { Journal } from '../journal/journal.ts';
import type { LedgerDatabase } from './database.ts';
import type { PlannedRevision } from './group-plan.ts';
import { type LedgerFailed, LedgerFull, type UnfinishedEdit } from './ledger.ts';
import { decodeRecord, encodeRecord, type LedgerRecord } from './record.ts';
import { KnownContents } from './splice.ts';

/**
 * A start makes every page of the journal in memory, also where only its middle was written: so
 * much is settled before there is more.
 */
const contentBytesMax = 64 * 1_024 * 1_024;

export class RecordJournal {
  #leftOver: readonly LedgerRecord[];
  #isStarted = false;
  /** Of the pages since settling began last, each in full. */
  #contentBytes = 0;
  readonly #journal: Journal;
  readonly #database: LedgerDatabase;
  readonly #contents = new KnownContents();

  constructor(journal: Journal, database: LedgerDatabase) {
    this.#database = database;
    this.#journal = journal;
    const contents = new Map<number, Uint8Array>();
    this.#leftOver = journal.leftOver.map((payload) => {
      const record = decodeRecord(payload, (edit) => contents.get(edit));
      for (const { id, content } of record.revisions) {
        if (content !== undefined) contents.set(id, content);
      }
      return record;
    });
  }

  /** What the last run wrote and is not known to be settled, oldest first. */
  get leftOver(): readonly LedgerRecord[] {
    return this.#leftOver;
  }

  /** Whether what the last run wrote is forgotten, so that there is a place for records. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  get isSettlingDue(): boolean {
    return this.#journal.isFull || this.#contentBytes >= contentBytesMax;
  }

  get hasUnsettled(): boolean {
    return this.#journal.hasUnsettled;
  }

  /** Not durable before `sync`. Throws `LedgerFull`; then nothing was written. */
  write(record: LedgerRecord): void {
    this.guarded(() => {
      const payload = encodeRecord(record, this.#contents);
      for (const { content } of record.revisions) this.#contentBytes += content?.length ?? 0;
      try {
        this.#journal.append(payload);
      } catch (error) {
        // What was remembered of this record is in no journal.
        this.#contents.forget();
        if (!hasErrno(error, 'ENOSPC', 'EDQUOT')) throw error;
        throw new LedgerFull('the journal finds no room');
      }
    });
  }

  sync(): void {
    this.guarded(() => this.#journal.sync());
  }

  /** @param done is called later, with what `sync` would throw */
  syncLater(done: (failure?: LedgerFailed) => void): void {
    this.guarded(() =>
      this.#journal.syncLater((failure) => {
        done(failure === undefined ? undefined : this.#failedWith(failure));
      }),
    );
  }

  forgetLeftOver(): void {
    this.guarded(() => this.#journal.restart());
    this.#isStarted = true;
    // It holds the pages.
    this.#leftOver = [];
  }

  finish(): void {
    this.guarded(() => this.#journal.finish());
  }

  beginSettling(): void {
    // What comes now must not rest on records that settling does away with.
    this.#contents.forget();
    this.#contentBytes = 0;
    this.guarded(() => this.#journal.beginSettling());
  }

  endSettling(): void {
    this.guarded(() => this.#journal.endSettling());
  }

  close(): void {
    this.#journal.close();
  }

  /** Runs what uses a file of the ledger's. A failure of it is the end of the ledger. */
  guarded<T>(use: () => T): T {
    // A second sync of a file may say yes to what the first one has lost.
    const { failure } = this.#database;
    if (failure !== undefined) throw failure;
    try {
      return use();
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      throw this.#failedWith(error);
    }
  }

  #failedWith({ errno, message }: FileError): LedgerFailed {
    return this.#database.fail(errno === 'ENOENT' ? 'removed' : 'storage', message);
  }
}

/**
 * The edits of these records that may have happened.
 *
 * @param finished edits up to this one happened, as far as they are not undone
 */
export function unfinishedIn(records: readonly LedgerRecord[], finished: number): UnfinishedEdit[] {
  const undone = new Set(records.flatMap((record) => record.undone));
  const revisions = records.flatMap((record) => record.revisions);
  return revisions.flatMap((revision) => {
    const { operation, kind, id } = revision;
    if (operation === undefined || kind === 'outside' || undone.has(id)) return [];
    const state = id <= finished ? 'finished' : 'pending';
    return [unfinishedOf({ ...revision, operation, kind }, state)];
  });
}

type JournaledEdit = PlannedRevision & Pick<UnfinishedEdit, 'operation' | 'kind'>;

function unfinishedOf(edit: JournaledEdit, state: UnfinishedEdit['state']): UnfinishedEdit {
  const { operation, key, page, revision, kind, version, content, read, displaces } = edit;
  const displaced =
    read === undefined || displaces === undefined
      ? undefined
      : { revision: displaces, identity: read };
  return {
    ...{ state, operation, key, page, revision, kind },
    ...(version !== undefined && { prepared: version.identity }),
    ...(content !== undefined && { content }),
    ...(displaced !== undefined && { displaced }),
  };
}
