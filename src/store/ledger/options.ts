/** What a ledger is opened with. */

import type { Clock } from '../../base/clock.ts';
import type { FileSystem } from '../file-system.ts';

export interface LedgerOptions {
  /** `none` leaves out the syncs, nothing else. */
  readonly durability: 'sync' | 'none';
  /** How long an idempotency key is kept, milliseconds. */
  readonly keyWindowMs: number;
  /** How many idempotency keys are kept. */
  readonly keysMax: number;
  /** The most pages, of 4,096 bytes, that the file may grow to; absent: as the disk has room. */
  readonly pagesMax?: number;
  /**
   * From so many pages of the write-ahead log on, this thread brings them into the file; absent: as
   * SQLite has it, 1,000.
   */
  readonly logPagesMax?: number;
}

export interface LedgerSeams {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
}
