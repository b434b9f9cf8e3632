/** The database loses its last transactions, or all of them; the journal brings them back. */

import { Database } from 'bun:sqlite';
import { afterAll, describe, expect, test } from 'bun:test';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import type { SqliteLedger } from '../../../src/store/ledger/sqlite-ledger.ts';
import { FaultyFileSystem } from '../faulty-file-system.ts';
import { Seeded, seedOfRun } from '../seeded.ts';
import { key } from '../support.ts';
import { create, done, insert, keyed, pendingOf, TestLedger, version } from './support.ts';

const seed = seedOfRun();
afterAll(() => console.log(`power cuts: seed ${seed}`));

const suffixes = ['', '-wal'];
const page = key('a.html');

/** The database as it is on the disk by now, which a power cut may bring back. */
function keepDatabase({ path }: TestLedger): void {
  for (const suffix of suffixes) {
    if (existsSync(path + suffix)) copyFileSync(path + suffix, `${path}${suffix}.kept`);
  }
}

function loseTransactions({ path }: TestLedger): void {
  for (const suffix of [...suffixes, '-shm']) rmSync(path + suffix, { force: true });
  for (const suffix of suffixes) {
    const kept = `${path}${suffix}.kept`;
    if (existsSync(kept)) copyFileSync(kept, path + suffix);
  }
}

/** All that the database says. */
function rowsIn({ path }: TestLedger): unknown[] {
  using database = new Database(path, { readonly: true });
  return ['pages', 'edits', 'keys', 'progress'].map((table) => {
    return database.query(`SELECT * FROM ${table} ORDER BY 1, 2`).all();
  });
}

/** Ends the process as far as it can be seen from here: nothing more is written. */
function kill(folder: TestLedger, faulty: FaultyFileSystem): void {
  faulty.die();
  faulty.bury();
  folder.fileSystem = new FaultyFileSystem();
}

describe('what was lost comes back exactly', () => {
  for (let round = 0; round < 12; round += 1) {
    test(`round ${round}`, () => {
      const seeded = new Seeded(seed + round);
      using folder = new TestLedger();
      const faulty = new FaultyFileSystem();
      folder.fileSystem = faulty;
      const ledger = folder.open();
      ledger.beginPagesAfter(() => seeded.below(2) * 30);
      const inodes = new Map<string, number>();
      let inode = 0;
      const runGroup = (): void => {
        const names = [...new Set([0, 1, 2].map(() => `${seeded.below(8)}.html`))];
        const edits = names.map((name) => {
          inode += 2;
          const before = inodes.get(name);
          const keys = seeded.below(2) === 0 ? [keyed(`key ${seeded.below(9)}.${name}`)] : [];
          // Now and then another program has saved the page.
          const from = seeded.below(6) === 0 ? inode - 1 : before;
          const fresh = keys.filter(({ key }) => ledger.findKey(key) === undefined);
          const entry =
            from === undefined ? create(name, inode, fresh) : insert(name, from, inode, fresh);
          return { name, entry, inode, isUndone: seeded.below(8) === 0 };
        });
        ledger.commitGroup(edits.map(({ entry }) => entry));
        ledger.sync();
        if (seeded.below(5) === 0) ledger.recordOutside(key('out.html'), version(inode + 1));
        const undone = edits.filter(({ isUndone }) => isUndone);
        ledger.finishGroup(undone.map(({ entry }) => entry.operation));
        for (const { name, inode, isUndone } of edits) if (!isUndone) inodes.set(name, inode);
        folder.nowMs += seeded.below(300);
      };
      for (let at = seeded.below(5); at > 0; at -= 1) runGroup();
      ledger.beginSettling();
      keepDatabase(folder);
      for (let at = seeded.below(3); at > 0; at -= 1) runGroup();
      ledger.endSettling();
      for (let at = 1 + seeded.below(12); at > 0; at -= 1) runGroup();
      const before = rowsIn(folder);
      kill(folder, faulty);
      for (let twice = 0; twice < 2; twice += 1) {
        loseTransactions(folder);
        const again = folder.openUnsettled();
        expect(rowsIn(folder)).toEqual(before);
        again.close();
      }
      const after = folder.openUnsettled();
      const happened = after.unfinished.map(({ operation }) => ({ operation, happened: true }));
      if (happened.length > 0) after.settle(happened);
      after.forgetLeftOver();
      // And the numbers go on behind them.
      const highest = Math.max(...after.pages().map(({ page }) => page));
      expect(done(after, create('new.html', inode + 10))[0]?.page).toBe(highest + 1);
    });
  }
});

test('a key whose older use is out of its window comes back with the newer one', () => {
  using folder = new TestLedger();
  const faulty = new FaultyFileSystem();
  folder.fileSystem = faulty;
  const ledger = folder.open();
  done(ledger, create('a.html', 1, [keyed('k')]));
  keepDatabase(folder);
  folder.nowMs += 1_001;
  done(ledger, insert('a.html', 1, 2, [keyed('k')]));
  kill(folder, faulty);
  loseTransactions(folder);
  const after = folder.openUnsettled();
  after.settle(after.unfinished.map(({ operation }) => ({ operation, happened: true })));
  expect(after.findKey('k')?.revision).toBe(2);
});

test('between settling and forgetting nothing is lost, and what did not happen stays so', () => {
  using folder = new TestLedger();
  const faulty = new FaultyFileSystem();
  folder.fileSystem = faulty;
  const ledger = folder.open();
  done(ledger, create('a.html', 1), create('b.html', 2));
  ledger.commitGroup([insert('a.html', 1, 3, [keyed('undone')]), create('c.html', 4)]);
  ledger.sync();
  kill(folder, faulty);
  const first = folder.openUnsettled();
  const outside = first.recordOutside(page, version(30));
  expect(outside).toEqual({ page: 1, revision: 3 });
  first.settle(
    first.unfinished.map(({ operation }) => ({ operation, happened: operation !== 'insert-3' })),
  );
  const settled = rowsIn(folder);
  // Ends without forgetting: the journal still has all.
  first.close();
  const second = folder.openUnsettled();
  expect(rowsIn(folder)).toEqual(settled);
  expect(pendingOf(second)).toEqual([]);
  const left = second.unfinished.map(({ operation }) => operation);
  expect(left).toEqual(['create-1', 'create-2', 'create-4']);
  second.settle(left.map((operation) => ({ operation, happened: true })));
  second.forgetLeftOver();
  expect(second.revisionOf(page)).toMatchObject({ revision: 3, kind: 'outside' });
  second.close();
  expect(folder.openUnsettled().unfinished).toEqual([]);
});

test('an edit whose version was removed from the history is known to be one', () => {
  using folder = new TestLedger();
  const faulty = new FaultyFileSystem();
  folder.fileSystem = faulty;
  const ledger = folder.open();
  done(ledger, create('a.html', 1));
  for (let inode = 2; inode <= 4; inode += 1) done(ledger, insert('a.html', inode - 1, inode));
  ledger.forgetRevisions([{ page: 1, revision: 2 }]);
  kill(folder, faulty);
  const { unfinished } = folder.openUnsettled();
  expect(unfinished.map(({ revision, isPruned }) => [revision, isPruned])).toEqual([
    [1, true],
    [2, true],
    [3, undefined],
    [4, undefined],
  ]);
});

test('what is brought back is synced before the journal forgets it', () => {
  using folder = new TestLedger();
  const faulty = new FaultyFileSystem();
  folder.fileSystem = faulty;
  const ledger = folder.open({ durability: 'sync' });
  // No edit is unfinished, and yet the journal alone is known to have it.
  ledger.recordOutside(page, version(1));
  kill(folder, faulty);
  const next = new FaultyFileSystem();
  folder.fileSystem = next;
  const after = folder.openUnsettled({ durability: 'sync' });
  expect(after.unfinished).toEqual([]);
  next.calls.length = 0;
  after.forgetLeftOver();
  const calls = next.calls.filter((call) => /^(fsync|pwrite)/.test(call));
  expect(calls.slice(0, 2).map((call) => call.split(' ')[0])).toEqual(['fsync', 'pwrite']);
});

describe('a database that was removed, beside its journal', () => {
  test('numbers of pages begin behind the folders of the history, at every later start', () => {
    using folder = new TestLedger();
    const before = folder.open();
    before.beginPagesAfter(() => 0);
    done(before, create('a.html', 1), create('b.html', 2));
    before.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(folder.path + suffix, { force: true });
    for (let start = 0; start < 3; start += 1) {
      const ledger = folder.openUnsettled();
      ledger.beginPagesAfter(() => 9);
      expect(ledger.pages().map(({ page }) => page)).toEqual([1, 2]);
      ledger.close();
    }
    const ledger = folder.open();
    ledger.beginPagesAfter(() => 9);
    expect(done(ledger, create('c.html', 3))[0]?.page).toBe(10);
  });

  test('pages begin with 1 where there is no history, and are asked for once', () => {
    using folder = new TestLedger();
    const first = folder.open();
    first.beginPagesAfter(() => 0);
    expect(done(first, create('a.html', 1))[0]?.page).toBe(1);
    first.close();
    const next: SqliteLedger = folder.open();
    next.beginPagesAfter(() => {
      throw new Error('it was asked again');
    });
    expect(next.pages()).toEqual([{ page: 1, key: page }]);
  });
});
