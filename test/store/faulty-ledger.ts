/** A ledger in which a call goes wrong: by its contract, with a fault behind it. */

import {
  type LedgerEntry,
  LedgerFailed,
  LedgerFull,
  type PageVersion,
} from '../../src/store/ledger/ledger.ts';
import { ForwardingLedger } from './forwarding-ledger.ts';

export type LedgerCall = 'commitGroup' | 'sync' | 'finishGroup' | 'recordOutside' | 'findKey';

/**
 * `full`: nothing is written down. `failed`: nobody knows, and nothing is; `failed-late`: the same,
 * and all is.
 */
export type LedgerFault = 'full' | 'failed' | 'failed-late';

export class FaultyLedger extends ForwardingLedger {
  #armed: { readonly fault: LedgerFault; readonly call: LedgerCall } | undefined;
  #failure: LedgerFailed | undefined;
  /** What the real one was not told of the last group, for want of room. */
  #owed: readonly string[] | undefined;
  /** So many edits of a group fit when it is full. */
  fitting = 0;
  /** How often a fault struck. */
  struck = 0;

  /** From now on the call goes wrong; one that has failed takes nothing more. */
  arm(fault: LedgerFault, call: LedgerCall): void {
    this.#armed = { fault, call };
  }

  disarm(): void {
    this.#armed = undefined;
  }

  override findKey(key: string) {
    return this.#run('findKey', () => this.real.findKey(key));
  }

  override commitGroup(entries: readonly LedgerEntry[]) {
    const fits = entries.length <= this.fitting;
    const commit = () => {
      if (this.#owed !== undefined) this.real.finishGroup(this.#owed);
      this.#owed = undefined;
      return this.real.commitGroup(entries);
    };
    return this.#run('commitGroup', commit, fits);
  }

  override sync(): void {
    this.#run('sync', () => this.real.sync());
  }

  override syncLater(done: (failure?: LedgerFailed) => void): void {
    this.#run('sync', () => this.real.syncLater(done));
  }

  override finishGroup(undone: readonly string[]): void {
    const isFull = this.#armed?.call === 'finishGroup' && this.#armed.fault === 'full';
    // It is written down with the next group.
    if (isFull) this.#owed = undone;
    this.#run('finishGroup', () => this.real.finishGroup(undone));
  }

  override recordOutside(key: LedgerEntry['key'], found: PageVersion) {
    return this.#run('recordOutside', () => this.real.recordOutside(key, found));
  }

  #run<T>(call: LedgerCall, run: () => T, fits = false): T {
    if (this.#failure !== undefined) throw this.#failure;
    const fault = this.#armed?.call === call ? this.#armed.fault : undefined;
    if (fault === undefined || (fault === 'full' && fits)) return run();
    this.struck += 1;
    if (fault === 'full') throw new LedgerFull('SQLITE_FULL');
    if (fault === 'failed-late') run();
    this.#failure = new LedgerFailed('storage', 'SQLITE_IOERR_WRITE');
    throw this.#failure;
  }
}
