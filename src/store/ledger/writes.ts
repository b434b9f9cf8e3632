/** The statements by which the ledger changes; each runs within a transaction of the caller's. */

import { assert } from '../../base/assert.ts';
import type { ResourceKey } from '../../model/resource-key.ts';
import type { LedgerDatabase, Query } from './database.ts';
import type { PlannedKey, PlannedRevision } from './group-plan.ts';
import { keysForgottenAtOnce, type PageIdentity } from './ledger.ts';
import { versionBindings } from './rows.ts';

/** What a transaction adds. */
export interface Additions {
  readonly newPages: Iterable<readonly [key: ResourceKey, page: number]>;
  readonly revisions: readonly PlannedRevision[];
  readonly keys: readonly PlannedKey[];
}

export class LedgerWrites {
  readonly #page: Query;
  readonly #edit: Query;
  readonly #key: Query;
  readonly #oldKey: Query;
  readonly #finished: Query;
  readonly #undone: Query;
  readonly #undoneKeys: Query;
  readonly #pastKeys: Query;
  readonly #revisions: Query;
  readonly #file: Query;

  constructor(database: LedgerDatabase) {
    this.#page = database.prepare('INSERT INTO pages (id, key) VALUES (?, ?)');
    this.#edit = database.prepare(
      `INSERT INTO edits (id, commit_group, operation, page, revision, kind, time_ms, tag, device,
       inode, size, modified_ns, displaces) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#key = database.prepare(
      `INSERT OR IGNORE INTO keys (edit, place, key, fingerprint, page, revision, result, time_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#oldKey = database.prepare('DELETE FROM keys WHERE key = ? AND time_ms < ?');
    this.#finished = database.prepare('UPDATE progress SET finished = ?');
    this.#undone = database.prepare('UPDATE edits SET undone = 1 WHERE id = ?');
    this.#undoneKeys = database.prepare('DELETE FROM keys WHERE edit = ?');
    this.#pastKeys = database.prepare(
      `DELETE FROM keys WHERE (edit, place) IN (
         SELECT edit, place FROM (
           SELECT edit, place, time_ms, row_number() OVER (ORDER BY edit, place) AS oldness
           FROM keys ORDER BY edit, place LIMIT ${keysForgottenAtOnce}
         ) WHERE time_ms < ? OR oldness <= ?
       )`,
    );
    this.#file = database.prepare(
      'UPDATE edits SET device = ?, inode = ?, size = ?, modified_ns = ? WHERE id = ?',
    );
    this.#revisions = database.prepare(
      `DELETE FROM edits WHERE page = ?1 AND revision <= ?2
       AND revision < (SELECT max(revision) FROM edits WHERE page = ?1 AND undone = 0)`,
    );
  }

  /**
   * Adds what was planned; returns how many keys there are more.
   *
   * @param keysFromMs a key that is older than that stands in the way of no new one
   */
  add(plan: Additions, group: number, keysFromMs: number): number {
    for (const [key, page] of plan.newPages) this.#page.run(page, key);
    for (const revision of plan.revisions) this.#addRevision(revision, group);
    let more = 0;
    for (const keyed of plan.keys) more += this.#addKey(keyed, keysFromMs);
    return more;
  }

  /** Pages get numbers behind this one. The key is the root's, which is no page. */
  beginPages(after: number): void {
    this.#page.run(after, '');
  }

  /** Every edit up to this one is finished. */
  finish(edit: number): void {
    this.#finished.run(edit);
  }

  /** The page that the edit made has another file by now. */
  refile(edit: number, file: PageIdentity): void {
    // All but the tag, which comes first.
    this.#file.run(...versionBindings({ identity: file }).slice(1), edit);
  }

  /** The edit did not happen, and nothing was done under its keys; returns how many there were. */
  undo(edit: number): number {
    this.#undone.run(edit);
    return this.#undoneKeys.run(edit);
  }

  /**
   * Forgets keys among the oldest; returns how many.
   *
   * @param fromMs those that are older than that
   * @param atLeast and so many, however young
   */
  forgetKeys(fromMs: number, atLeast: number): number {
    return this.#pastKeys.run(fromMs, atLeast);
  }

  /** Forgets revisions up to this one, less the last that happened; returns how many. */
  forgetRevisions(page: number, revision: number): number {
    return this.#revisions.run(page, revision);
  }

  #addRevision(revision: PlannedRevision, group: number): void {
    this.#edit.run(
      revision.id,
      group,
      revision.operation ?? null,
      revision.page,
      revision.revision,
      revision.kind,
      revision.timeMs,
      ...versionBindings(revision.version),
      revision.displaces ?? null,
    );
  }

  #addKey(keyed: PlannedKey, keysFromMs: number): number {
    const gone = this.#oldKey.run(keyed.key, keysFromMs);
    const { edit, place, key, fingerprint, page, revision, result, timeMs } = keyed;
    const added = this.#key.run(edit, place, key, fingerprint, page, revision, result, timeMs);
    assert(added === 1, 'an idempotency key was used before, and nobody asked');
    return added - gone;
  }
}
