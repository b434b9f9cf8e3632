/**
 * All that many connections are answered, by a server that is killed meanwhile, has one order: of
 * inserts, replacements and removals under conditions, and reads, on several pages.
 */

import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runHistory } from '../../bench/linearizable/server-history.ts';
import { FolderSite } from '../../bench/torture/site.ts';
import { seedOfRun } from '../store/seeded.ts';
import { orderFaults } from './faults/order-faults.ts';

const script = join(import.meta.dir, 'faults/serve.ts');
const connections = 12;
const noOrder = 'no order';

/** The seed of this run, said, so that it can be had again. */
function chosen(): number {
  const seed = seedOfRun();
  console.log(`INKWIRE_SEED=${seed}`);
  return seed;
}

test('inserts, replacements, removals and reads have one order', async () => {
  const plan = { seed: chosen(), connections, kills: 0, answers: 1_500 };
  const { counts, faults } = await runHistory(plan);
  expect(faults).toEqual([]);
  // Each way to end was met, but for those that a server in good health has no reason for.
  expect(counts).toEqual({
    done: expect.any(Number),
    'not-found': expect.any(Number),
    'failed-condition': expect.any(Number),
    refused: 0,
    unknown: expect.any(Number),
    lapsed: 0,
  });
  expect(Object.values(counts).filter((count) => count === 0)).toHaveLength(2);
}, 60_000);

test('and so they have when the server is killed in random moments', async () => {
  const kills = 3;
  const { counts, faults } = await runHistory({ seed: chosen(), connections, kills, answers: 200 });
  expect(faults).toEqual([]);
  // Each kill caught some, and what it caught is not done any more.
  expect(counts.lapsed).toBeGreaterThan(kills);
}, 60_000);

describe('what breaks the order is found', () => {
  test.each(orderFaults)(
    'a server that %s',
    async (fault) => {
      const server = { script, environment: { INKWIRE_TEST_FAULT: fault } };
      const plan = { seed: chosen(), connections, kills: 0, answers: 600, server };
      const { faults } = await runHistory(plan);
      expect(faults.join('\n')).toContain(noOrder);
    },
    60_000,
  );

  test('a kill that takes an insert back', async () => {
    const openSite = (): ForgetfulSite => new ForgetfulSite();
    const plan = { seed: chosen(), connections, kills: 2, answers: 100, openSite };
    const { faults } = await runHistory(plan);
    expect(faults.join('\n')).toContain(noOrder);
  }, 60_000);
});

/** Between a kill and the next start, every page loses its newest insert. */
class ForgetfulSite extends FolderSite {
  override async restore(): Promise<void> {
    for (const name of readdirSync(this.root, { recursive: true, encoding: 'utf8' })) {
      if (name.startsWith('.') || !name.endsWith('.html')) continue;
      const path = join(this.root, name);
      writeFileSync(path, readFileSync(path, 'utf8').replace(/^ {4}<h2> \d+ <\/h2>\n/m, ''));
    }
  }
}
