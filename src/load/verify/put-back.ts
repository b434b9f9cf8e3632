/**
 * Looks what the first edits have made of the page where they did not go as they should, and puts
 * back what it held if that was taken away.
 */

import { equalBytes } from '../../base/bytes.ts';
import { countText } from '../report/figures.ts';
import { type Asker, answerText, takePage } from './asker.ts';
import { type BasePage, holdsStill } from './base-page.ts';
import type { RunContext } from './edit-way.ts';
import { isMissing } from './made-pages.ts';
import { type VerifyPlan, type VerifyProblem, verifyProblem } from './verify.ts';

/** The problem, with what became of the page. Only for a server that is not known to insert. */
export async function putBack(
  problem: VerifyProblem,
  { target, way: { method } }: VerifyPlan,
  base: BasePage,
  { crew, spelling }: RunContext,
  asker: Asker,
): Promise<VerifyProblem> {
  // Nothing was sent.
  if (problem.unconnected) return problem;
  // It is not to be dropped with the edit that did the harm.
  crew.beginCleaning();
  const bytes = `${countText(base.content.length)} bytes`;
  const told = (text: string) => verifyProblem(`${problem.message}; ${text}`);
  const { result } = await asker.ask({ method: 'GET', target });
  const page = takePage(result)?.content;
  if (page === undefined && !isMissing(result)) {
    return told(`whether ${target} still holds its ${bytes} is not known`);
  }
  if (page !== undefined) {
    if (equalBytes(page, base.content)) return problem;
    const isMarkAlone = page.length === spelling.width && spelling.take(page, 0) !== undefined;
    const kept = holdsStill(page, base.content) && !isMarkAlone;
    if (kept) return told(`${target} was changed, and still holds all that it held`);
  }
  const { content, contentType } = base;
  const defaults = [['Content-Type', contentType]] as const;
  const put = (await asker.ask({ method, target, content, defaults })).result;
  const after = takePage((await asker.ask({ method: 'GET', target })).result)?.content;
  if (after !== undefined && equalBytes(after, content)) {
    return told(`${target} was overwritten, and holds again what it held`);
  }
  const failed = `${method} of them ${answerText(put)}`;
  return told(`${target} was overwritten, and its ${bytes} could not be put back: ${failed}`);
}
