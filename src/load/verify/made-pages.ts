/**
 * The pages that a run has made, or may have made, until it has removed them: what an answer leaves
 * open is remembered too, so that nothing is left behind without being named.
 */

import { equalBytes } from '../../base/bytes.ts';
import type { ExchangeResult } from '../../client/exchange.ts';
import { countText } from '../report/figures.ts';
import { type Asker, answerText, outcomeOf, preconditionFailedStatus, takePage } from './asker.ts';
import type { Crew } from './crew.ts';
import { preferMinimal } from './edit-way.ts';

/** Connections that make and remove pages: more would only wait for the disk. */
export const makersMax = 16;
/** Pages that a sentence names: more only fill the screen. */
const targetsNamedMax = 6;

const missingStatuses = new Set([404, 410]);

export interface NewPage {
  readonly target: string;
  readonly content: Uint8Array;
  readonly contentType: string;
  readonly method: 'PUT' | 'POST';
}

export type Making =
  | { readonly kind: 'made' }
  /** Somebody else has made one of that name. */
  | { readonly kind: 'exists' }
  | { readonly kind: 'unmade'; readonly why: string; readonly result: ExchangeResult };

/** Whether there is no page, as the answer says. */
export function isMissing(result: ExchangeResult): boolean {
  return result.kind === 'completed' && missingStatuses.has(result.head.status);
}

/** `/test-1.html /test-2.html`; of many only the first few. */
export function targetsText(targets: readonly string[]): string {
  if (targets.length <= targetsNamedMax) return targets.join(' ');
  const more = targets.length - targetsNamedMax + 1;
  return `${targets.slice(0, targetsNamedMax - 1).join(' ')} and ${countText(more)} more`;
}

export class MadePages {
  /** What stands in those of which it is not certain that this run has made them. */
  readonly #made = new Map<string, Uint8Array | undefined>();

  constructor(readonly crew: Crew) {}

  /** Those that were not removed, with 2 before 10. */
  get targets(): readonly string[] {
    return [...this.#made.keys()].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  }

  /** Makes a page where there was none a moment ago. */
  async make(asker: Asker, page: NewPage): Promise<Making> {
    const { target, method, content, contentType } = page;
    const { result } = await asker.ask({
      method,
      target,
      content,
      // Somebody else may make it in this moment.
      fields: [['If-None-Match', '*']],
      defaults: [['Content-Type', contentType], preferMinimal],
    });
    const status = result.kind === 'completed' ? result.head.status : undefined;
    if (status === preconditionFailedStatus) return { kind: 'exists' };
    const outcome = outcomeOf(result);
    const refused = outcome === 'refused' && status !== undefined && status >= 400;
    if (refused || outcome === 'unsent') return unmade(`${method} ${target}`, result);
    const certain = outcome === 'acknowledged';
    // A redirection is no refusal: many a handler stores the page and points to it.
    this.#made.set(target, certain ? undefined : content);
    if (!certain) return unmade(`${method} ${target}`, result);
    const after = (await asker.ask({ method: 'GET', target })).result;
    if (holds(after, content)) return { kind: 'made' };
    const why = `${target} does not hold what was sent, or an old page was read`;
    return { kind: 'unmade', why, result: after };
  }

  /** It is certain, whatever was answered, that this run has made it. */
  claim(target: string): void {
    this.#made.set(target, undefined);
  }

  /** Removes one of them; why it is left, if it is. */
  async removeOne(asker: Asker, target: string): Promise<string | undefined> {
    const content = this.#made.get(target);
    if (content !== undefined) {
      const { result } = await asker.ask({ method: 'GET', target });
      if (isMissing(result)) return this.#forget(target);
      // It may be somebody else's, made in the moment before.
      if (takePage(result) === undefined) return `GET ${target} ${answerText(result)}`;
      if (!holds(result, content)) return `${target} does not hold what was sent`;
    }
    const { result } = await asker.ask({ method: 'DELETE', target });
    if (outcomeOf(result) === 'acknowledged' || isMissing(result)) return this.#forget(target);
    const after = (await asker.ask({ method: 'GET', target })).result;
    return isMissing(after) ? this.#forget(target) : `DELETE ${target} ${answerText(result)}`;
  }

  /** Removes all of them; why some are left, if some are. */
  async remove(): Promise<string | undefined> {
    const { crew } = this;
    const waiting = this.targets.slice().reverse();
    let why: string | undefined;
    await crew.together(Math.min(waiting.length, makersMax), async (asker) => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const left = crew.dropped ? 'it was stopped' : await this.removeOne(asker, next);
        why ??= left;
      }
    });
    return why;
  }

  #forget(target: string): undefined {
    this.#made.delete(target);
  }
}

function unmade(what: string, result: ExchangeResult): Making {
  return { kind: 'unmade', why: `${what} ${answerText(result)}`, result };
}

function holds(result: ExchangeResult, content: Uint8Array): boolean {
  const page = takePage(result);
  return page !== undefined && equalBytes(page.content, content);
}
