/** The page of a run as it was before, and whether a page still holds all that it held. */

import { type Asker, answerText, takePage } from './asker.ts';
import { type VerifyProblem, verifyProblem } from './verify.ts';

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

/**
 * Whether `page` holds all bytes of `base` in their order, whatever stands between them: so it does
 * however often something was put in, by whomever.
 */
export function holdsStill(page: Uint8Array, base: Uint8Array): boolean {
  let held = 0;
  for (const byte of page) if (byte === base[held]) held += 1;
  return held === base.length;
}
