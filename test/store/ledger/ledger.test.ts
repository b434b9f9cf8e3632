/** The circle of groups: what is written down, what is known of pages, what an end leaves. */

import { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { statSync } from 'node:fs';
import { AssertionFailed } from '../../../src/base/assert.ts';
import { openLedgerReader } from '../../../src/store/ledger/open-ledger.ts';
import { key } from '../support.ts';
import {
  create,
  done,
  insert,
  keyed,
  pendingOf,
  remove,
  settlePending,
  TestLedger,
  version,
} from './support.ts';

const page = key('a.html');

describe('revisions', () => {
  test('count up within a page, and each says which one it displaces', () => {
    using folder = new TestLedger();
    const ledger = folder.open();
    expect(done(ledger, create('a.html', 1), create('b.html', 2))).toEqual([
      { operation: 'create-1', page: 1, revision: 1 },
      { operation: 'create-2', page: 2, revision: 1 },
    ]);
    expect(done(ledger, insert('b.html', 2, 3))).toEqual([
      { operation: 'insert-3', page: 2, revision: 2, displaces: 1 },
    ]);
    expect(done(ledger, remove('b.html', 3))).toEqual([
      { operation: 'remove-3', page: 2, revision: 3, displaces: 2 },
    ]);
    expect(done(ledger, create('b.html', 4))).toEqual([
      { operation: 'create-4', page: 2, revision: 4 },
    ]);
    expect(ledger.revisionOf(key('b.html'))?.version).toEqual(version(4));
    expect(ledger.revisionOf(key('c.html'))).toBeUndefined();
  });

  test('are the same after a restart', () => {
    using folder = new TestLedger();
    const before = folder.open();
    const tagged = { ...create('a.html', 1), kind: 'create', prepared: version(1, 'tag') } as const;
    done(before, tagged);
    done(before, insert('a.html', 1, 2));
    done(before, create('b.html', 5));
    done(before, remove('b.html', 5));
    const [a, b] = [before.revisionOf(page), before.revisionOf(key('b.html'))];
    const past = before.revisions(page);
    before.close();
    const after = folder.open();
    expect(after.unfinished).toEqual([]);
    expect(after.revisionOf(page)).toEqual(a);
    expect(after.revisionOf(key('b.html'))).toEqual(b);
    expect(b?.version).toBeUndefined();
    expect(after.revisions(page)).toEqual(past);
    expect(
      past.map(({ revision, kind, state, operation, version }) => {
        return [revision, kind, state, operation, version?.tag?.opaque];
      }),
    ).toEqual([
      [2, 'insert', 'done', 'insert-2', undefined],
      [1, 'create', 'done', 'create-1', 'tag'],
    ]);
    expect(done(after, insert('a.html', 2, 3))[0]?.revision).toBe(3);
  });

  test('a page that another program has saved gets a revision for that', () => {
    using folder = new TestLedger();
    const ledger = folder.open();
    // Neither the first edit of a page that was always there, nor a save between two edits.
    expect(done(ledger, insert('a.html', 10, 11))[0]).toMatchObject({ revision: 2, displaces: 1 });
    expect(done(ledger, insert('a.html', 20, 21))[0]).toMatchObject({ revision: 4, displaces: 3 });
    const past = ledger.revisions(page).map(({ revision, kind, state }) => {
      return `${revision} ${kind} ${state}`;
    });
    expect(past).toEqual(['4 insert pending', '3 outside done', '2 insert done', '1 outside done']);
    expect(ledger.revisions(page)[1]?.timeMs).toBe(20);
    expect(ledger.revisions(page, 2).map(({ revision }) => revision)).toEqual([1]);
  });

  test('the number of a device may change, its file is the same', () => {
    using folder = new TestLedger();
    const ledger = folder.open();
    done(ledger, create('a.html', 1));
    const { identity } = version(1);
    const moved = { identity: { ...identity, device: 8n } };
    const next = { ...insert('a.html', 1, 2), kind: 'insert', displaced: moved } as const;
    expect(done(ledger, { ...next, prepared: version(2) })[0]?.displaces).toBe(1);
  });

  test('identities keep all their 64 bits', () => {
    using folder = new TestLedger();
    const most = 2n ** 64n - 1n;
    const identity = { device: most, inode: most - 1n, size: 2n ** 53n + 1n, modifiedNs: -1n };
    const entry = { ...create('a.html', 1), kind: 'create', prepared: { identity } } as const;
    const ledger = folder.open();
    ledger.commitGroup([entry]);
    ledger.close();
    expect(folder.open().unfinished[0]?.prepared).toEqual(identity);
  });

  test('a file that an edit displaced by chance gets a number of its own', () => {
    using folder = new TestLedger();
    const ledger = folder.open();
    done(ledger, create('a.html', 1));
    ledger.commitGroup([insert('a.html', 1, 2)]);
    expect(ledger.recordOutside(page, version(30))).toEqual({ page: 1, revision: 3 });
    ledger.finishGroup(['insert-2']);
    expect(ledger.revisionOf(page)).toMatchObject({ revision: 3, kind: 'outside' });
    expect(done(ledger, insert('a.html', 30, 31))[0]).toMatchObject({ revision: 4, displaces: 3 });
  });
});

describe('groups', () => {
  test('one that a crash leaves is unfinished, whole and in order', () => {
    using folder = new TestLedger();
    const ledger = folder.open();
    done(ledger, create('a.html', 1), create('b.html', 2));
    ledger.commitGroup([insert('b.html', 2, 3), remove('a.html', 1), insert('c.html', 8, 9)]);
    ledger.close();
    const { identity } = version(2);
    const after = folder.open();
    expect(pendingOf(after)).toEqual([
      {
        state: 'pending',
        operation: 'insert-3',
        key: key('b.html'),
        page: 2,
        revision: 2,
        kind: 'insert',
        prepared: version(3).identity,
        displaced: { revision: 1, identity },
      },
      {
        state: 'pending',
        operation: 'remove-1',
        key: page,
        page: 1,
        revision: 2,
        kind: 'remove',
        displaced: { revision: 1, identity: version(1).identity },
      },
      {
        state: 'pending',
        operation: 'insert-9',
        key: key('c.html'),
        page: 3,
        revision: 2,
        kind: 'insert',
        prepared: version(9).identity,
        displaced: { revision: 1, identity: version(8).identity },
      },
    ]);
    expect(() => after.commitGroup([create('d.html', 4)])).toThrow(AssertionFailed);
    // What was asked before the decision does not outlive it.
    expect(after.revisionOf(page)?.kind).toBe('remove');
    const some = [{ operation: 'insert-3', happened: true }];
    expect(() => after.settle(some)).toThrow(AssertionFailed);
    settlePending(after, [
      ...some,
      { operation: 'remove-1', happened: false },
      { operation: 'insert-9', happened: true },
    ]);
    expect(after.unfinished).toEqual([]);
    expect(after.revisionOf(page)?.version).toEqual(version(1));
    expect(after.revisionOf(key('b.html'))?.revision).toBe(2);
    expect(done(after, remove('a.html', 1))[0]).toMatchObject({ revision: 3, displaces: 1 });
    after.close();
    const [third, second] = folder.open().revisions(page);
    expect([third?.state, second?.state]).toEqual(['done', 'undone']);
  });

  test('the next group finishes the one before', () => {
    using folder = new TestLedger();
    const ledger = folder.open();
    done(ledger, create('a.html', 1));
    ledger.commitGroup([create('b.html', 2)]);
    ledger.close();
    expect(pendingOf(folder.open()).map(({ operation }) => operation)).toEqual(['create-2']);
  });

  test('what did not happen is written down when finishGroup returns', () => {
    using folder = new TestLedger();
    const ledger = folder.open();
    done(ledger, create('a.html', 1));
    ledger.commitGroup([insert('a.html', 1, 2, [keyed('k')]), create('b.html', 3, [keyed('l')])]);
    ledger.finishGroup(['insert-2']);
    using reader = { ledger: openLedgerReader(folder.path), [Symbol.dispose]: () => {} };
    expect(reader.ledger.revisions(page).map(({ state }) => state)).toEqual(['undone', 'done']);
    expect(reader.ledger.revisions(key('b.html'))[0]?.state).toBe('done');
    reader.ledger.close();
    expect(ledger.findKey('k')).toBeUndefined();
    expect(ledger.findKey('l')?.revision).toBe(1);
    expect(ledger.revisionOf(page)).toMatchObject({ revision: 1, version: version(1) });
    // The number is used up, and the key is free again.
    const again = insert('a.html', 1, 4, [keyed('k')]);
    expect(done(ledger, again)[0]).toMatchObject({ revision: 3, displaces: 1 });
    expect(ledger.findKey('k')?.revision).toBe(3);
  });

  test('is unfinished also where rows of finished ones were taken away', () => {
    using folder = new TestLedger();
    const ledger = folder.open();
    done(ledger, create('a.html', 1), create('b.html', 2));
    ledger.close();
    const database = new Database(folder.path);
    database.run('DELETE FROM edits');
    database.close();
    const next = folder.open();
    next.commitGroup([create('c.html', 3)]);
    next.close();
    expect(folder.open().unfinished.map(({ operation }) => operation)).toEqual(['create-3']);
  });

  test('an undone create leaves no revision', () => {
    using folder = new TestLedger();
    const ledger = folder.open();
    ledger.commitGroup([create('a.html', 1)]);
    ledger.finishGroup(['create-1']);
    expect(ledger.revisionOf(page)).toBeUndefined();
    ledger.close();
    const after = folder.open();
    expect(after.revisionOf(page)).toBeUndefined();
    expect(done(after, create('a.html', 2))[0]?.revision).toBe(2);
  });

  const misuses = [
    { name: 'no edit', entries: [] },
    { name: 'a page twice', entries: [create('a.html', 1), create('a.html', 2)] },
    { name: 'an operation twice', entries: [create('a.html', 1), create('b.html', 1)] },
    {
      name: 'a key twice',
      entries: [create('a.html', 1, [keyed('k')]), create('b.html', 2, [keyed('k')])],
    },
    { name: 'a key that was used', entries: [create('a.html', 1, [keyed('used')])] },
  ];
  for (const { name, entries } of misuses) {
    test(`is refused as a bug: ${name}`, () => {
      using folder = new TestLedger();
      const ledger = folder.open();
      done(ledger, create('z.html', 99, [keyed('used')]));
      expect(() => ledger.commitGroup(entries)).toThrow(AssertionFailed);
      // And leaves nothing behind.
      expect(done(ledger, create('a.html', 5))[0]).toMatchObject({ page: 2, revision: 1 });
    });
  }

  test('are opened, finished and asked about in turn', () => {
    using folder = new TestLedger();
    const ledger = folder.open();
    expect(() => ledger.finishGroup([])).toThrow(AssertionFailed);
    ledger.commitGroup([create('a.html', 1)]);
    expect(() => ledger.commitGroup([create('b.html', 2)])).toThrow(AssertionFailed);
    expect(() => ledger.findKey('k')).toThrow(AssertionFailed);
    expect(() => ledger.finishGroup(['unheard of'])).toThrow(AssertionFailed);
  });
});

describe('the file', () => {
  test('and what SQLite puts beside it are readable by the owner alone', () => {
    using folder = new TestLedger();
    done(folder.open(), create('a.html', 1));
    for (const suffix of ['', '-wal', '-shm']) {
      expect(statSync(folder.path + suffix).mode & 0o777).toBe(0o600);
    }
  });

  test('is read by another opener while it is written', () => {
    using folder = new TestLedger();
    const ledger = folder.open();
    const reader = openLedgerReader(folder.path);
    try {
      expect(reader.pages()).toEqual([]);
      for (let inode = 1; inode <= 50; inode += 1) {
        done(ledger, inode === 1 ? create('a.html', 1) : insert('a.html', inode - 1, inode));
        const [newest] = reader.revisions(page);
        expect(newest).toMatchObject({ revision: inode, state: 'pending' });
      }
      done(ledger, create('b.html', 100));
      expect(reader.pages()).toEqual([
        { page: 1, key: page },
        { page: 2, key: key('b.html') },
      ]);
      expect(reader.pages(page).map(({ page }) => page)).toEqual([2]);
    } finally {
      reader.close();
    }
    // The writer's locks are still there: it is not affected by the reader's end.
    done(ledger, insert('b.html', 100, 101));
  });
});
