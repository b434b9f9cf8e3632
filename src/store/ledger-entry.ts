/** What the ledger writes down of a prepared edit. */

import { assert } from '../base/assert.ts';
import type { PreparedFile } from '../model/messages.ts';
import type { EditDone, EditResult } from '../model/operation.ts';
import type { KeyedEdit, LedgerEntry, PageVersion } from './ledger/ledger.ts';
import type { Publishing } from './publication.ts';

/** Of an operation whose change is to be published, and so has an edit that was done. */
export function entryOf({ prepared, results }: Publishing): LedgerEntry {
  const { key, change } = prepared;
  const entry = { operation: change.temporary, key, keys: keyedEdits(prepared.keys, results) };
  switch (change.kind) {
    case 'remove':
      return { ...entry, kind: 'remove', displaced: { identity: change.read } };
    case 'create':
      return { ...entry, kind: 'create', ...preparedOf(change, results) };
    case 'replace': {
      const kind = results.findLast(isDone)?.kind === 'inserted' ? 'insert' : 'replace';
      const displaced = { identity: change.read };
      return { ...entry, kind, ...preparedOf(change, results), displaced };
    }
  }
}

type Done = Extract<EditResult, { kind: EditDone }>;

function isDone(result: EditResult): result is Done {
  return result.kind !== 'refused' && result.kind !== 'replayed';
}

function preparedOf(
  { file: identity, content }: PreparedFile,
  results: readonly EditResult[],
): { readonly prepared: PageVersion; readonly content?: Uint8Array } {
  const last = results.findLast(isDone);
  const tag = last === undefined || last.kind === 'removed' ? undefined : last.state.tag;
  const prepared = tag === undefined ? { identity } : { identity, tag };
  return content === undefined ? { prepared } : { prepared, content };
}

function keyedEdits(
  keys: Publishing['prepared']['keys'] = [],
  results: readonly EditResult[],
): KeyedEdit[] {
  return keys.flatMap(({ key, fingerprint, place }) => {
    const result = results[place];
    assert(result !== undefined, 'a key of an edit that the operation has not');
    if (!isDone(result)) return [];
    const digest = Buffer.from(fingerprint, 'base64url');
    return [{ key, fingerprint: digest, place, result: result.kind }];
  });
}
