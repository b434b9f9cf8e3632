/**
 * Makes the versions whole that a page's last edits have displaced, from the journal: a power cut
 * may have taken them, or their content. What is left of older ones, which the history keeps no
 * more, is removed: they need not be whole, and nobody shall find them so.
 *
 * What lies at such a place, and is no part of that version's content, is a save: a program had the
 * file open when it was displaced, or has written within the very tick of the clock that the file
 * has its time from. It gets a number of its own.
 */

import { equalBytes } from '../base/bytes.ts';
import type { HistoryPlace } from './history-folder.ts';
import { sameFile } from './ledger/group-plan.ts';
import { journaledBytesMax, type PageIdentity } from './ledger/ledger.ts';
import { isLeftOf } from './page-versions.ts';
import type { RecoveryParts, Settling } from './settling.ts';

/**
 * Throws `FileError`, `LedgerFull` and `LedgerFailed`.
 *
 * @param chain the page's edits in order
 */
export function repairHistory(parts: RecoveryParts, chain: readonly Settling[]): void {
  const firstKept = chain.length - 1 - parts.historyRevisionsMax;
  for (const [at, one] of chain.entries()) {
    const isKept = at >= firstKept && one.edit.isPruned !== true;
    repairVersion(parts, one, isKept ? chain[at + 1] : undefined);
  }
}

/** @param next what has displaced it; absent where the history keeps no such version */
function repairVersion(parts: RecoveryParts, one: Settling, next: Settling | undefined): void {
  const { content, page, prepared, revision } = one.edit;
  if (content === undefined) return;
  const place = { page, revision };
  const found = look(parts, one, place, content);
  if (next === undefined) {
    // Of the last one, it is a torn page that was replaced by the whole one.
    if (found !== undefined) parts.history.remove(place);
    return;
  }
  const isDisplaced = next.happened && next.edit.displaced?.revision === revision;
  if (found === undefined && !isDisplaced) return;
  const file = found?.isWhole === true ? found.identity : write(parts, place, content);
  // It may be a new one, also of a start before.
  if (prepared !== undefined && !sameFile(file, prepared)) one.file = file;
}

/** What lies there of a version, once a save that lies there has gone to a place of its own. */
function look(
  { history, ledger }: RecoveryParts,
  { edit }: Settling,
  place: HistoryPlace,
  content: Uint8Array,
): { readonly identity: PageIdentity; readonly isWhole: boolean } | undefined {
  const identity = history.find(place)?.identity;
  if (identity === undefined) return undefined;
  const bytes = history.read(place, journaledBytesMax)?.bytes;
  if (bytes !== undefined && isLeftOf(content, bytes)) {
    return { identity, isWhole: equalBytes(bytes, content) };
  }
  const outside = ledger.recordOutside(edit.key, { identity });
  history.withFolder(place.page, (folder) => {
    history.take(folder, String(place.revision), outside);
  });
  return undefined;
}

function write(
  { history, temporary }: RecoveryParts,
  place: HistoryPlace,
  content: Uint8Array,
): PageIdentity {
  const written = temporary.write(content, undefined);
  history.take(temporary.descriptor, written.name, place);
  return written.status.identity;
}
