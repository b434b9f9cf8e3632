/** The ledger's questions to its database, beside history: keys, counts, what is unfinished. */

import { assert } from '../../base/assert.ts';
import type { LedgerDatabase, Query, Row } from './database.ts';
import type { FoundKey, UnfinishedEdit } from './ledger.ts';
import { bytesIn, editKindIn, identityIn, numberIn, pageIn, resultIn, textIn } from './rows.ts';

/** What is asked once, when the ledger is opened. */
export interface LedgerCounts {
  /** The highest number of an edit, of a page and of a group that was given. */
  readonly edit: number;
  readonly page: number;
  readonly group: number;
  /** Every edit up to this one is finished. */
  readonly finished: number;
  readonly keys: number;
  /** It was decided with which number the pages begin. */
  readonly isNumbered: boolean;
}

const unfinishedEdits = "id > ? AND undone = 0 AND kind <> 'outside'";

export class LedgerLookups {
  readonly #database: LedgerDatabase;
  readonly #key: Query;

  constructor(database: LedgerDatabase) {
    this.#database = database;
    this.#key = database.prepare(
      `SELECT keys.edit, keys.place, keys.fingerprint, keys.page, keys.revision, keys.result,
       keys.time_ms, pages.key FROM keys JOIN pages ON pages.id = keys.page
       WHERE keys.key = ? AND keys.time_ms >= ?`,
    );
  }

  counts(): LedgerCounts {
    const row = this.#database
      .prepare(
        `SELECT finished, max(finished, coalesce((SELECT max(id) FROM edits), 0)) AS edit,
         coalesce((SELECT max(id) FROM pages), 0) AS page,
         coalesce((SELECT commit_group FROM edits ORDER BY id DESC LIMIT 1), 0) AS last_group,
         (SELECT count(*) FROM keys) AS keys,
         (SELECT count(*) FROM pages WHERE key = '') AS numbered FROM progress`,
      )
      .get();
    assert(row !== undefined, 'the ledger says how far it is finished');
    return {
      edit: numberIn(row, 'edit'),
      page: numberIn(row, 'page'),
      group: numberIn(row, 'last_group'),
      finished: numberIn(row, 'finished'),
      keys: numberIn(row, 'keys'),
      isNumbered: numberIn(row, 'numbered') === 1,
    };
  }

  /** What is not known to be finished, in order. */
  unfinished(finished: number): UnfinishedEdit[] {
    const displaced = this.#database.prepare(
      'SELECT device, inode, size, modified_ns FROM edits WHERE page = ? AND revision = ?',
    );
    return this.#database
      .prepare(
        `SELECT edits.*, pages.key FROM edits JOIN pages ON pages.id = edits.page
         WHERE ${unfinishedEdits.replace('id', 'edits.id')} ORDER BY edits.id`,
      )
      .all(finished)
      .map((row) => unfinishedIn(row, (page, revision) => displaced.get(page, revision)));
  }

  /** Number and end of these edits, by operation, as far as they are known. */
  rowsOf(
    edits: readonly UnfinishedEdit[],
  ): Map<string, { readonly id: number; readonly undone: boolean }> {
    const row = this.#database.prepare(
      'SELECT id, undone FROM edits WHERE page = ? AND revision = ?',
    );
    return new Map(
      edits.flatMap(({ operation, page, revision }) => {
        const found = row.get(page, revision);
        if (found === undefined) return [];
        const undone = numberIn(found, 'undone') === 1;
        return [[operation, { id: numberIn(found, 'id'), undone }] as const];
      }),
    );
  }

  /** What was done under a key since `fromMs`, and the number of the edit that did it. */
  findKey(
    key: string,
    fromMs: number,
  ): { readonly edit: number; readonly found: FoundKey } | undefined {
    const row = this.#key.get(key, fromMs);
    if (row === undefined) return undefined;
    const found = {
      fingerprint: bytesIn(row, 'fingerprint'),
      page: pageIn(row),
      revision: numberIn(row, 'revision'),
      place: numberIn(row, 'place'),
      result: resultIn(row),
      timeMs: numberIn(row, 'time_ms'),
    };
    return { edit: numberIn(row, 'edit'), found };
  }
}

function unfinishedIn(
  row: Row,
  find: (page: number, revision: number) => Row | undefined,
): UnfinishedEdit {
  const { page, key } = pageIn(row);
  const prepared = identityIn(row);
  const edit = {
    state: 'begun' as const,
    operation: textIn(row, 'operation'),
    key,
    page,
    revision: numberIn(row, 'revision'),
    kind: editKindIn(row),
    ...(prepared !== undefined && { prepared }),
  };
  if (row['displaces'] === null) return edit;
  const revision = numberIn(row, 'displaces');
  const displaced = find(page, revision);
  const identity = displaced === undefined ? undefined : identityIn(displaced);
  assert(identity !== undefined, `revision ${revision} of page ${page} has no file to displace`);
  return { ...edit, displaced: { revision, identity } };
}
