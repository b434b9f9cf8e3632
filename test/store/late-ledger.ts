/**
 * A ledger that writes a group down only when it is public: what a crash in between leaves is known
 * to nobody. Its numbers come from a second one, in a file of its own, that is written in time.
 */

import type {
  CommittedEdit,
  Ledger,
  LedgerEntry,
  LedgerFailed,
  PageVersion,
} from '../../src/store/ledger/ledger.ts';

export class LateLedger implements Ledger {
  #late: readonly LedgerEntry[] | undefined;

  /**
   * @param real what the next start finds
   * @param numbering as empty as that one
   * @param isLate asked at each commit
   */
  constructor(
    readonly real: Ledger,
    readonly numbering: Ledger,
    readonly isLate: () => boolean = () => true,
  ) {}

  get unfinished() {
    return this.real.unfinished;
  }

  get isSettlingDue() {
    return this.real.isSettlingDue;
  }

  get hasUnsettled() {
    return this.real.hasUnsettled;
  }

  beginSettling: Ledger['beginSettling'] = () => this.real.beginSettling();
  endSettling: Ledger['endSettling'] = () => this.real.endSettling();
  endJournal: Ledger['endJournal'] = () => this.real.endJournal();
  syncDatabase: Ledger['syncDatabase'] = () => this.real.syncDatabase();
  pages: Ledger['pages'] = (after) => this.numbering.pages(after);
  revisions: Ledger['revisions'] = (key, before) => this.numbering.revisions(key, before);
  beginPagesAfter: Ledger['beginPagesAfter'] = (page) => this.real.beginPagesAfter(page);
  revisionOf: Ledger['revisionOf'] = (key) => this.numbering.revisionOf(key);
  settle: Ledger['settle'] = (decisions) => this.real.settle(decisions);
  findKey: Ledger['findKey'] = (key) => this.real.findKey(key);
  forgetKeys: Ledger['forgetKeys'] = () => this.real.forgetKeys();
  forgetRevisions: Ledger['forgetRevisions'] = (...which) => this.real.forgetRevisions(...which);

  forgetLeftOver(): void {
    this.real.forgetLeftOver();
    this.numbering.forgetLeftOver();
  }

  commitGroup(entries: readonly LedgerEntry[]): CommittedEdit[] {
    const committed = this.numbering.commitGroup(entries);
    if (this.isLate()) this.#late = entries;
    else this.real.commitGroup(entries);
    return committed;
  }

  sync(): void {
    if (this.#late === undefined) this.real.sync();
  }

  syncLater(done: (failure?: LedgerFailed) => void): void {
    if (this.#late === undefined) this.real.syncLater(done);
    else setImmediate(done);
  }

  finishGroup(undone: readonly string[]): void {
    if (this.#late !== undefined) {
      this.real.commitGroup(this.#late);
      this.real.sync();
    }
    this.#late = undefined;
    this.numbering.finishGroup(undone);
    this.real.finishGroup(undone);
  }

  recordOutside(key: LedgerEntry['key'], found: PageVersion) {
    this.real.recordOutside(key, found);
    return this.numbering.recordOutside(key, found);
  }

  close(): void {
    this.real.close();
    this.numbering.close();
  }
}
