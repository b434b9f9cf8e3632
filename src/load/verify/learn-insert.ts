/**
 * Learns how the server inserts, from the first two edits of a page, made one after the other.
 */

import { emptyBytes, equalBytes } from '../../base/bytes.ts';
import type { Completed } from '../../client/exchange.ts';
import type { Mark } from '../history/history.ts';
import { type Asked, type Asker, answerText, outcomeOf, takePage } from './asker.ts';
import type { BasePage } from './base-page.ts';
import { askUntilSent, keepEdit, type Learned, type RunContext } from './edit-way.ts';
import { InsertWay, insertOf } from './insert-way.ts';
import { learnLayout, type PageLayout } from './page-layout.ts';
import { TestedPage } from './tested-page.ts';
import { type VerifyProblem, verifyProblem } from './verify.ts';

export async function learnInsert(
  method: 'PUT' | 'PATCH',
  target: string,
  base: BasePage,
  context: RunContext,
  asker: Asker,
): Promise<Learned | VerifyProblem> {
  const { spelling } = context;
  const one = await insertOnce(method, target, context, asker);
  if (one.kind === 'problem') return one;
  if (base.content.length > 0 && isMarkAlone(one, context)) return replaces(method);
  const two = await insertOnce(method, target, context, asker);
  if (two.kind === 'problem') return two;
  if (isMarkAlone(two, context)) return replaces(method);
  const layout = learnLayout(
    { base: base.content, one: one.page.content, two: two.page.content },
    { first: spelling.bytes(one.mark), second: spelling.bytes(two.mark) },
  );
  if (typeof layout === 'string') return verifyProblem(`${method} ${target}: ${layout}`);
  const answersWithPage = [one, two].every(({ page, edit: { result } }) => {
    return equalBytes(takePage(result)?.content ?? emptyBytes, page.content);
  });
  const page = keepFirst(target, layout, [one, two], context);
  const way = new InsertWay(context, method, answersWithPage);
  return { kind: 'learned', page, way, notes: [] };
}

function replaces(method: 'PUT' | 'PATCH'): VerifyProblem {
  const others = method === 'PUT' ? '--swap, or --patch' : '--swap';
  return verifyProblem(`${method} replaces pages here: use ${others}`);
}

/** One insert, and the page after it. */
interface FirstInsert {
  readonly kind: 'insert';
  readonly mark: Mark;
  readonly edit: Asked;
  readonly read: Asked;
  readonly page: Completed;
}

async function insertOnce(
  method: string,
  target: string,
  context: RunContext,
  asker: Asker,
): Promise<FirstInsert | VerifyProblem> {
  const { spelling } = context;
  const mark = spelling.next();
  const edit = await askUntilSent(context, asker, insertOf(method, target, spelling, mark));
  if (outcomeOf(edit.result) !== 'acknowledged') {
    const said = `${method} ${target} ${answerText(edit.result)}, so nothing can be verified`;
    return verifyProblem(said, edit.result);
  }
  const read = await asker.ask({ method: 'GET', target });
  const page = takePage(read.result);
  if (page !== undefined) return { kind: 'insert', mark, edit, read, page };
  return verifyProblem(
    `GET ${target} ${answerText(read.result)} after the first edit`,
    read.result,
  );
}

function keepFirst(
  target: string,
  layout: PageLayout,
  inserts: readonly FirstInsert[],
  { tally, spelling }: RunContext,
): TestedPage {
  const page = new TestedPage(target, layout, spelling);
  for (const { mark, edit, read, page: content } of inserts) {
    tally.answer(edit.result);
    tally.end(keepEdit(page, mark, edit, {}));
    tally.read(true);
    page.recorder.read(read.invokedMs, read.answeredMs, page.see(content.content).saw);
  }
  return page;
}

/** Whether the page is what was sent, and nothing else. */
function isMarkAlone({ page, mark }: FirstInsert, { spelling }: RunContext): boolean {
  return equalBytes(page.content, spelling.bytes(mark));
}
