/**
 * The copies of a page that a run makes and edits. A page that is there already is never touched:
 * its name is passed over.
 */

import { type Asker, answerText } from './asker.ts';
import type { Crew } from './crew.ts';
import { isMissing, type MadePages, makersMax, type NewPage } from './made-pages.ts';
import { type VerifyProblem, verifyProblem } from './verify.ts';

/** Names in all that may be taken already, as by copies that earlier runs kept. */
const passedOverMax = 10_000;

/** `target` with `suffix` behind its last name, before the ending: `/a/test-1.html?b`. */
export function suffixedTarget(target: string, suffix: string): string {
  const [, folder = '/', name = '', query = ''] = /^([^?]*\/)([^/?]*)(.*)$/.exec(target) ?? [];
  const dot = name.lastIndexOf('.');
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  return `${folder}${stem === '' ? 'index' : stem}${suffix}${ending}${query}`;
}

export class Copies {
  #number = 0;

  /** @param original the page that is copied, and how a page is made here */
  constructor(
    readonly crew: Crew,
    readonly made: MadePages,
    readonly original: NewPage,
  ) {}

  /** Makes `count` copies; the first problem that it met, if it met one. */
  async make(count: number): Promise<VerifyProblem | undefined> {
    const { crew } = this;
    let problem: VerifyProblem | undefined;
    let begun = 0;
    await crew.together(Math.min(count, makersMax), async (asker) => {
      while (begun < count && problem === undefined && !crew.stopped) {
        begun += 1;
        // In one statement, what others met during the wait would be forgotten.
        const met = await this.#makeOne(asker, count + passedOverMax);
        problem ??= met;
      }
    });
    if (crew.stopped) return verifyProblem('stopped before the first edit');
    return problem;
  }

  async #makeOne(asker: Asker, numberMax: number): Promise<VerifyProblem | undefined> {
    const { original } = this;
    while (this.#number < numberMax) {
      this.#number += 1;
      const target = suffixedTarget(original.target, `-${this.#number}`);
      const before = (await asker.ask({ method: 'GET', target })).result;
      if (before.kind === 'completed' && before.head.status < 400) continue;
      if (!isMissing(before)) return verifyProblem(`GET ${target} ${answerText(before)}`, before);
      const making = await this.made.make(asker, { ...original, target });
      if (making.kind === 'made') return undefined;
      if (making.kind === 'exists') continue;
      const { why, result } = making;
      return verifyProblem(`${why}, so no copy of the page could be made`, result);
    }
    const last = suffixedTarget(original.target, `-${numberMax}`);
    return verifyProblem(`all names up to ${last} are taken`);
  }
}
