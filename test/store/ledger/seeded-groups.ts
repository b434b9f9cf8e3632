/** Groups of edits that follow from a seed, so that a test knows what a killed program was at. */

import { Seeded } from '../seeded.ts';

/** So few that most edits have one before them. */
const pageCount = 40;
const groupEditsMax = 20;

export interface SeededEdit {
  /** Counts up from 1 over all groups. */
  readonly operation: number;
  readonly page: number;
  /** Whether it comes with an idempotency key, which is named like the operation. */
  readonly isKeyed: boolean;
}

/** The groups of a seed, one after the other, without end. */
export function* seededGroups(seed: number): Generator<readonly SeededEdit[], never> {
  const seeded = new Seeded(seed);
  for (let operation = 0; ; ) {
    const group: SeededEdit[] = [];
    const first = seeded.below(pageCount);
    const size = 1 + seeded.below(groupEditsMax);
    for (let at = 0; at < size; at += 1) {
      operation += 1;
      const page = (first + at) % pageCount;
      group.push({ operation, page, isKeyed: seeded.below(3) === 0 });
    }
    yield group;
  }
}

/** What an edit's page holds: most of it is the same for all, and some is cut off. */
export function contentOf({ operation }: SeededEdit): Uint8Array {
  const lines = Array.from({ length: 5 + (operation % 7) }, (_, at) => `<p>line ${at}</p>`);
  lines.splice(operation % 5, 1, `<p>by ${operation}</p>`);
  return new TextEncoder().encode(lines.join('\n'));
}

/** After so many groups a settling begins, and ends when half as many have come since. */
export const settlingGroups = 16;

/** Whether the last edit of the group of this number, counted from 1, does not happen. */
export function lastIsUndone(group: number): boolean {
  return group % 4 === 0;
}
