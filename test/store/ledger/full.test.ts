/** No room: the group is not written down, fewer may be, and what is there stays. */

import { describe, expect, test } from 'bun:test';
import { type LedgerEntry, LedgerFull } from '../../../src/store/ledger/ledger.ts';
import type { SqliteLedger } from '../../../src/store/ledger/sqlite-ledger.ts';
import { key } from '../support.ts';
import { create, done, insert, keyed, TestLedger } from './support.ts';

/** Enough for the tables, and for some hundred edits. */
const pagesMax = 24;

/** Creates pages, from `first` on. */
function creations(first: number, count: number): LedgerEntry[] {
  return Array.from({ length: count }, (_, at) => {
    return create(`${first + at}.html`, first + at, [keyed(`${first + at}`)]);
  });
}

/** Whether the group was taken; it then happens as a whole. */
function takes(ledger: SqliteLedger, entries: readonly LedgerEntry[]): boolean {
  try {
    done(ledger, ...entries);
    return true;
  } catch (error) {
    if (error instanceof LedgerFull) return false;
    throw error;
  }
}

/** Fills the ledger with groups that get smaller, until not even one more edit fits. */
function fill(ledger: SqliteLedger): number {
  let inodes = 0;
  for (let size = 64; size >= 1; ) {
    if (takes(ledger, creations(inodes + 1, size))) inodes += size;
    else size = size === 1 ? 0 : Math.floor(size / 2);
  }
  return inodes;
}

describe('a ledger that may not grow', () => {
  test('takes fewer, then none, and has exactly what it took', () => {
    using folder = new TestLedger();
    const ledger = folder.open({ pagesMax });
    const count = fill(ledger);
    expect(count).toBeGreaterThan(64);
    expect(count % 64).toBeGreaterThan(0);
    expect(takes(ledger, creations(count + 1, 1))).toBe(false);
    ledger.close();
    const after = folder.open();
    expect(after.unfinished).toEqual([]);
    for (let at = 1; at <= count; at += 1) {
      const operation = after.revisions(key(`${at}.html`))[0]?.operation;
      expect([at, operation, after.findKey(`${at}`)?.revision]).toEqual([at, `create-${at}`, 1]);
    }
    expect(after.findKey(`${count + 1}`)).toBeUndefined();
    expect(after.pages().length).toBe(count);
    // And takes them again once it may grow.
    expect(done(after, ...creations(count + 1, 64))[0]?.page).toBe(count + 1);
  });

  test('nothing of a refused group is remembered', () => {
    using folder = new TestLedger();
    const ledger = folder.open({ pagesMax });
    const count = fill(ledger);
    const last = ledger.revisionOf(key('1.html'));
    const big = creations(count + 2, 64);
    expect(takes(ledger, [insert('1.html', 1, count + 1), ...big])).toBe(false);
    expect(ledger.revisionOf(key('1.html'))).toEqual(last);
    expect(ledger.revisionOf(key(`${count + 2}.html`))).toBeUndefined();
    expect(() => ledger.finishGroup([])).toThrow('no group to finish');
  });
});
