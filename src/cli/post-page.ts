/** Sends a page's new content to the server that has its root, to be taken once or not at all. */

import { takeUtf8 } from '../base/bytes.ts';
import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { parseEndpoint } from '../client/endpoint.ts';
import { createClient } from '../client/http-client.ts';

/**
 * Under one key a request that may have been done is sent again, and never done twice. A server
 * that does not answer so often is not at work.
 */
const sendsMax = 3;

export const changedMeanwhile = 'it was edited meanwhile; try again';

export interface Posted {
  /** The request target. */
  readonly urlPath: string;
  readonly content: Uint8Array;
  /** The state that it replaces: in any other it is refused. */
  readonly replaces: { readonly opaque: string } | 'missing';
}

export type PostEnd =
  | { readonly kind: 'done' }
  /** Nothing was sent. */
  | { readonly kind: 'unreachable'; readonly sentence: string }
  | { readonly kind: 'failed'; readonly sentence: string };

/** @param url of the server, as it said itself */
export async function postPage(url: string, posted: Posted): Promise<PostEnd> {
  const endpoint = parseEndpoint(url);
  if (typeof endpoint === 'string') return { kind: 'failed', sentence: endpoint };
  const { urlPath, content, replaces } = posted;
  const condition =
    replaces === 'missing'
      ? (['If-None-Match', '*'] as const)
      : (['If-Match', `"${replaces.opaque}"`] as const);
  const fields = [
    ['Host', endpoint.authority],
    ['Content-Type', 'application/octet-stream'],
    condition,
    ['Idempotency-Key', `"${systemRandom.uuid()}"`],
    ['Prefer', 'return=minimal'],
  ] as const;
  const client = createClient(endpoint, { clock: systemClock });
  try {
    let sentence = '';
    for (let sends = 1; sends <= sendsMax; sends += 1) {
      const answer = await client.exchange({ method: 'POST', target: urlPath, fields, content });
      if (answer.kind === 'completed') return endOf(answer.head.status, answer.content, url);
      sentence = answer.message;
      if (!answer.sent && sends === 1) return { kind: 'unreachable', sentence };
    }
    const unknown = `whether the server at ${url} has done it is not known: ${sentence}`;
    return { kind: 'failed', sentence: unknown };
  } finally {
    client.close();
  }
}

function endOf(status: number, content: Uint8Array, url: string): PostEnd {
  if (status >= 200 && status < 300) return { kind: 'done' };
  if (status === 412) return { kind: 'failed', sentence: changedMeanwhile };
  const said = saidIn(content);
  const words = said === undefined ? '' : `: ${said}`;
  return { kind: 'failed', sentence: `the server at ${url} answered ${status}${words}` };
}

/** The sentence of an error page. */
function saidIn(content: Uint8Array): string | undefined {
  const sentence = /<p>([^<]*)<\/p>/.exec(takeUtf8(content) ?? '')?.[1];
  return sentence?.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
