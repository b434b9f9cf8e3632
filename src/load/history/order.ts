/** The order that all pages of a history are held against: the final page's, if there is one. */

import { assert } from '../../base/assert.ts';
import type { Edit, History, Mark, PageNumber } from './history.ts';
import type { Look } from './looks.ts';

export type EditsByMark = ReadonlyMap<Mark, Edit>;

export interface Order {
  readonly by: 'final' | 'longest';
  /** The page that shows the order. */
  readonly page: PageNumber;
  /**
   * The edits that stand in it, first come first: each once, where it stands first, and none that
   * was refused or that nobody sent.
   */
  readonly edits: readonly Edit[];
  /** Where each of them stands, from 1 on. */
  readonly positions: ReadonlyMap<Mark, number>;
}

/** Throws {@link AssertionFailed} when two edits have the same mark. */
export function editsByMark(edits: readonly Edit[]): EditsByMark {
  const byMark = new Map<Mark, Edit>();
  for (const edit of edits) byMark.set(edit.mark, edit);
  assert(byMark.size === edits.length, 'two edits with the same mark');
  return byMark;
}

/** Without a final page the longest that somebody saw stands for it. */
export function orderOf(history: History, sent: EditsByMark, looks: readonly Look[]): Order {
  const { final, pages } = history;
  const whole = final?.kind === 'page';
  const page = whole ? final.page : longestOf(history, looks);
  const marks: Mark[] = [];
  for (let at = pages[page - 1]; at !== undefined; at = pages[at.after - 1]) marks.push(at.mark);
  const edits: Edit[] = [];
  const positions = new Map<Mark, number>();
  for (const mark of marks.reverse()) {
    const edit = sent.get(mark);
    if (edit === undefined || edit.answer.kind === 'refused' || positions.has(mark)) continue;
    positions.set(mark, edits.push(edit));
  }
  return { by: whole ? 'final' : 'longest', page, edits, positions };
}

/** How a sentence calls the page that shows the order. */
export function titleOf(order: Pick<Order, 'by'>): string {
  return order.by === 'final' ? 'the final page' : 'the longest page seen';
}

function longestOf(history: History, looks: readonly Look[]): PageNumber {
  const lengths = new Int32Array(history.pages.length + 1);
  for (const [index, { after }] of history.pages.entries()) {
    lengths[index + 1] = (lengths[after] ?? 0) + 1;
  }
  let longest: PageNumber = 0;
  for (const { page } of looks) {
    if ((lengths[page] ?? 0) > (lengths[longest] ?? 0)) longest = page;
  }
  return longest;
}
