/** How soon a lost worker's place is filled again. */

import { describe, expect, test } from 'bun:test';
import { restartDelayFirstMs, restartDelayMaxMs } from '../../src/dispatch/limits.ts';
import { Slot } from '../../src/dispatch/slot.ts';

function delays(slot: Slot, losses: number): number[] {
  return Array.from({ length: losses }, () => {
    slot.lose(1_000);
    return slot.restartAtMs - 1_000;
  });
}

describe('Slot', () => {
  test('is filled at once, then ever more slowly, up to a bound', () => {
    const first = restartDelayFirstMs;
    const want = [0, first, first * 2, first * 4, first * 8, first * 16, first * 32];
    expect(delays(new Slot(1), 7)).toEqual(want);
    expect(delays(new Slot(1), 2_000).at(-1)).toBe(restartDelayMaxMs);
  });

  test('a worker that did its work makes up for those before it', () => {
    const slot = new Slot(1);
    delays(slot, 5);
    slot.proveSound();
    expect(delays(slot, 2)).toEqual([0, restartDelayFirstMs]);
  });
});
