/** `kill -9`: what was acknowledged stands, and the next start finds everything whole. */

import { describe, expect, test } from 'bun:test';
import { runRounds } from '../../bench/torture/rounds.ts';
import { FolderSite } from '../../bench/torture/site.ts';
import { Seeded, seedOfRun } from '../store/seeded.ts';
import { afterAnswer, beforeCall, beforeEachCall } from './disasters.ts';
import { Fault } from './faulty-server.ts';

const openSite = (): FolderSite => new FolderSite();

/** Random moments of this run, and how to have the same ones again. */
function chosen(): Seeded {
  const seed = seedOfRun();
  console.log(`INKWIRE_SEED=${seed}`);
  return new Seeded(seed);
}

describe('in a random moment, under 64 connections', () => {
  test('nothing that was acknowledged is lost, doubled, torn or moved', async () => {
    const rounds = await runRounds({ rounds: 5, choice: chosen(), openSite });
    expect(rounds.flatMap(({ faults }) => faults)).toEqual([]);
    // Each round had edits that were acknowledged, and edits that the kill caught.
    expect(rounds.filter((round) => round.acknowledged === 0 || round.unknown === 0)).toEqual([]);
  }, 60_000);

  test('a server that answers before it publishes is found out', async () => {
    using fault = new Fault('answers-first');
    const beforeLoad = (): void => fault.arm();
    const plan = { rounds: 1, choice: chosen(), openSite, beforeLoad, ...fault.server() };
    const [round] = await runRounds(plan);
    expect(round?.faults.join('\n')).toContain(': lost: ');
  }, 60_000);
});

describe.each(['insert', 'create', 'remove'] as const)('in a chosen moment: %s', (trial) => {
  test('before each call of the commit thread that may change something', async () => {
    const steps = await beforeEachCall({ openSite, trial });
    expect(steps.filter(({ faults }) => faults.length > 0)).toEqual([]);
    // At least the syncs and the change of the name were come before.
    expect(steps.length).toBeGreaterThan(2);
  }, 60_000);
});

test('a server that writes an edit down when it is public does it twice under one key', async () => {
  const trial = 'insert';
  // After the exchange of names.
  const { before, faults } = await beforeCall({ openSite, trial, fault: 'records-late' }, 2);
  expect(before).toBe('renameat');
  expect(faults.join('\n')).toContain(' is done again under its key');
}, 60_000);

describe('right after an answer', () => {
  test('the edit stands', async () => {
    expect(await afterAnswer({ openSite, trial: 'insert' })).toEqual([]);
  }, 60_000);

  test('a server that answers before it publishes has lost it', async () => {
    const faults = await afterAnswer({ openSite, trial: 'insert', fault: 'answers-first' });
    expect(faults.join('\n')).toContain(': lost: ');
  }, 60_000);

  test('a server without any sync has it: the kernel lives on', async () => {
    const durability = 'none';
    expect(await afterAnswer({ openSite, trial: 'insert', durability })).toEqual([]);
  }, 60_000);
});
