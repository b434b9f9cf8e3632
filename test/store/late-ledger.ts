/**
 * A ledger that writes a group down only when it is public: what a crash in between leaves is known
 * to nobody. Its numbers come from a second one, in a file of its own, that is written in time.
 */

import type { ResourceKey } from '../../src/model/resource-key.ts';
import type {
  CommittedEdit,
  Ledger,
  LedgerEntry,
  LedgerFailed,
  PageVersion,
} from '../../src/store/ledger/ledger.ts';
import { ForwardingLedger } from './forwarding-ledger.ts';

export class LateLedger extends ForwardingLedger {
  #late: readonly LedgerEntry[] | undefined;

  /**
   * @param real what the next start finds
   * @param numbering as empty as that one
   * @param isLate asked at each commit
   */
  constructor(
    real: Ledger,
    readonly numbering: Ledger,
    readonly isLate: () => boolean = () => true,
  ) {
    super(real);
  }

  override pages(after?: ResourceKey) {
    return this.numbering.pages(after);
  }

  override revisions(key: ResourceKey, before?: number) {
    return this.numbering.revisions(key, before);
  }

  override revisionOf(key: ResourceKey) {
    return this.numbering.revisionOf(key);
  }

  override forgetLeftOver(): void {
    this.real.forgetLeftOver();
    this.numbering.forgetLeftOver();
  }

  override commitGroup(entries: readonly LedgerEntry[]): CommittedEdit[] {
    const committed = this.numbering.commitGroup(entries);
    if (this.isLate()) this.#late = entries;
    else this.real.commitGroup(entries);
    return committed;
  }

  override sync(): void {
    if (this.#late === undefined) this.real.sync();
  }

  override syncLater(done: (failure?: LedgerFailed) => void): void {
    if (this.#late === undefined) this.real.syncLater(done);
    else setImmediate(done);
  }

  override finishGroup(undone: readonly string[]): void {
    if (this.#late !== undefined) {
      this.real.commitGroup(this.#late);
      this.real.sync();
    }
    this.#late = undefined;
    this.numbering.finishGroup(undone);
    this.real.finishGroup(undone);
  }

  override recordOutside(key: LedgerEntry['key'], found: PageVersion) {
    this.real.recordOutside(key, found);
    return this.numbering.recordOutside(key, found);
  }

  override close(): void {
    this.real.close();
    this.numbering.close();
  }
}
