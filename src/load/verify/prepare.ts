/**
 * What comes before the load: reads the page, makes copies, and does the first edits one after the
 * other, to learn how the server edits pages, and that nothing is harmed by it.
 */

import type { Asker } from './asker.ts';
import type { BasePage } from './base-page.ts';
import { Copies } from './copies.ts';
import type { Crew } from './crew.ts';
import type { EditWay, RunContext } from './edit-way.ts';
import { learn } from './learn.ts';
import type { MadePages } from './made-pages.ts';
import { putBack } from './put-back.ts';
import { TestedPage } from './tested-page.ts';
import { tryOut } from './trial.ts';
import { type VerifyNote, type VerifyPlan, type VerifyProblem, verifyProblem } from './verify.ts';

export interface Prepared {
  readonly kind: 'prepared';
  readonly pages: readonly TestedPage[];
  readonly way: EditWay;
  readonly notes: readonly VerifyNote[];
}

/** The copies that `plan` wants of `base`; none are made yet. */
export function copiesOf(plan: VerifyPlan, base: BasePage, crew: Crew, made: MadePages): Copies {
  const { way, target } = plan;
  const method = way.kind === 'swap' ? way.method : 'POST';
  const { content, contentType } = base;
  return new Copies(crew, made, { target, content, contentType, method });
}

/** Does the first edits: to the page itself, or to the first of its copies that were made. */
export async function prepare(
  plan: VerifyPlan,
  base: BasePage,
  made: MadePages,
  context: RunContext,
  asker: Asker,
): Promise<Prepared | VerifyProblem> {
  if (plan.copies === undefined) return await prepareOwn(plan, base, made, context, asker);
  const [first = plan.target, ...others] = made.targets;
  const learned = await learn(plan.way, first, base, context, asker);
  if (learned.kind === 'problem') return learned;
  const { page, way, notes } = learned;
  const rest = others.map((target) => new TestedPage(target, page.layout, context.spelling));
  return { kind: 'prepared', pages: [page, ...rest], way, notes };
}

/** The page is somebody's: it is touched last, and looked after. */
async function prepareOwn(
  plan: VerifyPlan,
  base: BasePage,
  made: MadePages,
  context: RunContext,
  asker: Asker,
): Promise<Prepared | VerifyProblem> {
  const trial = await tryOut(plan, base, made, context, asker);
  // It may be why the trial went wrong.
  if (context.crew.cancelled) return verifyProblem('stopped before the first edit');
  if (trial.kind === 'problem') return trial;
  const learned = await learn(plan.way, plan.target, base, context, asker);
  if (learned.kind === 'learned') {
    const { page, way, notes } = learned;
    return { kind: 'prepared', pages: [page], way, notes };
  }
  if (trial.kind === 'sound') return learned;
  return await putBack(learned, plan, base, context, asker);
}
