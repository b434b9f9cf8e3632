/** The room that a journal's segments have, and when they are given more. */

import { describe, expect, test } from 'bun:test';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { headerBytes, recordBytes } from '../../../src/store/journal/format.ts';
import { openJournal } from '../../../src/store/journal/journal.ts';
import { JournalLife } from './journal-life.ts';

function sizes(path: string): number[] {
  return ['0', '1'].map((name) => statSync(join(path, name)).size);
}

describe('segments', () => {
  test('are 2 MiB each by themselves', () => {
    using life = new JournalLife();
    openJournal(`${life.path}-2`, { durability: 'sync' }, life.disk.fileSystem).close();
    expect(sizes(`${life.path}-2`)).toEqual([2 * 1024 * 1024, 2 * 1024 * 1024]);
  });

  test('grow in steps until they are full, and are cut off by the next start', () => {
    using life = new JournalLife({ segmentBytes: 5_000, reservedBytes: 1_000 });
    life.start();
    expect(sizes(life.path)).toEqual([1_000, 1_000]);
    const seen: number[] = [];
    while (!life.journal.isFull) {
      life.append(400);
      seen.push(Math.max(...sizes(life.path)));
    }
    expect(new Set(seen)).toEqual(new Set([1_000, 2_000, 3_000, 4_000, 5_000, 6_000]));
    life.sync();
    life.crash();
    expect(life.open()).toHaveLength(seen.length);
    life.restart();
    expect(sizes(life.path)).toEqual([1_000, 1_000]);
    for (let record = 1; record <= 3; record += 1) life.append(400);
    expect(Math.max(...sizes(life.path))).toBe(2_000);
  });

  test('are full with what they have where the disk has no room for more', () => {
    using life = new JournalLife({ segmentBytes: 5_000, reservedBytes: 1_000 });
    life.start();
    life.disk.fileBytesMax = 1_500;
    const threeRecords = headerBytes + 3 * recordBytes(400);
    life.append(400);
    expect(life.journal.isFull).toBe(false);
    life.append(400);
    life.append(400);
    expect([life.journal.isFull, Math.max(...sizes(life.path))]).toEqual([true, threeRecords]);
    life.sync();
    life.journal.beginSettling();
    life.disk.fileBytesMax = Number.POSITIVE_INFINITY;
    life.append(400);
    life.journal.endSettling();
    expect(life.journal.isFull).toBe(false);
    life.append(700);
    expect(sizes(life.path).toSorted()).toEqual([threeRecords, 2_000]);
  });
});
