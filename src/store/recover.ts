/**
 * Settles what the last run left. Of each edit that the ledger does not know to be finished it
 * finds out by the files what became of it; pages (`page-redo.ts`) and versions that they displaced
 * (`history-repair.ts`) are made again from the journal, where they did not come to the disk.
 * Before the first group, and before the temporary folder is emptied; in every durability mode.
 *
 * It may be cut off at each step and begun anew: until the journal is forgotten, last of all, every
 * step is found done, or is done again with the same end.
 */

import type { ResourceKey } from '../model/resource-key.ts';
import { hasErrno } from './errno.ts';
import { repairHistory } from './history-repair.ts';
import { PageRedo } from './page-redo.ts';
import { type RecoveryParts, Settling } from './settling.ts';
import { TouchedFiles } from './touched-files.ts';

/** Throws `FileError`, `LedgerFull` and `LedgerFailed`; then it can be begun anew. */
export function recover(parts: RecoveryParts): void {
  const { ledger } = parts;
  if (ledger.unfinished.length > 0) settle(parts);
  else ledger.forgetLeftOver();
}

function settle(parts: RecoveryParts): void {
  const { ledger } = parts;
  const all = ledger.unfinished.map((edit) => new Settling(parts, edit));
  for (const one of all) one.carryOut();
  for (const chain of chainsOf(all)) {
    new PageRedo(parts, chain).redo();
    repairHistory(parts, chain);
  }
  syncAll(parts, all);
  ledger.settle(all.map((one) => one.settled));
  ledger.forgetLeftOver();
}

/** The edits that can be done again, by their pages, in order. */
function chainsOf(all: readonly Settling[]): Settling[][] {
  const chains = new Map<ResourceKey, Settling[]>();
  for (const one of all) {
    if (one.edit.state === 'begun') continue;
    const chain = chains.get(one.edit.key) ?? [];
    chains.set(one.edit.key, chain);
    chain.push(one);
  }
  return [...chains.values()];
}

function syncAll(parts: RecoveryParts, all: readonly Settling[]): void {
  const { fileSystem, beneath, history, temporary } = parts;
  try {
    fileSystem.syncfs(temporary.descriptor);
    return;
  } catch (error) {
    if (!hasErrno(error, 'ENOSYS')) throw error;
  }
  const touched = new TouchedFiles(fileSystem, beneath, history);
  for (const { edit } of all) {
    const { key, page, displaced } = edit;
    touched.add(key, displaced && { page, revision: displaced.revision });
  }
  touched.sync();
}
