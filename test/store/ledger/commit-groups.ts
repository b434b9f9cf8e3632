/**
 * A program of its own that commits the groups of a seed into a ledger, and says each one as soon
 * as it was committed: `bun commit-groups.ts PATH DURABILITY SEED COUNT`. It ends by being killed.
 */

import { writeSync } from 'node:fs';
import { systemClock } from '../../../src/base/clock.ts';
import { type LedgerEntry, LedgerFailed } from '../../../src/store/ledger/ledger.ts';
import { openLedger } from '../../../src/store/ledger/open-ledger.ts';
import { systemFileSystem } from '../../../src/store/system-file-system.ts';
import {
  contentOf,
  lastIsUndone,
  type SeededEdit,
  seededGroups,
  settlingGroups,
} from './seeded-groups.ts';
import { create, insert, keyed } from './support.ts';

/** A runaway is stopped by this at the latest. */
const groupsMax = 100_000;

const [path = '', durability = '', seed = '', count = ''] = process.argv.slice(2);
const ledger = openLedger(
  path,
  { durability: durability === 'sync' ? 'sync' : 'none', keyWindowMs: 1e9, keysMax: 1e6 },
  { fileSystem: systemFileSystem, clock: systemClock },
);
ledger.forgetLeftOver();

/** The inode of each page's file. */
const inodes = new Map<number, number>();

function entryOf(edit: SeededEdit): LedgerEntry {
  const { operation, page, isKeyed } = edit;
  const keys = isKeyed ? [keyed(`${operation}`)] : [];
  const inode = inodes.get(page);
  const name = `${page}.html`;
  const entry =
    inode === undefined ? create(name, operation, keys) : insert(name, inode, operation, keys);
  const named = { ...entry, operation: `${operation}` };
  return named.kind === 'remove' ? named : { ...named, content: contentOf(edit) };
}

let group = 0;
for (const edits of seededGroups(Number(seed))) {
  group += 1;
  if (group > Math.min(Number(count), groupsMax)) break;
  try {
    ledger.commitGroup(edits.map(entryOf));
    ledger.sync();
  } catch (error) {
    if (!(error instanceof LedgerFailed)) throw error;
    writeSync(1, `failed: ${error.detail}\n`);
    break;
  }
  writeSync(1, `group ${group}\n`);
  const undone = lastIsUndone(group) ? edits.slice(-1) : [];
  ledger.finishGroup(undone.map(({ operation }) => `${operation}`));
  // Where no power is cut, all is where a sync would bring it.
  if (group % settlingGroups === 0) ledger.beginSettling();
  if (group % settlingGroups === settlingGroups / 2 && group > settlingGroups) {
    ledger.endSettling();
  }
  for (const edit of edits) {
    if (!undone.includes(edit)) inodes.set(edit.page, edit.operation);
  }
}
// Not closed: the test looks at what a process leaves that ends like this.
process.kill(process.pid, 'SIGKILL');
