/**
 * Brings the database and the journal together when a ledger is opened: the journal was synced, and
 * the database may have lost its last transactions in a power cut.
 */

import type { ResourceKey } from '../../model/resource-key.ts';
import type { LedgerDatabase } from './database.ts';
import type { UnfinishedEdit } from './ledger.ts';
import type { LedgerCounts, LedgerLookups } from './lookups.ts';
import type { LedgerRecord } from './record.ts';
import { unfinishedIn } from './record-journal.ts';
import type { LedgerWrites } from './writes.ts';

const nothing = { newPages: [], revisions: [], keys: [] } as const;

/**
 * Adds what the database lacks, in one transaction. It has lost whole transactions from the end on,
 * so it lacks what has a higher number than the highest that it has.
 */
export function addLeftOver(
  database: LedgerDatabase,
  writes: LedgerWrites,
  records: readonly LedgerRecord[],
  { edit, page, finished }: LedgerCounts,
): void {
  if (records.length === 0) return;
  const newPages = new Map<ResourceKey, number>();
  let known = finished;
  for (const record of records) {
    known = Math.max(known, record.finished);
    for (const revision of record.revisions) {
      if (revision.page > page) newPages.set(revision.key, revision.page);
    }
  }
  database.transaction(() => {
    writes.add({ ...nothing, newPages }, 0, 0);
    for (const { group, revisions, keys } of records) {
      const added = {
        newPages: [],
        revisions: revisions.filter(({ id }) => id > edit),
        keys: keys.filter((key) => key.edit > edit),
      };
      // A key that was used before was out of its window, or its edit did not happen.
      writes.add(added, group, Number.MAX_SAFE_INTEGER);
    }
    for (const { undone } of records) for (const id of undone) writes.undo(id);
    if (known > finished) writes.finish(known);
  });
}

/**
 * What the journal knows of, and what never came so far; after {@link addLeftOver}.
 *
 * @param finished edits up to this one are finished, as the database says by now
 */
export function leftUnfinished(
  lookups: LedgerLookups,
  records: readonly LedgerRecord[],
  finished: number,
): UnfinishedEdit[] {
  const journaled = unfinishedIn(records, finished);
  const rows = lookups.rowsOf(journaled);
  const left = journaled.flatMap((edit): UnfinishedEdit[] => {
    const row = rows.get(edit.operation);
    if (row === undefined) return [{ ...edit, isPruned: true }];
    // That it did not happen was found out by a start that ended in the middle of its work.
    return row.undone ? [] : [edit];
  });
  const known = new Set(journaled.map(({ operation }) => operation));
  const begun = lookups.unfinished(finished);
  return [...left, ...begun.filter(({ operation }) => !known.has(operation))];
}
