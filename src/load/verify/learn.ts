/** Does the first edits of a page, and learns from them how the server edits pages. */

import type { Asker } from './asker.ts';
import type { BasePage } from './base-page.ts';
import type { Learned, RunContext } from './edit-way.ts';
import { learnInsert } from './learn-insert.ts';
import { learnSwap } from './learn-swap.ts';
import type { VerifyProblem, VerifyWay } from './verify.ts';

/** @param target a page that holds `base` */
export async function learn(
  way: VerifyWay,
  target: string,
  base: BasePage,
  context: RunContext,
  asker: Asker,
): Promise<Learned | VerifyProblem> {
  if (way.kind === 'swap') return await learnSwap(way.method, target, base, context, asker);
  return await learnInsert(way.method, target, base, context, asker);
}
