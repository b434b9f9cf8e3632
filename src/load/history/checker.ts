/**
 * Judges the history of a page: whether one order of its edits, each done at one moment between
 * its beginning and its answer, explains every answer, every page seen, and the final page.
 *
 * That is linearizability, and here it can be judged exactly in linear time, for the marks of the
 * final page tell the order. Each of four steps sets aside what it tells of, and the next goes on
 * with the rest, so that one lost edit is one fault, and not one for each page that had it:
 *
 * 1. who looked, and whether it was a whole page (`looks.ts`);
 * 2. whether each page is a beginning of the order (`order.ts`, `pages.ts`);
 * 3. whether all that was done is there (`losses.ts`);
 * 4. whether it fits the times (`times.ts`).
 *
 * Left out on purpose: whether an edit under a condition was refused rightly. A server may refuse
 * for reasons of its own.
 */

import { FaultLog } from './faults.ts';
import type { History } from './history.ts';
import { addBases, looksOf } from './looks.ts';
import { judgeLosses } from './losses.ts';
import { editsByMark, type Order, orderOf } from './order.ts';
import { PageJudge } from './pages.ts';
import { TimeJudge } from './times.ts';
import type { HistoryFigures, Verdict } from './verdict.ts';

/**
 * Throws {@link AssertionFailed} for what is no history: two edits with one mark, an answer before
 * its question, a page that follows a later one.
 */
export function judge(history: History): Verdict {
  const { final, pages } = history;
  const log = new FaultLog(history);
  const sent = editsByMark(history.edits);
  const looks = looksOf(history, log);
  if (final?.kind === 'torn') {
    log.add('torn', [], () => `The final page was not a whole page: ${final.why}.`);
  }
  const order = orderOf(history, sent, looks);
  addBases(looks, order.edits, log);
  const judged = new PageJudge(pages, sent, order, looks, log);
  const behind = judgeLosses(history, order, judged, log);
  const edits = [...order.edits, ...behind];
  new TimeJudge(edits, looks, judged.lengths, judged.blamed, log);
  const result = log.result();
  const figures = figuresOf(history, order, behind.length);
  return { ...result, confirmed: result.linearizable && figures.unconfirmed === 0, figures };
}

function figuresOf(history: History, order: Order, unconfirmed: number): HistoryFigures {
  const counts = { acknowledged: 0, unknown: 0 };
  for (const { answer } of history.edits) if (answer.kind !== 'refused') counts[answer.kind] += 1;
  const unknownDone = order.edits.filter((edit) => edit.answer.kind === 'unknown').length;
  const reads = history.reads.length;
  return { ...counts, unknownDone, reads, judgedBy: order.by, unconfirmed };
}
