/**
 * A program of its own that commits groups into a ledger, and says each one as soon as it was
 * committed: `bun commit-groups.ts PATH DURABILITY SEED COUNT`.
 *
 * A line is the group's operations, which count up from 1 over all groups. Of every fourth group
 * the last edit does not happen.
 */

import { writeSync } from 'node:fs';
import { systemClock } from '../../../src/base/clock.ts';
import { type LedgerEntry, LedgerFailed } from '../../../src/store/ledger/ledger.ts';
import { openLedger } from '../../../src/store/ledger/open-ledger.ts';
import { systemFileSystem } from '../../../src/store/system-file-system.ts';
import { Seeded } from '../seeded.ts';
import { create, insert, keyed } from './support.ts';

/** So few that most edits have one before them. */
const pageCount = 40;
const groupEditsMax = 20;
/** A runaway is stopped by this at the latest. */
const groupsMax = 100_000;

const [path = '', durability = '', seed = '', count = ''] = process.argv.slice(2);
const seeded = new Seeded(Number(seed));
const ledger = openLedger(
  path,
  { durability: durability === 'sync' ? 'sync' : 'none', keyWindowMs: 1e9, keysMax: 1e6 },
  { fileSystem: systemFileSystem, clock: systemClock },
);
/** The inode of each page's file. */
const inodes = new Map<number, number>();
let operations = 0;

for (let group = 1; group <= Math.min(Number(count), groupsMax); group += 1) {
  const entries: LedgerEntry[] = [];
  const inodeOf = new Map<number, number>();
  const first = seeded.below(pageCount);
  const size = 1 + seeded.below(groupEditsMax);
  for (let at = 0; at < size; at += 1) {
    operations += 1;
    const page = (first + at) % pageCount;
    const inode = inodes.get(page);
    const name = `${page}.html`;
    const keys = seeded.below(3) === 0 ? [keyed(`${operations}`)] : [];
    const entry =
      inode === undefined ? create(name, operations, keys) : insert(name, inode, operations, keys);
    entries.push({ ...entry, operation: `${operations}` });
    inodeOf.set(page, operations);
  }
  try {
    ledger.commitGroup(entries);
  } catch (error) {
    if (!(error instanceof LedgerFailed)) throw error;
    writeSync(1, `failed: ${error.detail}\n`);
    break;
  }
  writeSync(1, `${entries.map(({ operation }) => operation).join(' ')}\n`);
  const last = [...inodeOf.keys()].at(-1);
  const undone = group % 4 === 0 && last !== undefined ? [`${operations}`] : [];
  if (undone.length > 0 && last !== undefined) inodeOf.delete(last);
  ledger.finishGroup(undone);
  for (const [page, inode] of inodeOf) inodes.set(page, inode);
}
// Not closed: the test looks at what a process leaves that ends like this.
process.kill(process.pid, 'SIGKILL');
