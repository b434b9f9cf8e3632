/** Idempotency keys: found over restarts, forgotten by age and by number, freed by what fails. */

import { describe, expect, test } from 'bun:test';
import { keysForgottenAtOnce } from '../../../src/store/ledger/ledger.ts';
import { key } from '../support.ts';
import { create, done, insert, keyed, settlePending, TestLedger } from './support.ts';

test('a key says what was done under it, also after a restart', () => {
  using folder = new TestLedger();
  const ledger = folder.open();
  done(ledger, create('a.html', 1));
  const [first, second] = [keyed('first', 0), keyed('second', 2)];
  done(ledger, insert('a.html', 1, 2, [first, { ...second, result: 'created' }]));
  const found = {
    fingerprint: first.fingerprint,
    page: { page: 1, key: key('a.html') },
    revision: 2,
    place: 0,
    result: 'inserted',
    timeMs: folder.nowMs,
  } as const;
  expect(ledger.findKey('first')).toEqual(found);
  ledger.close();
  const after = folder.open();
  expect(after.findKey('first')).toEqual(found);
  const other = { fingerprint: second.fingerprint, place: 2, result: 'created' } as const;
  expect(after.findKey('second')).toEqual({ ...found, ...other });
  expect(after.findKey('third')).toBeUndefined();
  expect(after.findKey('FIRST')).toBeUndefined();
});

test('the keys of an edit that a restart finds undone are free', () => {
  using folder = new TestLedger();
  const ledger = folder.open();
  ledger.commitGroup([create('a.html', 1, [keyed('a')]), create('b.html', 2, [keyed('b')])]);
  ledger.close();
  const after = folder.open();
  settlePending(after, [
    { operation: 'create-1', happened: false },
    { operation: 'create-2', happened: true },
  ]);
  expect(after.findKey('a')).toBeUndefined();
  expect(after.findKey('b')?.revision).toBe(1);
  done(after, create('a.html', 3, [keyed('a')]));
  expect(after.findKey('a')?.revision).toBe(2);
});

describe('a window of 1,000 ms', () => {
  test('ends after it', () => {
    using folder = new TestLedger();
    const ledger = folder.open();
    done(ledger, create('a.html', 1, [keyed('k')]));
    folder.nowMs += 1_000;
    expect(ledger.findKey('k')).toBeDefined();
    expect(ledger.forgetKeys()).toBe(0);
    folder.nowMs += 1;
    expect(ledger.findKey('k')).toBeUndefined();
    expect(ledger.forgetKeys()).toBe(1);
    folder.nowMs -= 1;
    expect(ledger.findKey('k')).toBeUndefined();
  });

  test('a key that is past it may be used again before it was forgotten', () => {
    using folder = new TestLedger();
    const ledger = folder.open();
    done(ledger, create('a.html', 1, [keyed('k')]));
    folder.nowMs += 1_001;
    done(ledger, insert('a.html', 1, 2, [keyed('k')]));
    expect(ledger.findKey('k')?.revision).toBe(2);
    expect(ledger.forgetKeys()).toBe(0);
  });
});

describe('at most 10 keys', () => {
  for (const { count, forgotten } of [
    { count: 10, forgotten: 0 },
    { count: 11, forgotten: 1 },
    { count: 25, forgotten: 15 },
  ]) {
    test(`of ${count} the oldest ${forgotten} are forgotten`, () => {
      using folder = new TestLedger();
      const before = folder.open();
      for (let at = 0; at < count; at += 1) {
        done(before, create(`${at}.html`, at + 1, [keyed(`key ${at}`)]));
      }
      before.close();
      const ledger = folder.open();
      expect(ledger.forgetKeys()).toBe(forgotten);
      expect(ledger.forgetKeys()).toBe(0);
      for (let at = 0; at < count; at += 1) {
        const isThere = ledger.findKey(`key ${at}`) !== undefined;
        expect([at, isThere]).toEqual([at, at >= forgotten]);
      }
    });
  }

  test('a key that took the place of one past the window counts once', () => {
    using folder = new TestLedger();
    const ledger = folder.open();
    done(ledger, create('a.html', 1, [keyed('k')]));
    for (let inode = 2; inode <= 9; inode += 1) {
      folder.nowMs += 1_001;
      done(ledger, insert('a.html', inode - 1, inode, [keyed('k')]));
    }
    for (let at = 1; at <= 9; at += 1)
      done(ledger, create(`b${at}.html`, 100 + at, [keyed(`${at}`)]));
    expect(ledger.forgetKeys()).toBe(0);
    expect(ledger.findKey('k')?.revision).toBe(9);
  });

  test('a call forgets only so many', () => {
    using folder = new TestLedger();
    const ledger = folder.open();
    const keys = Array.from({ length: keysForgottenAtOnce + 12 }, (_, at) => keyed(`${at}`, at));
    done(ledger, create('a.html', 1, keys));
    expect(ledger.forgetKeys()).toBe(keysForgottenAtOnce);
    expect(ledger.forgetKeys()).toBe(2);
    expect(ledger.forgetKeys()).toBe(0);
    expect(ledger.findKey(`${keysForgottenAtOnce + 1}`)).toBeUndefined();
    expect(ledger.findKey(`${keysForgottenAtOnce + 2}`)).toBeDefined();
  });
});

describe('history', () => {
  function edited(folder: TestLedger) {
    const ledger = folder.open();
    done(ledger, create('a.html', 1, [keyed('k')]));
    for (let inode = 2; inode <= 6; inode += 1) done(ledger, insert('a.html', inode - 1, inode));
    return ledger;
  }
  const kept = (ledger: ReturnType<typeof edited>) =>
    ledger.revisions(key('a.html')).map(({ revision }) => revision);

  test('is forgotten up to a revision, and keys outlive it', () => {
    using folder = new TestLedger();
    const ledger = edited(folder);
    expect(ledger.forgetRevisions([{ page: 1, revision: 4 }])).toBe(4);
    expect(kept(ledger)).toEqual([6, 5]);
    expect(ledger.findKey('k')?.revision).toBe(1);
    expect(ledger.forgetRevisions([{ page: 2, revision: 4 }])).toBe(0);
    expect(done(ledger, insert('a.html', 6, 7))[0]).toMatchObject({ revision: 7, displaces: 6 });
  });

  test('the last revision that happened stays, and no number is given twice', () => {
    using folder = new TestLedger();
    const ledger = edited(folder);
    ledger.commitGroup([insert('a.html', 6, 7)]);
    ledger.finishGroup(['insert-7']);
    expect(ledger.forgetRevisions([{ page: 1, revision: 100 }])).toBe(5);
    expect(kept(ledger)).toEqual([7, 6]);
    ledger.close();
    const after = folder.open();
    expect(after.revisionOf(key('a.html'))?.revision).toBe(6);
    expect(done(after, insert('a.html', 6, 8))[0]).toMatchObject({ revision: 8, displaces: 6 });
  });

  test('what the last group displaced is there for a recovery', () => {
    using folder = new TestLedger();
    const ledger = edited(folder);
    ledger.forgetRevisions([{ page: 1, revision: 5 }]);
    ledger.close();
    expect(folder.open().unfinished).toEqual([]);
  });
});
