/** The ledger's tables, and how a ledger of an earlier version becomes one of this version. */

import type { LedgerDatabase } from './database.ts';
import { LedgerUnusable } from './ledger.ts';

/** `Inkw` in ASCII: says in the file's header whose it is. */
export const applicationId = 0x49_6e_6b_77;

/**
 * Each brings a ledger of the version before (its place in the list) to the next. One that was
 * released is never changed again.
 *
 * `edits.id` counts up in the order of commits and is never given twice; every edit up to
 * `progress.finished` is finished, so that one small write finishes a whole group. Keys hold all
 * that a replay needs, for they may outlive the revision. Device and inode are stored as signed
 * integers of 64 bits, whatever their sign.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE pages (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE edits (
    id INTEGER PRIMARY KEY,
    commit_group INTEGER NOT NULL,
    operation TEXT CHECK ((operation IS NULL) = (kind = 'outside')),
    page INTEGER NOT NULL REFERENCES pages (id),
    revision INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('create', 'insert', 'replace', 'remove', 'outside')),
    time_ms INTEGER NOT NULL,
    tag TEXT,
    device INTEGER,
    inode INTEGER CHECK ((inode IS NULL) = (kind = 'remove')),
    size INTEGER,
    modified_ns INTEGER,
    displaces INTEGER CHECK ((displaces IS NULL) = (kind IN ('create', 'outside'))),
    undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1)),
    UNIQUE (page, revision)
  ) STRICT;

  CREATE TABLE keys (
    edit INTEGER NOT NULL,
    place INTEGER NOT NULL,
    key TEXT NOT NULL UNIQUE,
    fingerprint BLOB NOT NULL,
    page INTEGER NOT NULL REFERENCES pages (id),
    revision INTEGER NOT NULL,
    result TEXT NOT NULL CHECK (result IN ('inserted', 'created', 'replaced', 'removed')),
    time_ms INTEGER NOT NULL,
    PRIMARY KEY (edit, place)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE progress (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    finished INTEGER NOT NULL
  ) STRICT;
  INSERT INTO progress VALUES (1, 0);

  CREATE VIEW revisions AS
    SELECT edits.*, pages.key, CASE
      WHEN undone = 1 THEN 'undone'
      WHEN edits.id > finished AND kind <> 'outside' THEN 'pending'
      ELSE 'done'
    END AS state
    FROM progress, edits JOIN pages ON pages.id = edits.page;
  `,
];

/**
 * Brings an open ledger to the newest version, in one transaction. Throws `LedgerUnusable` when it
 * is newer than that or no ledger, and then has changed nothing.
 *
 * @param steps the migrations, of which a test may have its own
 */
export function migrate(database: LedgerDatabase, steps: readonly string[] = migrations): void {
  const version = versionOf(database, steps.length);
  if (version === steps.length) return;
  database.transaction(() => {
    for (const step of steps.slice(version)) database.execute(step);
    database.setting('application_id', applicationId);
    database.setting('user_version', steps.length);
  });
}

/** The version of an open ledger, at most `newest`; 0 is an empty file. Throws `LedgerUnusable`. */
export function versionOf(database: LedgerDatabase, newest: number = migrations.length): number {
  const version = Number(database.setting('user_version'));
  const owner = Number(database.setting('application_id'));
  const objects = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get();
  const isEmpty = version === 0 && owner === 0 && objects?.['count'] === 0n;
  if (!isEmpty && (owner !== applicationId || version < 1)) {
    throw new LedgerUnusable('foreign', 'the ledger is a database of another program');
  }
  if (version > newest) {
    const sentence = `the ledger has version ${version}, and this Inkwire knows ${newest}`;
    throw new LedgerUnusable('newer', `${sentence}: serve this folder with a newer one`);
  }
  return version;
}
