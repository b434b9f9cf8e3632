/**
 * The definition of a linearizable history of a page, as a search of all orders: in which each
 * thing happens at one moment between its beginning and its end, and all that was answered is true
 * at that moment. Slow, and as plain as can be; it shares no code with the judge.
 */

import type { PlainHistory, PlainOperation, PlainPage } from './plain-operations.ts';

export function hasOrder({ first, operations }: PlainHistory): boolean {
  return search(
    operations.filter(({ came }) => came !== 'refused'),
    first,
  );
}

/** Whether the rest, in some order, can happen to `page`. */
function search(rest: readonly PlainOperation[], page: PlainPage): boolean {
  if (rest.every(({ came }) => came === 'unknown')) return true;
  for (const operation of rest) {
    const others = rest.filter((other) => other !== operation);
    const over = others.filter(({ to }) => to !== undefined && to < operation.from);
    // What was answered before this one began comes first; what had lapsed is not done any more.
    if (over.some(({ came }) => came !== 'unknown')) continue;
    const after = pageAfter(operation, page);
    if (after === undefined) continue;
    const left = others.filter((other) => !over.includes(other));
    if (search(left, after)) return true;
  }
  return false;
}

/** The page when it has happened; `undefined` when it cannot, on this one. */
function pageAfter(operation: PlainOperation, page: PlainPage): PlainPage | undefined {
  const { do: kind, came, on, saw, mark = 0 } = operation;
  const exists = page.length > 0;
  const isMet = on === undefined || same(on, page);
  if (came === 'not-found') return kind !== 'replace' && !exists ? page : undefined;
  if (came === 'failed-condition')
    return !isMet && (exists || kind === 'replace') ? page : undefined;
  if (!isMet || (kind === 'insert' && !exists) || (kind === 'remove' && !exists)) return undefined;
  const after = { read: page, insert: [...page, mark], replace: [mark], remove: [] }[kind];
  return came === 'unknown' || saw === undefined || same(saw, after) ? after : undefined;
}

function same(one: PlainPage, other: PlainPage): boolean {
  return one.length === other.length && one.every((mark, at) => mark === other[at]);
}
