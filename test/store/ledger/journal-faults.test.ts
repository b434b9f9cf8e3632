/** The journal of a ledger fails: it has no room, is not synced, or is taken away. */

import { describe, expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { LedgerFailed, LedgerFull } from '../../../src/store/ledger/ledger.ts';
import { journalPathOf } from '../../../src/store/ledger/open-ledger.ts';
import type { SqliteLedger } from '../../../src/store/ledger/sqlite-ledger.ts';
import { FaultyFileSystem } from '../faulty-file-system.ts';
import { key } from '../support.ts';
import { create, done, insert, keyed, pendingOf, settlePending, TestLedger } from './support.ts';

const page = key('a.html');

interface Faulty extends Disposable {
  readonly folder: TestLedger;
  readonly faulty: FaultyFileSystem;
  readonly ledger: SqliteLedger;
  /** Ends the process; what it leaves is opened anew. */
  reopen(): SqliteLedger;
}

/** A ledger with one page, and a file system whose calls are only the journal's. */
function faultyLedger(): Faulty {
  const folder = new TestLedger();
  const faulty = new FaultyFileSystem();
  folder.fileSystem = faulty;
  const ledger = folder.open({ durability: 'sync' });
  done(ledger, create('a.html', 1));
  ledger.sync();
  const reopen = (): SqliteLedger => {
    faulty.die();
    faulty.bury();
    folder.fileSystem = new FaultyFileSystem();
    return folder.openUnsettled({ durability: 'sync' });
  };
  return { folder, faulty, ledger, reopen, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

function failureOf(use: () => unknown): LedgerFailed {
  try {
    use();
  } catch (error) {
    if (error instanceof LedgerFailed) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** An edit on a page that another program saved, and a new page. */
const refused = [insert('a.html', 20, 2, [keyed('k')]), create('b.html', 3, [keyed('l')])];

function refuse({ faulty, ledger }: Faulty): void {
  faulty.arm('ENOSPC', 0, 'pwrite');
  expect(() => ledger.commitGroup(refused)).toThrow(LedgerFull);
  expect(faulty.failed).toBe('pwrite');
  faulty.disarm();
}

describe('no room for a group', () => {
  test('nothing of it is known, and the next one goes on', () => {
    using one = faultyLedger();
    const { ledger } = one;
    refuse(one);
    expect([ledger.findKey('k'), ledger.findKey('l')]).toEqual([undefined, undefined]);
    expect(ledger.revisionOf(page)?.revision).toBe(1);
    expect(ledger.revisionOf(key('b.html'))).toBeUndefined();
    expect(() => ledger.finishGroup([])).toThrow('no group to finish');
    // The save of the other program is told to the journal with the edit that displaces it.
    const [again] = done(ledger, insert('a.html', 20, 4, [keyed('k')]));
    ledger.sync();
    expect(again).toMatchObject({ revision: 5, displaces: 4 });
    const states = ledger.revisions(page).map(({ revision, state }) => `${revision} ${state}`);
    expect(states).toEqual(['5 pending', '4 done', '3 undone', '2 undone', '1 done']);
    const after = one.reopen();
    expect(after.unfinished.map(({ operation }) => operation)).toEqual(['create-1', 'insert-4']);
    expect(ledger.findKey('k')?.revision).toBe(5);
  });

  test('a kill leaves no edit of it that the journal knows', () => {
    using one = faultyLedger();
    refuse(one);
    const after = one.reopen();
    const left = pendingOf(after).map(({ operation, state }) => `${operation} ${state}`);
    expect(left).toEqual(['insert-2 begun', 'create-3 begun']);
    settlePending(after, [
      { operation: 'insert-2', happened: false },
      { operation: 'create-3', happened: false },
    ]);
    expect(after.findKey('k')).toBeUndefined();
    expect(done(after, create('b.html', 5, [keyed('k')]))[0]).toMatchObject({ revision: 2 });
  });

  test('tidying the history in between takes nothing from what the journal is told', () => {
    using one = faultyLedger();
    const { ledger } = one;
    refuse(one);
    ledger.forgetRevisions([{ page: 99, revision: 1 }]);
    const before = one.faulty.calls.length;
    done(ledger, create('c.html', 6));
    ledger.sync();
    expect(one.faulty.calls.length).toBeGreaterThan(before);
    for (const suffix of ['', '-wal', '-shm']) rmSync(one.folder.path + suffix, { force: true });
    const after = one.reopen();
    const undone = after.unfinished.filter(({ operation }) => /-[23]$/.test(operation));
    expect(undone).toEqual([]);
  });

  test('what did not happen is not brought back after that', () => {
    using one = faultyLedger();
    const { ledger, faulty } = one;
    ledger.commitGroup([insert('a.html', 1, 2)]);
    ledger.sync();
    faulty.arm('ENOSPC', 0, 'pwrite');
    // The database has it; and it is to be lost.
    ledger.finishGroup(['insert-2']);
    expect(faulty.failed).toBe('pwrite');
    faulty.disarm();
    ledger.forgetRevisions([{ page: 99, revision: 1 }]);
    done(ledger, create('c.html', 6));
    ledger.sync();
    // The database loses all of it; the journal must have been told all the same.
    for (const suffix of ['', '-wal', '-shm']) rmSync(one.folder.path + suffix, { force: true });
    const after = one.reopen();
    expect(after.unfinished.map(({ operation }) => operation)).toEqual(['create-1', 'create-6']);
    expect(after.revisionOf(page)?.revision).toBe(1);
  });

  test('nor a save of another program that could not be written down', () => {
    using one = faultyLedger();
    const { ledger, faulty } = one;
    ledger.commitGroup([insert('a.html', 1, 2)]);
    ledger.sync();
    faulty.arm('ENOSPC', 0, 'pwrite');
    expect(() => ledger.recordOutside(page, { identity: version30 })).toThrow(LedgerFull);
    faulty.disarm();
    ledger.finishGroup(['insert-2']);
    expect(ledger.revisionOf(page)?.revision).toBe(1);
    expect(done(ledger, insert('a.html', 1, 4))[0]).toMatchObject({ revision: 4, displaces: 1 });
  });
});

const version30 = { device: 7n, inode: 30n, size: 300n, modifiedNs: 30_000_000n };

describe('a journal that fails', () => {
  test('at its sync: nothing more is said to be durable', () => {
    using one = faultyLedger();
    const { ledger, faulty } = one;
    ledger.commitGroup([create('b.html', 2)]);
    faulty.arm('EIO', 0, 'fdatasync');
    expect(failureOf(() => ledger.sync()).reason).toBe('storage');
    faulty.disarm();
    // A second sync would say yes.
    for (const use of [() => ledger.sync(), () => ledger.syncDatabase()]) {
      expect(failureOf(use).reason).toBe('storage');
    }
    expect(failureOf(() => ledger.recordOutside(page, { identity: version30 })).reason).toBe(
      'storage',
    );
    ledger.close();
  });

  test('at a write, but for want of room', () => {
    using one = faultyLedger();
    one.faulty.arm('EIO', 0, 'pwrite');
    expect(failureOf(() => one.ledger.commitGroup(refused)).reason).toBe('storage');
    expect(failureOf(() => one.ledger.sync()).reason).toBe('storage');
  });

  test('was taken away', () => {
    using one = faultyLedger();
    rmSync(journalPathOf(one.folder.path), { recursive: true });
    one.ledger.commitGroup([create('b.html', 2)]);
    expect(failureOf(() => one.ledger.sync()).reason).toBe('removed');
  });
});

test('a ledger that is closed before the journal was begun anew leaves it as it is', () => {
  using folder = new TestLedger();
  const ledger = folder.open();
  // No edit is unfinished, and how far all is finished is not written down.
  ledger.recordOutside(page, { identity: version30 });
  const next = folder.openUnsettled();
  expect(next.unfinished).toEqual([]);
  next.close();
  expect(folder.open().revisionOf(page)?.kind).toBe('outside');
});
