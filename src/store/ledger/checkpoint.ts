/**
 * Bringing the ledger's write-ahead log into its database, by a thread that nobody waits for. The
 * thread that writes would do it in the middle of a group, with two syncs.
 */

import { LedgerDatabase } from './database.ts';
import { LedgerBusy, LedgerFailed, LedgerFull } from './ledger.ts';

/**
 * Where the log is brought in beside its writer, bytes go on being added meanwhile, and so it is
 * never found done; SQLite begins the log anew only then. From so many pages on, 32 MiB, the writer
 * sees to it; nearly all of them are in the database by then.
 */
export const sharedLogPagesMax = 8_192;

/**
 * Brings in what it can, beside the connection that writes. What it cannot is left to the next time
 * or to the writer, who says what is wrong.
 *
 * @param path of a ledger that another connection of this process has open
 */
export function checkpoint(path: string): void {
  try {
    const database = new LedgerDatabase(path, 'write');
    try {
      database.setting('wal_checkpoint', 'PASSIVE');
    } finally {
      database.close();
    }
  } catch (error) {
    const isLedgers =
      error instanceof LedgerFailed || error instanceof LedgerFull || error instanceof LedgerBusy;
    if (!isLedgers) throw error;
  }
}
