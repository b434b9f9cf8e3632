/** A group's dealings with the ledger: keys that are known, the record, and how the group ended. */

import type { HistoryPlace } from './history-folder.ts';
import type { KnownKeys } from './known-keys.ts';
import {
  type CommittedEdit,
  keysForgottenAtOnce,
  type Ledger,
  LedgerBusy,
  LedgerFull,
} from './ledger/ledger.ts';
import { entryOf } from './ledger-entry.ts';
import type { Member, Publishing } from './publication.ts';
import type { StoreHealth } from './store-health.ts';

/** An edit that the ledger has written down. */
export interface Recorded {
  readonly member: Publishing;
  readonly committed: CommittedEdit;
}

export class GroupLedger {
  /** Keys that came since keys were forgotten last. */
  #keysSince = 0;

  constructor(
    readonly ledger: Ledger,
    readonly keys: KnownKeys,
    readonly health: StoreHealth,
  ) {}

  /** Answers what was done before; before the group is recorded. */
  lookUpKeys(member: Member): void {
    const { prepared } = member;
    const { refusal } = this.health;
    if (refusal !== undefined) {
      this.health.refuse(member, refusal);
      return;
    }
    const known = prepared.keys === undefined ? undefined : this.#lookUp(member);
    if (member.publication.kind !== 'waiting') return;
    if (known !== undefined) member.results = known.results;
    if (known?.isStale === true || prepared.change.kind === 'none') {
      member.publication = { kind: 'answered', results: member.results };
    }
  }

  #lookUp(member: Member) {
    try {
      return this.keys.lookUp(member.prepared);
    } catch (error) {
      const isBusy = error instanceof LedgerBusy;
      this.health.refuse(member, isBusy ? 'busy' : this.health.ledgerFailed(error));
      return undefined;
    }
  }

  /**
   * Writes down what is to be published, as one transaction. When there is no room for it, that is
   * begun anew with ever fewer edits, and there is none for the others.
   */
  record(members: readonly Publishing[]): Recorded[] {
    let some = this.health.refusal === undefined ? members : [];
    while (some.length > 0) {
      try {
        const committed = this.ledger.commitGroup(some.map(entryOf));
        return this.#recordedOf(members, committed);
      } catch (error) {
        if (error instanceof LedgerBusy) {
          for (const member of members) this.health.refuse(member, 'busy');
          return [];
        }
        if (error instanceof LedgerFull) {
          some = some.slice(0, Math.floor(some.length / 2));
          continue;
        }
        const code = this.health.ledgerFailed(error);
        for (const member of members) this.health.refuse(member, code, code === 'outcome-unknown');
        return [];
      }
    }
    return this.#recordedOf(members, []);
  }

  #recordedOf(members: readonly Publishing[], committed: readonly CommittedEdit[]): Recorded[] {
    const code = this.health.refusal ?? 'storage-full';
    return members.flatMap((member, index) => {
      const edit = committed[index];
      if (edit !== undefined) return [{ member, committed: edit }];
      this.health.refuse(member, code);
      return [];
    });
  }

  /**
   * Says that the group is finished, save for edits that did not happen. A group in which something
   * is not known stays as it is: the next start looks what became of it.
   *
   * @returns whether that is written down, or need not be
   */
  finish(recorded: readonly Recorded[]): boolean {
    const undone = recorded.filter(({ member }) => member.publication.kind !== 'public');
    if (this.health.failure !== undefined) {
      this.#leaveUnknown(undone);
      return false;
    }
    try {
      this.ledger.finishGroup(undone.map(({ committed }) => committed.operation));
    } catch (error) {
      if (!(error instanceof LedgerFull)) this.health.ledgerFailed(error);
      // Of a store that was removed no start will find anything.
      if (!this.health.isRemoved) this.#leaveUnknown(undone);
      return false;
    }
    this.#forgetKeys(recorded);
    return true;
  }

  /** Nobody could be told that these did not happen: the next start finds their record. */
  #leaveUnknown(undone: readonly Recorded[]): void {
    for (const { member } of undone) this.health.refuse(member, 'outcome-unknown', true);
  }

  /** As many keys as came are forgotten, once they are past the window or too many. */
  #forgetKeys(recorded: readonly Recorded[]): void {
    for (const { member } of recorded) this.#keysSince += member.prepared.keys?.length ?? 0;
    if (this.#keysSince < keysForgottenAtOnce || this.health.refusal !== undefined) return;
    this.#keysSince = 0;
    this.#tidy((ledger) => ledger.forgetKeys());
  }

  /** Forgets versions up to the given ones: their files are gone. */
  forgetRevisions(upTo: readonly HistoryPlace[]): void {
    if (this.health.refusal !== undefined) return;
    this.#tidy((ledger) => ledger.forgetRevisions(upTo));
  }

  /** Tidies the ledger between groups. Without room for that it stays as it is. */
  #tidy(tidy: (ledger: Ledger) => void): void {
    try {
      tidy(this.ledger);
    } catch (error) {
      if (!(error instanceof LedgerFull)) this.health.ledgerFailed(error);
    }
  }
}
