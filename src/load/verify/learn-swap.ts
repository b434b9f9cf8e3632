/**
 * Learns from the first edit of a page whether the server stores what it is sent, and whether it
 * looks at conditions.
 */

import { emptyBytes, equalBytes } from '../../base/bytes.ts';
import { type Asker, answerText, outcomeOf, preconditionFailedStatus, takePage } from './asker.ts';
import type { BasePage } from './base-page.ts';
import type { EditTally } from './edit-tally.ts';
import type { Learned, RunContext } from './edit-way.ts';
import { notThere, ownLayout } from './page-layout.ts';
import { SwapWay, strongTag } from './swap-way.ts';
import { TestedPage } from './tested-page.ts';
import { type VerifyNote, type VerifyProblem, verifyProblem } from './verify.ts';

export async function learnSwap(
  method: 'PUT' | 'POST',
  target: string,
  base: BasePage,
  context: RunContext,
  asker: Asker,
): Promise<Learned | VerifyProblem> {
  const { spelling, tally, crew } = context;
  const notes: VerifyNote[] = [];
  if (strongTag(base.entityTag) === undefined) {
    notes.push({ kind: 'no-entity-tag', weak: base.entityTag !== undefined });
  }
  const probed = await probeCondition(method, target, base, context, asker);
  if (probed?.kind === 'problem') return probed;
  if (probed !== undefined) notes.push(probed);
  const page = new TestedPage(target, ownLayout(base.content), spelling);
  const way = new SwapWay(context, method, base.contentType);
  const end = await way.edit(page, asker);
  if (end === undefined) return verifyProblem('stopped before the first edit');
  const advice = method === 'PUT' ? '; where PUT inserts, use --swap=POST' : '';
  if (end !== 'acknowledged') {
    const said = `${method} ${target} ${answerSaid(tally)}, so nothing can be verified`;
    return verifyProblem(tally.byStatus.size > 0 ? said + advice : said);
  }
  tally.end(end);
  const after = await page.read(asker);
  tally.read(after !== undefined);
  if (after?.marks?.length === 1) return { kind: 'learned', page, way, notes };
  if (after === undefined) {
    const answer = crew.cancelled ? 'was stopped' : 'gave no page';
    return verifyProblem(`GET ${target} ${answer} after the first edit`);
  }
  if (after.marks?.length === 0) return verifyProblem(`${method} ${target}: ${notThere('first')}`);
  const why = after.saw.kind === 'torn' ? `: ${after.saw.why}` : '';
  return verifyProblem(`${method} ${target} did not store what was sent${why}${advice}`);
}

/** What came back for the first edit, when it was not acknowledged. */
function answerSaid({ byStatus, byFailure }: EditTally): string {
  const status = [...byStatus.keys()].at(-1);
  if (status !== undefined) return `was answered ${status}`;
  return byFailure.has('cancelled') ? 'was stopped' : 'was not answered';
}

/** Sends the page as it is, under a condition that cannot hold: who does it ignores `If-Match`. */
async function probeCondition(
  method: string,
  target: string,
  base: BasePage,
  { spelling }: RunContext,
  asker: Asker,
): Promise<VerifyNote | VerifyProblem | undefined> {
  const { result } = await asker.ask({
    method,
    target,
    content: base.content,
    fields: [['If-Match', `"${spelling.token}"`]],
    defaults: [['Content-Type', base.contentType]],
  });
  if (result.kind === 'failed') {
    return verifyProblem(`${method} ${target} ${answerText(result)}`, result);
  }
  const { status } = result.head;
  if (status === preconditionFailedStatus) return undefined;
  if (outcomeOf(result) !== 'acknowledged') return { kind: 'if-match-unclear', status };
  const after = (await asker.ask({ method: 'GET', target })).result;
  const same = equalBytes(takePage(after)?.content ?? emptyBytes, base.content);
  if (same) return { kind: 'if-match-ignored' };
  const advice = 'where PUT inserts, use --swap=POST';
  return verifyProblem(`${method} ${target} changed the page, which was sent as it was; ${advice}`);
}
