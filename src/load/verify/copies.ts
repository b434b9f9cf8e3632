/**
 * The copies of a page that a run makes, edits and removes. A page that is there already is never
 * touched: its name is passed over.
 */

import { emptyBytes, equalBytes } from '../../base/bytes.ts';
import { type Asker, answerText, outcomeOf, preconditionFailedStatus, takePage } from './asker.ts';
import { preferMinimal, type RunContext } from './edit-way.ts';
import { type VerifyProblem, verifyProblem } from './verify.ts';

/** Names in all that may be taken already, as by copies that earlier runs kept. */
const passedOverMax = 10_000;
/** Connections that make and remove copies: more would only wait for the disk. */
const askersMax = 16;

const missingStatuses = new Set([404, 410]);

/** The page that is copied, and how a page is made here. */
export interface Original {
  readonly target: string;
  readonly content: Uint8Array;
  readonly contentType: string;
  readonly method: 'PUT' | 'POST';
}

/** `target` with `suffix` behind its last name, before the ending: `/a/test-1.html?b`. */
export function suffixedTarget(target: string, suffix: string): string {
  const [, folder = '/', name = '', query = ''] = /^([^?]*\/)([^/?]*)(.*)$/.exec(target) ?? [];
  const dot = name.lastIndexOf('.');
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  return `${folder}${stem === '' ? 'index' : stem}${suffix}${ending}${query}`;
}

export class Copies {
  readonly #made = new Map<number, string>();
  #number = 0;

  constructor(
    readonly context: RunContext,
    readonly original: Original,
  ) {}

  /** Those that were made and not removed, by their numbers. */
  get targets(): readonly string[] {
    return [...this.#made].sort(([a], [b]) => a - b).map(([, target]) => target);
  }

  /** Makes `count` copies; the first problem that it met, if it met one. */
  async make(count: number): Promise<VerifyProblem | undefined> {
    const { crew } = this.context;
    let problem: VerifyProblem | undefined;
    let begun = 0;
    await crew.together(Math.min(count, askersMax), async (asker) => {
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

  /** Removes all of them; why some are left, if some are. */
  async remove(): Promise<string | undefined> {
    const { crew } = this.context;
    const waiting = [...this.#made].reverse();
    let why: string | undefined;
    await crew.together(Math.min(waiting.length, askersMax), async (asker) => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const [number, target] = next;
        const { result } = await asker.ask({ method: 'DELETE', target });
        if (outcomeOf(result) === 'acknowledged') this.#made.delete(number);
        else why ??= `DELETE ${target} ${answerText(result)}`;
      }
    });
    return why;
  }

  async #makeOne(asker: Asker, numberMax: number): Promise<VerifyProblem | undefined> {
    const { target: original, method, content, contentType } = this.original;
    while (this.#number < numberMax) {
      this.#number += 1;
      const number = this.#number;
      const target = suffixedTarget(original, `-${number}`);
      const before = (await asker.ask({ method: 'GET', target })).result;
      if (before.kind === 'completed' && before.head.status < 400) continue;
      if (before.kind === 'failed' || !missingStatuses.has(before.head.status)) {
        return verifyProblem(`GET ${target} ${answerText(before)}`, before);
      }
      const { result } = await asker.ask({
        method,
        target,
        content,
        // Somebody else may make it in this moment.
        fields: [['If-None-Match', '*']],
        defaults: [['Content-Type', contentType], preferMinimal],
      });
      const exists = result.kind === 'completed' && result.head.status === preconditionFailedStatus;
      if (exists) continue;
      if (outcomeOf(result) !== 'acknowledged') {
        const advice = 'so no copy of the page could be made';
        return verifyProblem(`${method} ${target} ${answerText(result)}, ${advice}`, result);
      }
      this.#made.set(number, target);
      const after = (await asker.ask({ method: 'GET', target })).result;
      if (equalBytes(takePage(after)?.content ?? emptyBytes, content)) return undefined;
      return verifyProblem(`the copy ${target} does not hold what was sent`, after);
    }
    return verifyProblem(`all names up to ${suffixedTarget(original, `-${numberMax}`)} are taken`);
  }
}
