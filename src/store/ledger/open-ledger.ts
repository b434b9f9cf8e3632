/** Opens the ledger's file: makes it, checks whose it is, brings it up to date. */

import { constants } from 'node:fs';
import { FileError, hasErrno } from '../errno.ts';
import { closeQuietly, type FileSystem } from '../file-system.ts';
import { openJournal } from '../journal/journal.ts';
import { LedgerDatabase } from './database.ts';
import { LedgerHistory } from './history.ts';
import {
  LedgerBusy,
  LedgerFailed,
  LedgerFull,
  type LedgerReader,
  LedgerUnusable,
} from './ledger.ts';
import type { LedgerOptions, LedgerSeams } from './options.ts';
import { RecordJournal } from './record-journal.ts';
import { migrate, migrations, versionOf } from './schema.ts';
import { SqliteLedger } from './sqlite-ledger.ts';

/** Operations and keys are nobody's business but the owner's. */
const fileMode = 0o600;

const makeFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

const logFlags = constants.O_RDONLY | constants.O_NOFOLLOW;

/**
 * The file of logged pages is cut to this size after a checkpoint, bytes: it only grows beyond when
 * somebody reads for long.
 */
const logBytesMax = 64 * 1_024 * 1_024;

/**
 * Opens the ledger for the one process that writes it, and makes it where there is none. Throws
 * `LedgerUnusable`; what stands there is then as it was.
 *
 * @param path absolute; its folder is there. Nothing in this process but SQLite itself may open
 *   and close that file, for then SQLite's locks on it are gone.
 */
export function openLedger(path: string, options: LedgerOptions, seams: LedgerSeams): SqliteLedger {
  const { fileSystem } = seams;
  const closers: (() => void)[] = [];
  const openAll = (): SqliteLedger => {
    makeFile(path, fileSystem);
    const database = new LedgerDatabase(path, 'write');
    closers.push(() => database.close());
    // Looked at before anything is set: a file of somebody else's is not to be changed.
    versionOf(database);
    prepare(database, options);
    migrate(database);
    const journal = openJournal(journalPathOf(path), options, fileSystem);
    closers.push(() => journal.close());
    const log = fileSystem.open(`${path}-wal`, logFlags, 0);
    closers.push(() => closeQuietly(fileSystem, log));
    return new SqliteLedger(database, new RecordJournal(journal, database), log, options, seams);
  };
  return usable(() => {
    try {
      return openAll();
    } catch (error) {
      for (const close of closers.reverse()) close();
      throw error;
    }
  });
}

/** The folder of a ledger's journal, beside it. */
export function journalPathOf(ledgerPath: string): string {
  return ledgerPath.replace(/(\.db)?$/, '.journal');
}

/** Opens a ledger to read it, also beside the process that writes it. Throws `LedgerUnusable`. */
export function openLedgerReader(path: string): LedgerReader {
  return usable(() => {
    const database = new LedgerDatabase(path, 'read');
    try {
      if (versionOf(database) < migrations.length) {
        throw new LedgerUnusable(
          'older',
          'the ledger is of an older version: serve its folder once',
        );
      }
      const history = new LedgerHistory(database);
      return {
        pages: (after) => history.pages(after),
        revisions: (key, before) => history.revisions(key, before),
        close: () => database.close(),
      };
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Made here and not by SQLite, which knows no modes; its other files get the mode of this one. */
function makeFile(path: string, fileSystem: FileSystem): void {
  try {
    closeQuietly(fileSystem, fileSystem.open(path, makeFlags, fileMode));
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) throw error;
  }
}

function prepare(database: LedgerDatabase, options: LedgerOptions): void {
  const durable = options.durability === 'sync';
  // NORMAL syncs at checkpoints, which is what keeps the database sound; commits are synced by
  // whoever knows what else is to be on the disk with them.
  database.setting('synchronous', durable ? 'NORMAL' : 'OFF');
  // Where a plain sync stops at the drive's own cache (macOS).
  database.setting('fullfsync', durable ? 1 : 0);
  database.setting('checkpoint_fullfsync', durable ? 1 : 0);
  database.setting('journal_size_limit', logBytesMax);
  if (options.pagesMax !== undefined) database.setting('max_page_count', options.pagesMax);
  if (options.logPagesMax !== undefined) {
    database.setting('wal_autocheckpoint', options.logPagesMax);
  }
  const mode = database.setting('journal_mode', 'WAL');
  if (mode !== 'wal') {
    const sentence = `the ledger's file system takes no write-ahead log (it stays with ${mode})`;
    throw new LedgerUnusable('storage', sentence);
  }
}

/** Runs an opening, and says in a sentence why it fails. */
function usable<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (error instanceof LedgerBusy) {
      throw new LedgerUnusable('storage', 'another program holds the ledger');
    }
    if (error instanceof LedgerFull) {
      throw new LedgerUnusable('storage', 'there is no room for the ledger');
    }
    if (error instanceof FileError) {
      throw new LedgerUnusable('storage', `the ledger cannot be opened (${error.message})`);
    }
    if (error instanceof LedgerFailed) throw unusableAfter(error);
    throw error;
  }
}

function unusableAfter({ detail }: LedgerFailed): LedgerUnusable {
  if (detail === 'SQLITE_NOTADB') {
    return new LedgerUnusable('foreign', 'the ledger is no database: move the file away');
  }
  if (detail.startsWith('SQLITE_CORRUPT')) {
    return new LedgerUnusable('damaged', `the ledger is damaged (${detail}): move the file away`);
  }
  return new LedgerUnusable('storage', `the ledger cannot be opened (${detail})`);
}
