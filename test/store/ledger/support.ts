/** What the ledger's tests share: a ledger in a folder of its own, entries in short. */

import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../../src/base/clock.ts';
import type { FileSystem } from '../../../src/store/file-system.ts';
import type {
  KeyedEdit,
  LedgerEntry,
  PageVersion,
  Settled,
  UnfinishedEdit,
} from '../../../src/store/ledger/ledger.ts';
import { openLedger } from '../../../src/store/ledger/open-ledger.ts';
import type { LedgerOptions } from '../../../src/store/ledger/options.ts';
import type { SqliteLedger } from '../../../src/store/ledger/sqlite-ledger.ts';
import { systemFileSystem } from '../../../src/store/system-file-system.ts';
import { key, temporaryRoot } from '../support.ts';

export const testOptions: LedgerOptions = {
  durability: 'none',
  keyWindowMs: 1_000,
  keysMax: 10,
};

/** A folder with a ledger, which may be closed and opened again; removed at the end. */
export class TestLedger implements Disposable {
  readonly folder: string;
  readonly path: string;
  /** Milliseconds since 1970, as the ledger sees it. */
  nowMs = 1_000_000;
  fileSystem: FileSystem = systemFileSystem;
  #open: SqliteLedger[] = [];

  /** @param parent where the folder is made; else in memory where there is some */
  constructor(parent?: string) {
    this.folder = parent === undefined ? temporaryRoot() : mkdtempSync(join(parent, 'ledger-'));
    this.path = join(this.folder, 'ledger.db');
  }

  get clock(): Clock {
    return { ...systemClock, wallMs: () => this.nowMs };
  }

  /** Opens it, and settles what is known to have happened, if there is nothing else. */
  open(options: Partial<LedgerOptions> = {}): SqliteLedger {
    const ledger = this.openUnsettled(options);
    if (pendingOf(ledger).length === 0) settlePending(ledger, []);
    return ledger;
  }

  /** Opens it, and leaves all as the last run has left it. */
  openUnsettled(options: Partial<LedgerOptions> = {}): SqliteLedger {
    const seams = { fileSystem: this.fileSystem, clock: this.clock };
    const ledger = openLedger(this.path, { ...testOptions, ...options }, seams);
    this.#open.push(ledger);
    return ledger;
  }

  [Symbol.dispose](): void {
    for (const ledger of this.#open) ledger.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Settles what a crash has left, given what became of the group that is not known. */
export function settlePending(ledger: SqliteLedger, decisions: readonly Settled[]): void {
  const finished = ledger.unfinished.filter(({ state }) => state === 'finished');
  const happened = finished.map(({ operation }) => ({ operation, happened: true }));
  if (ledger.unfinished.length > 0) ledger.settle([...happened, ...decisions]);
  ledger.forgetLeftOver();
}

/** The group that a crash has left. */
export function pendingOf(ledger: SqliteLedger): readonly UnfinishedEdit[] {
  return ledger.unfinished.filter(({ state }) => state !== 'finished');
}

/** A version of a page, made up from a number. */
export function version(inode: number, tag?: string): PageVersion {
  const identity = {
    device: 7n,
    inode: BigInt(inode),
    size: BigInt(inode) * 10n,
    modifiedNs: BigInt(inode) * 1_000_000n,
  };
  return tag === undefined ? { identity } : { identity, tag: { weak: false, opaque: tag } };
}

export function create(path: string, inode: number, keys: readonly KeyedEdit[] = []): LedgerEntry {
  const operation = `create-${inode}`;
  return { kind: 'create', operation, key: key(path), prepared: version(inode), keys };
}

export function insert(
  path: string,
  from: number,
  to: number,
  keys: readonly KeyedEdit[] = [],
): LedgerEntry {
  return {
    kind: 'insert',
    operation: `insert-${to}`,
    key: key(path),
    prepared: version(to),
    displaced: version(from),
    keys,
  };
}

export function remove(path: string, inode: number): LedgerEntry {
  const displaced = version(inode);
  return { kind: 'remove', operation: `remove-${inode}`, key: key(path), displaced, keys: [] };
}

export function keyed(name: string, place = 0): KeyedEdit {
  const fingerprint = new TextEncoder().encode(`fingerprint of ${name}`);
  return { key: name, fingerprint, place, result: 'inserted' };
}

/** Commits a group that happens as a whole. */
export function done(ledger: SqliteLedger, ...entries: readonly LedgerEntry[]) {
  const committed = ledger.commitGroup(entries);
  ledger.finishGroup([]);
  return committed;
}
