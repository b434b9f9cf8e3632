/**
 * Tries the edits out on a copy of the page, where one can be made: a server that does something
 * else than it is thought to do then harms nobody's page.
 */

import { equalBytes } from '../../base/bytes.ts';
import { type Asker, outcomeOf, takePage } from './asker.ts';
import type { BasePage } from './base-page.ts';
import { suffixedTarget } from './copies.ts';
import { EditTally } from './edit-tally.ts';
import type { RunContext } from './edit-way.ts';
import { learn } from './learn.ts';
import { isMissing, type MadePages } from './made-pages.ts';
import type { VerifyPlan, VerifyProblem } from './verify.ts';

export type Trial =
  /** The server edits as it is thought to. */
  | { readonly kind: 'sound' }
  /** There was nothing to try it out on, or the edit was refused there. */
  | { readonly kind: 'untried' }
  /** It does not. */
  | VerifyProblem;

/** How a page is made: by the first of these that makes one. */
const makingMethods = ['POST', 'PUT'] as const;

export async function tryOut(
  plan: VerifyPlan,
  base: BasePage,
  made: MadePages,
  context: RunContext,
  asker: Asker,
): Promise<Trial> {
  const target = suffixedTarget(plan.target, `-${context.spelling.token}`);
  const mayTry = plan.way.kind === 'insert' || (await canRemove(target, asker));
  if (!mayTry || !(await makeAt(target, base, made, asker))) return { kind: 'untried' };
  const trial = await tryAt(target, plan, base, context, asker);
  // What cannot be removed now is tried again at the end of the run, or named.
  await made.removeOne(asker, target);
  return trial;
}

/**
 * Whether a page could be removed again, as far as a name tells that nobody has. Who swaps takes
 * nothing away, so that a copy left behind at each run would be the greater harm.
 */
async function canRemove(target: string, asker: Asker): Promise<boolean> {
  const { result } = await asker.ask({ method: 'DELETE', target });
  return isMissing(result) || outcomeOf(result) === 'acknowledged';
}

async function makeAt(
  target: string,
  { content, contentType }: BasePage,
  made: MadePages,
  asker: Asker,
): Promise<boolean> {
  for (const method of makingMethods) {
    const making = await made.make(asker, { target, content, contentType, method });
    if (making.kind === 'made') return true;
    if (await holdsBase(target, content, asker)) {
      // Whatever was answered: nobody else has the name.
      made.claim(target);
      return true;
    }
    if (made.targets.includes(target)) await made.removeOne(asker, target);
  }
  return false;
}

async function tryAt(
  target: string,
  { way, connections }: VerifyPlan,
  base: BasePage,
  context: RunContext,
  asker: Asker,
): Promise<Trial> {
  const aside = { ...context, tally: new EditTally(connections) };
  const learned = await learn(way, target, base, aside, asker);
  if (learned.kind === 'learned') return { kind: 'sound' };
  const unharmed = await holdsBase(target, base.content, asker);
  return unharmed ? { kind: 'untried' } : learned;
}

async function holdsBase(target: string, base: Uint8Array, asker: Asker): Promise<boolean> {
  const page = takePage((await asker.ask({ method: 'GET', target })).result);
  return page !== undefined && equalBytes(page.content, base);
}
