/**
 * Bringing the ledger's write-ahead log into its database, by a thread that nobody waits for. The
 * thread that writes would do it in the middle of a group, and wait for two syncs: 40 ms under
 * load.
 */

import { LedgerDatabase } from './database.ts';
import { LedgerBusy, LedgerFailed, LedgerFull } from './ledger.ts';

/**
 * From so many pages on, 128 MiB, the thread that writes sees to it after all: somebody reads the
 * ledger without end, or what is done here fails. Under full load some 40 MiB come between two
 * checkpoints.
 */
export const sharedLogPagesMax = 32_768;

/**
 * The first brings in nearly all, and takes long; the second what was added meanwhile. Neither is
 * in anybody's way. The last one is in the writer's, but has hardly anything left to do, and then
 * the log begins anew: else it would only grow.
 */
const steps = ['PASSIVE', 'PASSIVE', 'RESTART'];

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
      // Who reads or writes just now is not waited for: the writer would wait for this one.
      database.setting('busy_timeout', 0);
      for (const step of steps) database.setting('wal_checkpoint', step);
    } finally {
      database.close();
    }
  } catch (error) {
    const isLedgers =
      error instanceof LedgerFailed || error instanceof LedgerFull || error instanceof LedgerBusy;
    if (!isLedgers) throw error;
  }
}
