/** Finds the edits that were done and are not in the order, and the edit that overwrote each. */

import type { FaultLog } from './faults.ts';
import type { Edit, History, Mark } from './history.ts';
import { doneByMs } from './looks.ts';
import { type Order, titleOf } from './order.ts';
import type { PageJudge } from './pages.ts';

/**
 * Tells the lost ones. With a final page those are all that were acknowledged, or seen by somebody,
 * and are not in it; an edit of unknown outcome that nobody saw never happened.
 *
 * Without a final page, an acknowledged edit that nobody saw is lost only when the longest page has
 * an edit that began after the acknowledgement. The others can still stand behind that page, and
 * are returned as they have to stand: first the one that replaced just that page, for no other
 * place is left to it, then as they were answered, for so each has its place when any order gives
 * it one. With a final page there are none.
 */
export function judgeLosses(
  history: History,
  order: Order,
  judge: PageJudge,
  log: FaultLog,
): readonly Edit[] {
  const behind: Edit[] = [];
  let begunMs = Number.NEGATIVE_INFINITY;
  for (const edit of order.edits) begunMs = Math.max(begunMs, edit.invokedMs);
  for (const edit of history.edits) {
    if (edit.answer.kind === 'refused' || order.positions.has(edit.mark)) continue;
    const seenMs = judge.seenByMs.get(edit.mark);
    if (seenMs === undefined && edit.answer.kind === 'unknown') continue;
    const mayFollow = order.by === 'longest' && seenMs === undefined && doneByMs(edit) >= begunMs;
    if (mayFollow) behind.push(edit);
    else log.add('lost', [edit.mark], () => sentence(edit, seenMs, history, order, judge, log));
  }
  const replaces = (edit: Edit) =>
    edit.builtOn?.kind === 'page' && edit.builtOn.page === order.page ? 0 : 1;
  return behind.sort((a, b) => replaces(a) - replaces(b) || doneByMs(a) - doneByMs(b));
}

function sentence(
  edit: Edit,
  seenMs: number | undefined,
  history: History,
  order: Order,
  judge: PageJudge,
  log: FaultLog,
): string {
  const { mark, answer } = edit;
  let known = `was acknowledged at ${answer.kind === 'acknowledged' ? log.at(answer.atMs) : ''}`;
  if (answer.kind !== 'acknowledged') {
    const when = seenMs === Number.POSITIVE_INFINITY ? '' : ` by ${log.at(seenMs ?? 0)}`;
    known = `was seen${when}, though its outcome is unknown,`;
  }
  const culprit = overwriterOf(edit, history, order, judge);
  const rest =
    culprit === undefined ? '' : ` Edit ${culprit} replaced a page that did not have it.`;
  return `Edit ${mark} ${known} and is not in ${titleOf(order)}.${rest}`;
}

/**
 * The first edit that may have taken `lost` away: it stands behind every edit that was seen
 * together with `lost`, was not over before `lost` began, and replaced a page without it.
 */
function overwriterOf(
  lost: Edit,
  history: History,
  order: Order,
  judge: PageJudge,
): Mark | undefined {
  const having = new Uint8Array(history.pages.length + 1);
  let together = 0;
  for (const [index, { after, mark }] of history.pages.entries()) {
    if (mark !== lost.mark && having[after] !== 1) continue;
    having[index + 1] = 1;
    together = Math.max(together, judge.lengths[index + 1] ?? 0);
  }
  for (const edit of order.edits.slice(together)) {
    if (edit.builtOn?.kind !== 'page' || having[edit.builtOn.page] === 1) continue;
    if (doneByMs(edit) >= lost.invokedMs) return edit.mark;
  }
  return undefined;
}
