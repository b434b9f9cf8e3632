/**
 * The definition of a linearizable history, as a search: is there an order of everything that was
 * asked, in which each thing happens at one moment between its beginning and its end, and every
 * page that was seen is the page of its moment? Slow, and as plain as can be.
 */

import type { Mark } from '../../../src/load/history/history.ts';
import type { PlainHistory, PlainPage } from './plain-history.ts';

interface Step {
  readonly from: number;
  readonly to: number;
  /** The mark that it puts on the page; absent: it only looks. */
  readonly mark?: Mark;
  /** What the page has to be for it. */
  readonly page?: PlainPage;
  /** A look that comes after the edit with this mark. */
  readonly after?: Mark;
  /** Whether it may also never happen. */
  readonly optional: boolean;
}

export function isLinearizable({ edits, reads, final }: PlainHistory): boolean {
  const steps: Step[] = reads.map(({ from, to, saw }) => ({
    from,
    to,
    page: saw,
    optional: false,
  }));
  for (const { mark, from, to, refused, saw, on } of edits) {
    if (refused) continue;
    const times = { from, to: to ?? Number.POSITIVE_INFINITY };
    steps.push({ ...times, mark, ...(on && { page: on }), optional: to === undefined });
    if (saw) steps.push({ ...times, page: saw, after: mark, optional: false });
  }
  return search(steps, [], final);
}

/** Whether the rest of the steps, in some order, leads from `page` to the final page. */
function search(rest: readonly Step[], page: readonly Mark[], final?: PlainPage): boolean {
  if (rest.every((step) => step.optional) && (final === undefined || same(page, final))) {
    return true;
  }
  for (const step of rest) {
    // What ended before this one began has to come first; what may never happen never ends.
    if (rest.some((other) => other.to < step.from)) continue;
    if (step.after !== undefined && !page.includes(step.after)) continue;
    if (step.page !== undefined && !same(page, step.page)) continue;
    const left = rest.filter((other) => other !== step);
    // A look changes nothing: when it can be done, to do it now is never worse than later.
    if (step.mark === undefined) return search(left, page, final);
    if (search(left, [...page, step.mark], final)) return true;
  }
  return false;
}

function same(page: readonly Mark[], seen: PlainPage): boolean {
  return (
    seen !== 'torn' && seen.length === page.length && seen.every((mark, at) => mark === page[at])
  );
}
