/** A ledger that hands every call on to another one, for those that do some of them otherwise. */

import type { Ledger } from '../../src/store/ledger/ledger.ts';

export class ForwardingLedger implements Ledger {
  constructor(readonly real: Ledger) {}

  get unfinished() {
    return this.real.unfinished;
  }

  get isSettlingDue() {
    return this.real.isSettlingDue;
  }

  get hasUnsettled() {
    return this.real.hasUnsettled;
  }

  forgetLeftOver(): void {
    this.real.forgetLeftOver();
  }

  beginSettling(): void {
    this.real.beginSettling();
  }

  endSettling(): void {
    this.real.endSettling();
  }

  endJournal(): void {
    this.real.endJournal();
  }

  syncDatabase(): void {
    this.real.syncDatabase();
  }

  pages(...given: Parameters<Ledger['pages']>) {
    return this.real.pages(...given);
  }

  revisions(...given: Parameters<Ledger['revisions']>) {
    return this.real.revisions(...given);
  }

  beginPagesAfter(...given: Parameters<Ledger['beginPagesAfter']>): void {
    this.real.beginPagesAfter(...given);
  }

  revisionOf(...given: Parameters<Ledger['revisionOf']>) {
    return this.real.revisionOf(...given);
  }

  settle(...given: Parameters<Ledger['settle']>): void {
    this.real.settle(...given);
  }

  findKey(...given: Parameters<Ledger['findKey']>) {
    return this.real.findKey(...given);
  }

  forgetKeys(): number {
    return this.real.forgetKeys();
  }

  forgetRevisions(...given: Parameters<Ledger['forgetRevisions']>): number {
    return this.real.forgetRevisions(...given);
  }

  commitGroup(...given: Parameters<Ledger['commitGroup']>) {
    return this.real.commitGroup(...given);
  }

  sync(): void {
    this.real.sync();
  }

  syncLater(...given: Parameters<Ledger['syncLater']>): void {
    this.real.syncLater(...given);
  }

  finishGroup(...given: Parameters<Ledger['finishGroup']>): void {
    this.real.finishGroup(...given);
  }

  recordOutside(...given: Parameters<Ledger['recordOutside']>) {
    return this.real.recordOutside(...given);
  }

  close(): void {
    this.real.close();
  }
}
