/** Opening: what is made, brought up to date, or refused with a sentence and left as it was. */

import { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { LedgerDatabase } from '../../../src/store/ledger/database.ts';
import { LedgerFailed, LedgerUnusable } from '../../../src/store/ledger/ledger.ts';
import { openLedgerReader } from '../../../src/store/ledger/open-ledger.ts';
import { applicationId, migrate, migrations } from '../../../src/store/ledger/schema.ts';
import { key } from '../support.ts';
import { create, done, insert, TestLedger } from './support.ts';

/** Makes a database by hand. */
function handMade(path: string, ...statements: readonly string[]): void {
  using database = new Database(path, { create: true });
  for (const statement of statements) database.run(statement);
}

/** A value that the file holds, by a connection of the test's own. */
function asked(path: string, sql: string): unknown {
  using database = new Database(path, { readonly: true });
  return Object.values(Object(database.query(sql).get()))[0];
}

function refusalOf(open: () => unknown): LedgerUnusable {
  try {
    open();
  } catch (error) {
    if (error instanceof LedgerUnusable) return error;
    throw error;
  }
  throw new Error('it was opened');
}

const owned = `PRAGMA application_id = ${applicationId}`;

describe('is brought up to date', () => {
  const empties = [
    { name: 'a file of no bytes', make: (path: string) => writeFileSync(path, '') },
    { name: 'a database of version 0', make: (path: string) => handMade(path, 'VACUUM') },
    { name: 'nothing', make: () => {} },
  ];
  for (const { name, make } of empties) {
    test(name, () => {
      using folder = new TestLedger();
      make(folder.path);
      const ledger = folder.open();
      done(ledger, create('a.html', 1));
      ledger.close();
      expect(asked(folder.path, 'PRAGMA user_version')).toBe(migrations.length);
      expect(asked(folder.path, 'PRAGMA application_id')).toBe(applicationId);
      expect(asked(folder.path, 'PRAGMA journal_mode')).toBe('wal');
      expect(folder.open().revisionOf(key('a.html'))?.revision).toBe(1);
    });
  }

  const next = [...migrations, 'ALTER TABLE pages ADD COLUMN note TEXT; UPDATE pages SET note = 1'];

  test('from one version to the next, with what it holds', () => {
    using folder = new TestLedger();
    const ledger = folder.open();
    done(ledger, create('a.html', 1));
    ledger.close();
    const database = new LedgerDatabase(folder.path, 'write');
    migrate(database, next);
    migrate(database, next);
    database.close();
    expect(asked(folder.path, 'PRAGMA user_version')).toBe(migrations.length + 1);
    expect(asked(folder.path, 'SELECT note FROM pages')).toBe('1');
  });

  test('in one step, or not at all', () => {
    using folder = new TestLedger();
    folder.open().close();
    const database = new LedgerDatabase(folder.path, 'write');
    const failing = [...next, 'CREATE TABLE more (x); INSERT INTO no_such_table VALUES (1)'];
    expect(() => migrate(database, failing)).toThrow(LedgerFailed);
    database.close();
    expect(asked(folder.path, 'PRAGMA user_version')).toBe(migrations.length);
    const made = "SELECT count(*) FROM sqlite_schema WHERE name = 'more' OR sql LIKE '%note%'";
    expect(asked(folder.path, made)).toBe(0);
    expect(folder.open().pages()).toEqual([]);
  });
});

describe('is refused, and left as it was', () => {
  const table = 'CREATE TABLE mine (x)';
  const rows = [
    { name: 'a text', bytes: 'no database', code: 'foreign', says: 'is no database' },
    { name: 'a long text', bytes: 'x'.repeat(9_000), code: 'foreign', says: 'is no database' },
    { name: 'another program', sql: [table], code: 'foreign', says: 'of another program' },
    {
      name: 'another program with versions',
      sql: ['PRAGMA user_version = 1', table],
      code: 'foreign',
      says: 'of another program',
    },
    {
      name: 'no version in a ledger',
      sql: [owned, table],
      code: 'foreign',
      says: 'of another program',
    },
    {
      name: 'a newer version',
      sql: [owned, 'PRAGMA user_version = 99'],
      code: 'newer',
      says: 'version 99, and this Inkwire knows 1: serve this folder with a newer one',
    },
  ];
  for (const { name, bytes, sql, code, says } of rows) {
    test(name, () => {
      using folder = new TestLedger();
      if (bytes !== undefined) writeFileSync(folder.path, bytes);
      else handMade(folder.path, ...(sql ?? []));
      const before = readFileSync(folder.path);
      for (const open of [() => folder.open(), () => openLedgerReader(folder.path)]) {
        const refusal = refusalOf(open);
        expect(refusal.code).toBe(code as LedgerUnusable['code']);
        expect(refusal.message).toContain(says);
      }
      expect(readFileSync(folder.path).equals(before)).toBe(true);
    });
  }

  test('a damaged one', () => {
    using folder = new TestLedger();
    const ledger = folder.open();
    done(ledger, create('a.html', 1));
    ledger.close();
    // The header is whole, and what it says of the tables is not.
    const bytes = readFileSync(folder.path).fill(0xa5, 100, 4_096);
    writeFileSync(folder.path, bytes);
    expect(refusalOf(() => folder.open()).code).toBe('damaged');
    expect(readFileSync(folder.path).equals(bytes)).toBe(true);
  });

  test('one that was cut off', () => {
    using folder = new TestLedger();
    folder.open().close();
    truncateSync(folder.path, 2 * 4_096);
    const cut = readFileSync(folder.path);
    expect(refusalOf(() => folder.open()).code).toBe('damaged');
    expect(readFileSync(folder.path).equals(cut)).toBe(true);
  });

  test('a folder, and a path that leads nowhere', () => {
    using folder = new TestLedger();
    expect(refusalOf(() => openLedgerReader(folder.path)).code).toBe('storage');
    expect(existsSync(folder.path)).toBe(false);
    mkdirSync(folder.path);
    expect(refusalOf(() => folder.open()).code).toBe('storage');
    rmSync(folder.path, { recursive: true });
    rmSync(folder.folder, { recursive: true });
    expect(refusalOf(() => folder.open()).code).toBe('storage');
  });

  test('one that only a server may bring up to date', () => {
    using folder = new TestLedger();
    writeFileSync(folder.path, '');
    expect(refusalOf(() => openLedgerReader(folder.path)).code).toBe('older');
  });
});

test('damage deep in the file is a failure, and no answer', () => {
  using folder = new TestLedger();
  const ledger = folder.open();
  for (let at = 1; at <= 200; at += 1) done(ledger, create(`${at}.html`, at));
  ledger.close();
  const bytes = readFileSync(folder.path);
  writeFileSync(folder.path, bytes.fill(0xa5, 5 * 4_096));
  let failure: unknown;
  try {
    const damaged = folder.open();
    for (let at = 1; at <= 200; at += 1) {
      expect(damaged.revisionOf(key(`${at}.html`))?.version?.identity.inode).toBe(BigInt(at));
    }
  } catch (error) {
    failure = error;
  }
  expect(failure instanceof LedgerFailed || failure instanceof LedgerUnusable).toBe(true);
});

describe('a ledger whose files are taken away', () => {
  const removals = [
    { name: 'all', suffixes: ['', '-wal', '-shm'] },
    { name: 'the log', suffixes: ['-wal'] },
    { name: 'the database', suffixes: [''] },
  ];
  for (const { name, suffixes } of removals) {
    test(`${name}: the next commit fails, and all that follow`, () => {
      using folder = new TestLedger();
      const ledger = folder.open();
      done(ledger, create('a.html', 1));
      for (const suffix of suffixes) rmSync(folder.path + suffix);
      let failure: unknown;
      try {
        ledger.commitGroup([insert('a.html', 1, 2)]);
      } catch (error) {
        failure = error;
      }
      expect(failure).toBeInstanceOf(LedgerFailed);
      expect(Object(failure)['reason']).toBe('removed');
      expect(() => ledger.commitGroup([create('b.html', 3)])).toThrow(LedgerFailed);
      expect(() => ledger.findKey('k')).toThrow(LedgerFailed);
      ledger.close();
      ledger.close();
    });
  }
});
