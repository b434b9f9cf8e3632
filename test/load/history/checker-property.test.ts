/** The checker says of random histories what a search of all orders says. */

import { expect, test } from 'bun:test';
import { judge } from '../../../src/load/history/checker.ts';
import { Seeded, seedOfRun } from '../../store/seeded.ts';
import { isLinearizable } from './brute-force-checker.ts';
import { recorded } from './plain-history.ts';
import { atomicHistory, spoiled } from './random-history.ts';

/** What is needed to look into a failure. */
function shown(failure: object): string {
  return JSON.stringify(failure, undefined, 1);
}

const rounds = 6_000;
const firstSeed = seedOfRun();

test(`an atomic page is judged linearizable (seeds from ${firstSeed})`, () => {
  for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1) {
    const plain = atomicHistory(new Seeded(seed));
    const { linearizable, examples } = judge(recorded(plain));
    if (!linearizable) expect().fail(shown({ seed, plain, examples }));
  }
});

test(`the verdict is that of a search of all orders (seeds from ${firstSeed})`, () => {
  let right = 0;
  for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1) {
    const random = new Seeded(seed);
    let plain = atomicHistory(random);
    for (let times = 1 + random.below(3); times > 0; times -= 1) plain = spoiled(plain, random);
    const want = isLinearizable(plain);
    const { linearizable, examples } = judge(recorded(plain));
    if (linearizable !== want) expect().fail(shown({ seed, plain, examples, want }));
    if (want) right += 1;
  }
  // Both verdicts have to be met often, or the comparison says little.
  expect(right).toBeGreaterThan(rounds / 10);
  expect(right).toBeLessThan((rounds * 9) / 10);
});
