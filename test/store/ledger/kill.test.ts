/** A process is killed while it commits: what it had said is there, in order, in whole groups. */

import { Database } from 'bun:sqlite';
import { afterAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { assert } from '../../../src/base/assert.ts';
import { Seeded, seedOfRun } from '../seeded.ts';
import { create, done, TestLedger } from './support.ts';

const rounds = 6;
const seed = seedOfRun();
const program = join(import.meta.dir, 'commit-groups.ts');

afterAll(() => console.log(`ledger kills: seed ${seed}`));

/** Runs the program until it has said so many groups, and then a little; returns all it said. */
async function saidUntilKilled(path: string, groups: number, at: number): Promise<string[]> {
  const durability = at % 2 === 0 ? 'sync' : 'none';
  const child = Bun.spawn([process.execPath, program, path, durability, `${seed + at}`, '100000'], {
    stdout: 'pipe',
    stderr: 'inherit',
  });
  let said = '';
  const decoder = new TextDecoder();
  try {
    for await (const bytes of child.stdout) {
      said += decoder.decode(bytes, { stream: true });
      if (said.split('\n').length > groups) child.kill('SIGKILL');
    }
    await child.exited;
  } finally {
    child.kill('SIGKILL');
  }
  // A line that was cut off was not said.
  return said.split('\n').slice(0, -1);
}

/** The operations of each group, as they lie in the file. */
function groupsIn(path: string): string[] {
  using database = new Database(path);
  const rows = database
    .query<{ operations: string }, []>(
      `SELECT group_concat(operation, ' ' ORDER BY id) AS operations FROM edits
       WHERE kind <> 'outside' GROUP BY commit_group ORDER BY commit_group`,
    )
    .all();
  return rows.map(({ operations }) => operations);
}

for (let at = 0; at < rounds; at += 1) {
  test(`round ${at}`, async () => {
    using folder = new TestLedger();
    const random = new Seeded(seed + at);
    const said = await saidUntilKilled(folder.path, 1 + random.below(200), at);
    const ledger = folder.open({ keyWindowMs: 1e12 });
    const unfinished = ledger.unfinished.map(({ operation }) => operation).join(' ');
    // The last group that was committed is unfinished, but for the moment after an undone edit.
    ledger.settle(ledger.unfinished.map(({ operation }) => ({ operation, happened: true })));
    done(ledger, create('new.html', 1_000_000));
    ledger.close();
    const [last, ...before] = groupsIn(folder.path).reverse();
    expect(last).toBe('create-1000000');
    const found = before.reverse();
    expect(found.slice(0, said.length)).toEqual(said);
    // At most one that was committed and not said any more; it is whole, for it goes on counting.
    expect(found.length - said.length).toBeLessThanOrEqual(1);
    const operations = found.join(' ').split(' ').map(Number);
    expect(operations).toEqual(operations.map((_, index) => index + 1));
    const newest = found.at(-1);
    assert(newest !== undefined, 'a group was committed');
    expect(unfinished === '' || unfinished === newest).toBe(true);
    if (unfinished === '') expect(found.length % 4).toBe(0);
  }, 20_000);
}
