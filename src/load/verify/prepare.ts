/**
 * What comes before the load: reads the page, makes copies, and does the first edits one after the
 * other, to learn how the server edits pages, and that nothing is harmed by it.
 */

import { emptyBytes, equalBytes } from '../../base/bytes.ts';
import type { Completed } from '../../client/exchange.ts';
import type { Mark } from '../history/history.ts';
import {
  type Asked,
  type Asker,
  answerText,
  outcomeOf,
  preconditionFailedStatus,
  takePage,
} from './asker.ts';
import { Copies, suffixedTarget } from './copies.ts';
import type { Crew } from './crew.ts';
import { askUntilSent, type EditWay, keepEdit, type RunContext } from './edit-way.ts';
import { InsertWay, insertOf } from './insert-way.ts';
import type { MadePages } from './made-pages.ts';
import { learnLayout, ownLayout, type PageLayout } from './page-layout.ts';
import { SwapWay, strongTag } from './swap-way.ts';
import { TestedPage } from './tested-page.ts';
import { type VerifyNote, type VerifyPlan, type VerifyProblem, verifyProblem } from './verify.ts';

export interface Prepared {
  readonly kind: 'prepared';
  readonly pages: readonly TestedPage[];
  readonly way: EditWay;
  readonly notes: readonly VerifyNote[];
}

/** The page as it was before the run. */
export interface BasePage {
  readonly kind: 'base';
  readonly content: Uint8Array;
  readonly contentType: string;
  readonly entityTag: string | undefined;
}

const contentTypeDefault = 'text/html; charset=utf-8';

export async function readBase(target: string, asker: Asker): Promise<BasePage | VerifyProblem> {
  const { result } = await asker.ask({ method: 'GET', target });
  const page = takePage(result);
  if (page !== undefined) {
    const { content, head } = page;
    const contentType = head.fields.only('content-type') ?? contentTypeDefault;
    return { kind: 'base', content, contentType, entityTag: head.fields.only('etag') };
  }
  if (result.kind === 'failed') return verifyProblem(`GET ${target} ${answerText(result)}`, result);
  if (result.head.status === 404) {
    const example = `POST ${target.slice(1)} @page.html`;
    return verifyProblem(`there is no page ${target}; make one first, as with: ${example}`);
  }
  const coded = result.head.status === 200;
  const text = coded ? 'was answered with a content coding' : answerText(result);
  return verifyProblem(`GET ${target} ${text}, so there is no page to edit`);
}

/** The copies that `plan` wants of `base`; none are made yet. */
export function copiesOf(plan: VerifyPlan, base: BasePage, crew: Crew, made: MadePages): Copies {
  const { way, target } = plan;
  const method = way.kind === 'swap' ? way.method : 'POST';
  const { content, contentType } = base;
  return new Copies(crew, made, { target, content, contentType, method });
}

/** Does the first edits to the first of `targets`, all of which hold `base`. */
export async function prepare(
  plan: VerifyPlan,
  base: BasePage,
  targets: readonly string[],
  context: RunContext,
  asker: Asker,
): Promise<Prepared | VerifyProblem> {
  const first = targets[0] ?? plan.target;
  const learned =
    plan.way.kind === 'swap'
      ? await learnSwap(plan.way.method, first, base, context, asker)
      : await learnInsert(plan.way.method, first, base, context, asker);
  if (learned.kind === 'problem') return learned;
  const { page, way, notes } = learned;
  const others = targets
    .slice(1)
    .map((target) => new TestedPage(target, page.layout, context.spelling));
  return { kind: 'prepared', pages: [page, ...others], way, notes };
}

/** The first page with its first edits, and what they showed. */
interface Learned {
  readonly kind: 'learned';
  readonly page: TestedPage;
  readonly way: EditWay;
  readonly notes: readonly VerifyNote[];
}

async function learnInsert(
  method: 'PUT' | 'PATCH',
  target: string,
  base: BasePage,
  context: RunContext,
  asker: Asker,
): Promise<Learned | VerifyProblem> {
  const replaces = method === 'PUT' ? await probeReplacing(target, context, asker) : undefined;
  if (replaces !== undefined) return replaces;
  const one = await insertOnce(method, target, context, asker);
  if (one.kind === 'problem') return one;
  const two = await insertOnce(method, target, context, asker);
  if (two.kind === 'problem') return two;
  const { spelling } = context;
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

/**
 * A page that is not there cannot be inserted into, but a server that replaces pages makes it: so
 * nobody's page is lost in finding out which of both it does.
 */
async function probeReplacing(
  target: string,
  { spelling }: RunContext,
  asker: Asker,
): Promise<VerifyProblem | undefined> {
  const probe = suffixedTarget(target, `-${spelling.token}`);
  const { result } = await asker.ask(insertOf('PUT', probe, spelling, spelling.next()));
  const outcome = outcomeOf(result);
  if (outcome === 'refused') return undefined;
  if (outcome !== 'acknowledged')
    return verifyProblem(`PUT ${probe} ${answerText(result)}`, result);
  const removed = (await asker.ask({ method: 'DELETE', target: probe })).result;
  const left = outcomeOf(removed) === 'acknowledged' ? '' : `; ${probe} is left from finding out`;
  return verifyProblem(`PUT makes and replaces pages here: use --swap, or --patch${left}`);
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

async function learnSwap(
  method: 'PUT' | 'POST',
  target: string,
  base: BasePage,
  context: RunContext,
  asker: Asker,
): Promise<Learned | VerifyProblem> {
  const { spelling, tally } = context;
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
  const advice = method === 'PUT' ? '; where PUT inserts, use --swap=POST' : '';
  if (end !== 'acknowledged') {
    const status = [...tally.byStatus.keys()].at(-1);
    const answer = status === undefined ? 'was not answered' : `was answered ${status}`;
    return verifyProblem(`${method} ${target} ${answer}, so nothing can be verified${advice}`);
  }
  tally.end(end);
  const after = await page.read(asker);
  tally.read(after !== undefined);
  if (after?.marks?.length === 1) return { kind: 'learned', page, way, notes };
  const why = after?.saw.kind === 'torn' ? `: ${after.saw.why}` : '';
  return verifyProblem(`${method} ${target} did not store what was sent${why}${advice}`);
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
