/**
 * Has the pages themselves synced now and then, so that the journal, which holds what was published
 * since, stays short. Nobody waits for it: an edit is durable as soon as the journal is.
 *
 * Where the whole file system can be synced, a thread of its own does that. Elsewhere each page and
 * folder that was touched is synced here, between two groups.
 */

import type { Clock, Timer } from '../base/clock.ts';
import { FileError } from './errno.ts';
import { type Ledger, LedgerFull } from './ledger/ledger.ts';
import type { Settler, SettlerOwner } from './settle/settler-link.ts';
import type { StoreHealth } from './store-health.ts';

/**
 * How long a page that was published waits at most until its sync begins, or, where one is under
 * way, from the end of that. The kernel writes it by itself after 30 s; a start after a crash has
 * the less to do the sooner it is. Under load the journal is full before that.
 */
export const settleDelayMs = 2_000;

/** Where each page is synced by itself, between two groups: more would hold the next one up. */
const waitingPagesMax = 256;

/** Starts what syncs the whole file system, beside everything else. */
export type StartSettler = (owner: SettlerOwner) => Settler;

export interface SettlingParts {
  readonly ledger: Ledger;
  readonly health: StoreHealth;
  readonly clock: Clock;
  readonly durability: 'sync' | 'none';
  /** A group is under way: what is due waits for `resume`. */
  readonly isHeldUp: () => boolean;
  /** Syncs all that was published, database and all. Throws `FileError`. */
  readonly syncNow: () => void;
  /** Pages that wait for a sync, where each is synced by itself. */
  readonly waiting?: () => number;
  /** Absent where the file system cannot be synced as a whole. */
  readonly startSettler?: StartSettler;
}

export class PageSettling {
  readonly #parts: SettlingParts;
  #settler: Settler | undefined;
  #timer: Timer | undefined;
  /** It was due while a group was under way. */
  #isPutOff = false;
  #isUnderWay = false;
  #isClosed = false;

  constructor(parts: SettlingParts) {
    this.#parts = parts;
  }

  /** A group was published and finished. */
  groupFinished(): void {
    if (!this.#isUnderWay) this.#plan();
  }

  #plan(): void {
    const { ledger, clock, waiting } = this.#parts;
    if (ledger.isSettlingDue || (waiting?.() ?? 0) >= waitingPagesMax) this.#beginOrPutOff();
    else this.#timer ??= clock.after(settleDelayMs, () => this.#beginOrPutOff());
  }

  /** No group is under way any more. */
  resume(): void {
    if (this.#isPutOff) this.#begin();
  }

  #beginOrPutOff(): void {
    if (this.#parts.isHeldUp()) this.#isPutOff = true;
    else this.#begin();
  }

  /** Settles all, so that the next start finds nothing to do; without that it does it again. */
  close(): void {
    if (this.#isClosed) return;
    this.abandon();
    const { ledger, health } = this.#parts;
    if (health.refusal !== undefined) return;
    const isSettled = !this.#isUnderWay && !ledger.hasUnsettled;
    if (isSettled || !this.#trySync()) return;
    this.#guarded(() => {
      if (this.#isUnderWay) ledger.endSettling();
      if (ledger.hasUnsettled) {
        ledger.beginSettling();
        ledger.endSettling();
      }
      ledger.endJournal();
    });
  }

  /** Ends, and leaves what is not settled to the next start. */
  abandon(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#settler?.close();
  }

  #begin(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#isPutOff = false;
    const { ledger, health, durability } = this.#parts;
    if (this.#isClosed || this.#isUnderWay || health.refusal !== undefined) return;
    if (!ledger.hasUnsettled) return;
    this.#isUnderWay = true;
    this.#guarded(() => ledger.beginSettling());
    const settler = durability === 'sync' ? this.#startedSettler() : undefined;
    if (settler !== undefined) settler.settle();
    else if (this.#trySync()) this.#end();
  }

  /** Started when there is first something to settle: no start of a server waits for it. */
  #startedSettler(): Settler | undefined {
    this.#settler ??= this.#parts.startSettler?.({
      settled: () => this.#end(),
      failed: (detail) => this.#fail(detail),
    });
    return this.#settler;
  }

  #trySync(): boolean {
    if (this.#parts.durability === 'none') return true;
    try {
      this.#parts.syncNow();
      return true;
    } catch (error) {
      if (error instanceof FileError) this.#fail(error.message);
      else this.#parts.health.ledgerFailed(error);
      return false;
    }
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isUnderWay = false;
    if (this.#parts.health.refusal !== undefined) return;
    this.#guarded(() => this.#parts.ledger.endSettling());
    // What was published meanwhile: perhaps nothing comes behind it.
    if (this.#parts.ledger.hasUnsettled) this.#plan();
  }

  /** What is not known to be on the disk stays in the journal, and the next start does it again. */
  #fail(detail: string): void {
    this.#parts.health.fail(`the pages could not be synced: ${detail}`);
  }

  #guarded(use: () => void): void {
    try {
      use();
    } catch (error) {
      if (!(error instanceof LedgerFull)) this.#parts.health.ledgerFailed(error);
    }
  }
}
