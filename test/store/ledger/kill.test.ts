/** A process is killed while it commits: what it had said is there, in order, in whole groups. */

import { Database } from 'bun:sqlite';
import { afterAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import type { UnfinishedEdit } from '../../../src/store/ledger/ledger.ts';
import { Seeded, seedOfRun } from '../seeded.ts';
import {
  contentOf,
  lastIsUndone,
  type SeededEdit,
  seededGroups,
  settlingGroups,
} from './seeded-groups.ts';
import { pendingOf, TestLedger } from './support.ts';

/** Enough that some kills fall into the midst of a group. */
const rounds = 12;

/**
 * The kill comes up to so much later, nanoseconds, some commits long. What the program says wakes
 * this process, which would else always kill it just then, between two groups.
 */
const delayNsMax = 400_000;

const seed = seedOfRun();
const program = join(import.meta.dir, 'commit-groups.ts');

afterAll(() => console.log(`ledger kills: seed ${seed}`));

/** Runs the program until it has said some groups; returns how many it had said at its end. */
async function saidUntilKilled(path: string, at: number): Promise<number> {
  const random = new Seeded(seed + at);
  const groups = 1 + random.below(200);
  const delayNs = random.below(delayNsMax);
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
      if (said.split('\n').length <= groups) continue;
      const due = Bun.nanoseconds() + delayNs;
      while (Bun.nanoseconds() < due);
      child.kill('SIGKILL');
    }
    await child.exited;
  } finally {
    child.kill('SIGKILL');
  }
  // A line that was cut off was not said.
  return said.split('\n').length - 1;
}

interface Found {
  readonly operation: number;
  readonly key: string | null;
  readonly undone: number;
}

/** The edits of each group, with their keys, as they lie in the file. */
function groupsIn(path: string): Found[][] {
  using database = new Database(path);
  const rows = database
    .query<Found & { commit_group: number }, []>(
      `SELECT commit_group, CAST(operation AS INTEGER) AS operation, undone, keys.key
       FROM edits LEFT JOIN keys ON keys.edit = edits.id WHERE kind <> 'outside' ORDER BY edits.id`,
    )
    .all();
  const groups = new Map<number, Found[]>();
  for (const { commit_group, ...found } of rows) {
    groups.set(commit_group, [...(groups.get(commit_group) ?? []), found]);
  }
  return [...groups.values()];
}

/** What must lie there of a group; `isUndone`: that its last edit did not happen is recorded. */
function wanted(edits: readonly SeededEdit[], isUndone: boolean): Found[] {
  return edits.map(({ operation, isKeyed }, at) => {
    const undone = isUndone && at === edits.length - 1;
    return { operation, key: isKeyed && !undone ? `${operation}` : null, undone: undone ? 1 : 0 };
  });
}

/** What the journal must have left of groups that are finished: all that was not settled. */
function expectFinished(
  left: readonly UnfinishedEdit[],
  finished: readonly (readonly SeededEdit[])[],
): void {
  const edits = finished.flatMap((group, at) => {
    return lastIsUndone(at + 1) ? group.slice(0, -1) : group;
  });
  const tail = edits.slice(edits.length - left.length);
  const wanted = tail.map((edit) => [`${edit.operation}`, contentOf(edit)] as const);
  expect(left.map(({ operation, content }) => [operation, content] as const)).toEqual(wanted);
  const settlings = Math.max(0, Math.floor(finished.length / settlingGroups - 1 / 2));
  const unsettled = finished.slice(settlings * settlingGroups).flat();
  const first = unsettled.find((edit) => edits.includes(edit));
  if (first !== undefined) expect(tail).toContain(first);
}

for (let at = 0; at < rounds; at += 1) {
  test(`round ${at}`, async () => {
    using folder = new TestLedger();
    const said = await saidUntilKilled(folder.path, at);
    const ledger = folder.openUnsettled();
    const { unfinished } = ledger;
    const pending = pendingOf(ledger);
    ledger.close();
    const found = groupsIn(folder.path);
    // All that were said; and at most one that was committed, and not said any more.
    expect(found.length - said).toBeGreaterThanOrEqual(0);
    expect(found.length - said).toBeLessThanOrEqual(1);
    const groups = seededGroups(seed + at);
    const all = found.map(() => groups.next().value);
    for (const [before, edits] of all.entries()) {
      const group = before + 1;
      const isLast = group === found.length;
      // The last group is unfinished, unless what did not happen of it was written down.
      const isFinished = !isLast || pending.length === 0;
      const isUndone = isFinished && lastIsUndone(group);
      expect(found[before]).toEqual(wanted(edits, isUndone));
      if (!isLast) continue;
      if (isFinished) expect(isUndone).toBe(true);
      else expect(pending.map(({ operation }) => Number(operation))).toEqual(operationsOf(edits));
      // What was said lies in the journal, as a whole.
      const states = new Set(pending.map(({ state }) => state));
      expect([[], ['pending'], ...(group > said ? [['begun']] : [])]).toContainEqual([...states]);
      const finished = isFinished ? all : all.slice(0, -1);
      expectFinished(unfinished.slice(0, unfinished.length - pending.length), finished);
    }
  }, 20_000);
}

function operationsOf(edits: readonly SeededEdit[]): number[] {
  return edits.map(({ operation }) => operation);
}
