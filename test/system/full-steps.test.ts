/**
 * A disk that is full at each step of an edit: with room for a block more each time, or for a file.
 * What does not fit is answered so and did not happen; with room again edits go on at once.
 */

import { describe, expect, test } from 'bun:test';
import { type DoomedEdit, doomed, faultsAfter, Lives } from '../store/deaths.ts';
import { brief, edit, type FileTestStore, replace } from '../store/support.ts';
import { named } from '../support/system.ts';
import { SmallDisk } from './small-disk.ts';

/** More than an edit of each kind takes together. */
const blocksMax = 40;
const filesMax = 12;

const groups: readonly (readonly [name: string, edits: readonly DoomedEdit[]])[] = [
  ...Object.entries(doomed).map(([name, only]) => [name, [only]] as const),
  ['all of them in one group', Object.values(doomed)],
];

/** Does the edits with ever more room, until they fit; returns what was wrong, and the answers. */
async function untilTheyFit(
  edits: readonly DoomedEdit[],
  portable: boolean,
  roomMax: number,
  fill: (disk: SmallDisk, left: number) => void,
) {
  await using disk = new SmallDisk();
  const wrong: unknown[] = [];
  const seen = new Set<string>();
  for (let left = 0; left < roomMax; left += 1) {
    const afterGroup = (store: FileTestStore): void => {
      expect(store.temporaries()).toEqual([]);
      disk.makeRoom();
      expect(brief(edit(store, 'again', replace('x')))).toBe('created');
    };
    const beforePrepared = (): void => fill(disk, left);
    using lives = new Lives({ edits, portable, beforePrepared, afterGroup }, disk.path);
    lives.edit(Number.POSITIVE_INFINITY);
    const answers = lives.answers.flat();
    for (const answer of answers) seen.add(answer);
    const faults = faultsAfter(lives);
    if (faults.length > 0) wrong.push([`room for ${left}`, answers, faults]);
    if (edits.every(({ done }, at) => lives.answers[at]?.every((one) => one === done))) break;
  }
  return { wrong, seen: [...seen].sort() };
}

const { lack } = SmallDisk;

describe.skipIf(lack !== undefined)(named('a disk that is full at each step', lack), () => {
  const rows = [false, true].flatMap((portable) =>
    groups.map(([name, edits]) => ({
      name: portable ? `${name}, portable` : name,
      edits,
      portable,
    })),
  );

  test.each(rows)(
    'no room for blocks: $name',
    async ({ edits, portable }) => {
      const fill = (disk: SmallDisk, left: number): void => disk.fill(left);
      const { wrong, seen } = await untilTheyFit(edits, portable, blocksMax, fill);
      expect(wrong).toEqual([]);
      expect(seen).toEqual([...new Set(['storage-full', ...edits.map(({ done }) => done)])].sort());
    },
    20_000,
  );

  test.each(rows)(
    'no room for files: $name',
    async ({ edits, portable }) => {
      const fill = (disk: SmallDisk, left: number): void => disk.fillNames(left);
      const { wrong, seen } = await untilTheyFit(edits, portable, filesMax, fill);
      expect(wrong).toEqual([]);
      expect(seen).toEqual([...new Set(['storage-full', ...edits.map(({ done }) => done)])].sort());
    },
    20_000,
  );
});
