/** Every crash point of a journal, in order and at random: nothing is missing, nothing invented. */

import { describe, expect, test } from 'bun:test';
import { Died } from '../faulty-file-system.ts';
import { Seeded, seedOfRun } from '../seeded.ts';
import { JournalLife } from './journal-life.ts';
import type { PickVersion } from './torn-disk.ts';

/** What becomes of sectors that were not synced; the header stands in the first one. */
const cuts: readonly { readonly name: string; readonly pick?: PickVersion }[] = [
  { name: 'the process alone' },
  { name: 'nothing is lost', pick: (_, versions) => versions - 1 },
  { name: 'all is lost', pick: () => 0 },
  { name: 'the headers are lost', pick: (sector, versions) => (sector === 0 ? 0 : versions - 1) },
  {
    name: 'all but headers is lost',
    pick: (sector, versions) => (sector === 0 ? versions - 1 : 0),
  },
  { name: 'every other sector is lost', pick: (sector, versions) => (sector % 2) * (versions - 1) },
];

/** Both segments are used twice and more, for records of all lengths. */
function live(life: JournalLife): void {
  life.start();
  for (let round = 0; round < 5; round += 1) {
    // The number of records of a segment differs from round to round.
    for (const length of [900, 4, 300, 5, 12, 700, 64, 1_000].slice(0, 3 + round)) {
      life.append(length + round);
      life.append(2 * length);
      life.sync();
      if (length === 5 && round % 2 === 0 && round > 0) life.end();
    }
    // Or late, so that no record knows of it.
    if (round % 2 === 1) life.end();
    life.begin();
  }
}

/** Whether the process came to the end of `run`. */
function survives(run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (!(error instanceof Died)) throw error;
    return false;
  }
}

describe('a crash before each call that changes something', () => {
  for (const { name, pick } of cuts) {
    test(name, () => {
      let isOver = false;
      let calls = 0;
      for (; !isOver; calls += 1) {
        using life = new JournalLife();
        life.disk.dieAfter(calls);
        isOver = survives(() => live(life));
        life.crash(pick);
        life.open();
        life.restart();
        life.append(20);
        life.sync();
        life.crash(() => 0);
        expect(life.open().length).toBe(1);
      }
      expect(calls).toBeGreaterThan(80);
    });
  }
});

describe('a crash before each call of the start after one', () => {
  for (const { name, pick } of cuts) {
    test(name, () => {
      let isOver = false;
      for (let calls = 0; !isOver; calls += 1) {
        using life = new JournalLife();
        live(life);
        life.crash(pick);
        life.disk.dieAfter(calls);
        isOver = survives(() => life.start());
        life.crash(pick);
        life.start();
        life.append(20);
        life.crash(pick);
        life.open();
      }
    });
  }
});

/** A life of many steps, with short writes, full disks, deaths and power cuts. */
function campaign(seed: number): void {
  const random = new Seeded(seed);
  using life = new JournalLife({
    segmentBytes: random.pick([512, 2_048, 8_192]),
    reservedBytes: random.pick([100, 1_024, 8_192]),
  });
  const { disk } = life;
  if (random.below(2) === 0) {
    disk.take = (bytes) => (random.below(4) > 0 ? bytes : 1 + random.below(bytes));
  }
  life.start();
  for (let step = 0; step < 300; step += 1) {
    const choice = random.below(100);
    if (random.below(60) === 0) disk.dieAfter(random.below(4));
    const isAlive = survives(() => {
      if (choice < 50) {
        life.append(4 + random.below(random.pick([8, 100, 1_500])));
      } else if (choice < 80) life.sync();
      else if (choice < 90) {
        if (life.isSettling) life.end();
        else {
          life.sync();
          life.begin();
        }
      } else if (choice < 94) disk.fileBytesMax = random.pick([700, 3_000, Number.MAX_VALUE]);
      else if (choice < 97) throw new Died('the process was killed');
    });
    if (isAlive) continue;
    disk.fileBytesMax = Number.MAX_VALUE;
    for (let isUp = false; !isUp; ) {
      const isPower = random.below(3) > 0;
      life.crash(isPower ? (_, versions) => random.below(versions) : undefined);
      if (random.below(3) === 0) disk.dieAfter(random.below(8));
      isUp = survives(() => life.start());
    }
  }
  life.crash();
  life.open();
}

test('random lives', () => {
  const seed = seedOfRun();
  console.log(`journal lives: INKWIRE_SEED=${seed}`);
  const lives = Number(process.env['INKWIRE_JOURNAL_LIVES'] ?? 60);
  for (let index = 0; index < lives; index += 1) {
    try {
      campaign(seed + index);
    } catch (error) {
      throw new Error(`the life of seed ${seed + index}`, { cause: error });
    }
  }
});
