/**
 * Finds, among operations that have no order, a few that have none by themselves: so few that
 * without any one of them the others have one.
 *
 * Operations are added as they ended, until there is no order any more: the last one is of the
 * conflict. With it the same is done with those before it, until it needs no further one.
 */

import { assert } from '../../src/base/assert.ts';
import type { Operation } from './page-history.ts';

/**
 * In the order in which they began.
 *
 * @param hasOrder of some of `operations`, the others being set aside
 */
export function smallestConflict(
  operations: readonly Operation[],
  hasOrder: (some: readonly Operation[]) => boolean,
): Operation[] {
  const conflict: Operation[] = [];
  let rest = operations.toSorted((a, b) => knownMs(a) - knownMs(b));
  while (hasOrder(conflict)) {
    const needed = fewest(rest, (some) => !hasOrder([...conflict, ...some]));
    const last = rest[needed - 1];
    assert(last !== undefined, 'operations that have no order by themselves have one');
    conflict.push(last);
    rest = rest.slice(0, needed - 1);
  }
  return operations
    .filter((operation) => conflict.includes(operation))
    .sort((a, b) => a.invokedMs - b.invokedMs);
}

/** How many of the first operations it takes for `holds`, which holds for all of them. */
function fewest(
  operations: readonly Operation[],
  holds: (some: readonly Operation[]) => boolean,
): number {
  let [low, high] = [0, operations.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(operations.slice(0, middle))) high = middle;
    else low = middle + 1;
  }
  return high;
}

/** From when on the operation says something. */
function knownMs({ ending, invokedMs }: Operation): number {
  return ending.kind === 'unknown' ? invokedMs : ending.atMs;
}
