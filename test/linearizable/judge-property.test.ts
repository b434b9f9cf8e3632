/** The judge says of random histories what a search of all orders says. */

import { expect, test } from 'bun:test';
import { Seeded, seedOfRun } from '../store/seeded.ts';
import { hasOrder } from './every-order.ts';
import type { PlainHistory, PlainOperation } from './plain-operations.ts';
import { verdictOn } from './plain-operations.ts';
import { atomicHistory, spoiled } from './random-operations.ts';

/** What is needed to look into a failure. */
function shown(failure: object): string {
  return JSON.stringify(failure, undefined, 1);
}

const rounds = 5_000;
const firstSeed = seedOfRun();

test(`an atomic page is judged linearizable (seeds from ${firstSeed})`, () => {
  for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1) {
    const plain = atomicHistory(new Seeded(seed));
    const verdict = verdictOn(plain);
    if (verdict.kind !== 'linearizable') expect().fail(shown({ seed, plain, verdict }));
  }
});

/** A history that is an atomic one, spoiled a few times. */
function spoiledHistory(seed: number): PlainHistory {
  const random = new Seeded(seed);
  let plain = atomicHistory(random);
  for (let times = 1 + random.below(3); times > 0; times -= 1) plain = spoiled(plain, random);
  return plain;
}

test(`the verdict is that of a search of all orders (seeds from ${firstSeed})`, () => {
  let right = 0;
  for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1) {
    const plain = spoiledHistory(seed);
    const want = hasOrder(plain) ? 'linearizable' : 'impossible';
    const verdict = verdictOn(plain);
    if (verdict.kind !== want) expect().fail(shown({ seed, plain, want, verdict }));
    if (want === 'linearizable') right += 1;
  }
  // Both verdicts have to be met often, or the comparison says little.
  expect(right).toBeGreaterThan(rounds / 10);
  expect(right).toBeLessThan((rounds * 9) / 10);
}, 30_000);

/** It may have been done at any time, or not at all, and whatever the page was. */
function setAside({ do: kind, mark }: PlainOperation): PlainOperation {
  const from = Number.NEGATIVE_INFINITY;
  return { do: kind, ...(mark !== undefined && { mark }), from, came: 'unknown' };
}

test(`what is told of a conflict is impossible by itself (seeds from ${firstSeed})`, () => {
  const sizes = new Map<number, number>();
  for (let seed = firstSeed; seed < firstSeed + 1_000; seed += 1) {
    const plain = spoiledHistory(seed);
    const verdict = verdictOn(plain);
    if (verdict.kind !== 'impossible') continue;
    const kept = new Set(verdict.conflict.map(({ by }) => Number(by)));
    const operations = plain.operations.map((operation, index) =>
      kept.has(index) ? operation : setAside(operation),
    );
    const isSo = !hasOrder({ ...plain, operations });
    if (!isSo) expect().fail(shown({ seed, plain, verdict }));
    sizes.set(kept.size, (sizes.get(kept.size) ?? 0) + 1);
  }
  // Most are a contradiction between two or three, not the whole history over again.
  const few = [1, 2, 3].reduce((sum, size) => sum + (sizes.get(size) ?? 0), 0);
  const all = [...sizes.values()].reduce((sum, count) => sum + count, 0);
  expect(few / all).toBeGreaterThan(0.7);
}, 30_000);
