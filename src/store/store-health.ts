/** Whether the store may still be written, and why not; and what a refused edit makes of that. */

import type { RefusalCode } from '../model/operation.ts';
import { LedgerFailed } from './ledger/ledger.ts';
import type { Member } from './publication.ts';

export class StoreHealth {
  #failure: string | undefined;
  #isRemoved = false;

  /** Why no edit is taken until the next start; `undefined` while they are. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Whether the store's folder was removed: the store is to be opened anew. */
  get isRemoved(): boolean {
    return this.#isRemoved;
  }

  /** What every edit is refused with by now. */
  get refusal(): RefusalCode | undefined {
    if (this.#isRemoved) return 'unstable';
    return this.#failure === undefined ? undefined : 'read-only';
  }

  /**
   * Refuses an edit of a group.
   *
   * @param left whether what lies under the edit's temporary name is to stay there
   */
  refuse(member: Member, code: RefusalCode, left = false): void {
    member.publication = { kind: 'refused', code, left };
    if (code !== 'outcome-unknown') return;
    this.fail(`it is not known whether an edit of ${member.prepared.key} happened`);
  }

  fail(reason: string): void {
    this.#failure ??= reason;
  }

  /** What a failure of the ledger means to an edit that is not public; no other is taken after. */
  ledgerFailed(error: unknown): RefusalCode {
    if (!(error instanceof LedgerFailed)) throw error;
    if (error.reason === 'removed') {
      // Nobody will ever find a record of it in files that have no name any more.
      this.#isRemoved = true;
      return 'unstable';
    }
    this.fail(error.message);
    return 'outcome-unknown';
  }
}
