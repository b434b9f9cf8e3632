/** Checkpoints beside the connection that writes. */

import { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkpoint } from '../../../src/store/ledger/checkpoint.ts';
import { openLedgerReader } from '../../../src/store/ledger/open-ledger.ts';
import { key } from '../support.ts';
import { create, done, TestLedger } from './support.ts';

/** More than SQLite itself would leave in the log. */
const logPagesMax = 100_000;

/** The pages that the database knows without its log. */
function withoutLog(test: TestLedger): string[] {
  const copy = join(test.folder, 'copy.db');
  copyFileSync(test.path, copy);
  const reader = openLedgerReader(copy);
  try {
    return reader.pages().map(({ key }) => key);
  } finally {
    reader.close();
  }
}

describe('a checkpoint', () => {
  test('brings what is in the log into the database, and the ledger goes on', () => {
    using folder = new TestLedger();
    const ledger = folder.open({ logPagesMax });
    checkpoint(folder.path);
    for (let number = 1; number <= 3; number += 1) done(ledger, create(`p${number}`, number));
    expect(withoutLog(folder)).toEqual([]);
    checkpoint(folder.path);
    expect(withoutLog(folder)).toEqual(['p1', 'p2', 'p3']);
    done(ledger, create('p4', 4));
    expect(ledger.pages().map(({ key }) => key)).toEqual(['p1', 'p2', 'p3', 'p4'].map(key));
    ledger.close();
    expect(withoutLog(folder)).toContain('p4');
    expect(existsSync(`${folder.path}-wal`)).toBe(false);
  });

  test('lets the log begin anew, so that it does not grow', () => {
    using folder = new TestLedger();
    const ledger = folder.open({ logPagesMax });
    const sizes = [1, 2, 3].map((round) => {
      for (let number = 1; number <= 100; number += 1) {
        done(ledger, create(`p${round}-${number}`, round * 1_000 + number));
      }
      checkpoint(folder.path);
      return statSync(`${folder.path}-wal`).size;
    });
    expect(Math.max(...sizes)).toBeLessThan(1.5 * Math.min(...sizes));
  });

  test('waits for nobody who reads, and keeps nobody from writing', () => {
    using folder = new TestLedger();
    const ledger = folder.open({ logPagesMax });
    done(ledger, create('p1', 1));
    using reader = new Database(folder.path, { readonly: true });
    reader.run('BEGIN');
    const known = (): unknown[] => reader.query("SELECT key FROM pages WHERE key <> ''").values();
    expect(known()).toEqual([['p1']]);
    done(ledger, create('p2', 2));
    checkpoint(folder.path);
    done(ledger, create('p3', 3));
    expect(known()).toEqual([['p1']]);
    reader.run('COMMIT');
    checkpoint(folder.path);
    expect(withoutLog(folder)).toEqual(['p1', 'p2', 'p3']);
    // As long as a statement waits for others.
  }, 4_000);

  test('is left to another thread until the log has so many pages', () => {
    const [small, large] = [50, logPagesMax].map((pagesMax) => {
      using folder = new TestLedger();
      const ledger = folder.open({ logPagesMax: pagesMax });
      for (let number = 1; number <= 400; number += 1) {
        done(ledger, create(`p${number}`, number));
      }
      return statSync(`${folder.path}-wal`).size;
    });
    expect(small).toBeLessThan((large ?? 0) / 4);
  });

  test('of what is no ledger any more changes nothing, and ends nobody', () => {
    using folder = new TestLedger();
    checkpoint(join(folder.folder, 'missing.db'));
    expect(existsSync(join(folder.folder, 'missing.db'))).toBe(false);
    const foreign = join(folder.folder, 'foreign.db');
    writeFileSync(foreign, 'a'.repeat(5_000));
    checkpoint(foreign);
    expect(readFileSync(foreign, 'latin1')).toBe('a'.repeat(5_000));
  });
});
