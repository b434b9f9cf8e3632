/** Durable inserts into Inkwire: over many pages and on one, at several numbers of connections. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MeasuredServer } from '../servers.ts';
import type { Contestant } from './contestant.ts';
import { type HttpLoad, sampleOf } from './http-load.ts';

export const pageCount = 64;
export const pages = Array.from({ length: pageCount }, (_, page) => `page${page}.html`);

/** On one page the work grows with the page, so a number of inserts says more than a time. */
const onePageInsertsMax = 2_000;
const onePageInsertsPerSecond = 1_000;

/** What the goals are about. */
export const goalName = `Inkwire, 64 connections, ${pageCount} pages`;

/** Puts the pages into `root`. */
export function preparePages(root: string, sample: string): void {
  for (const page of pages) writeFileSync(join(root, page), sample);
}

/**
 * Each measurement begins with pages that are the sample again, for they grow.
 *
 * @param seconds how long each takes
 */
export function insertContestants(
  server: MeasuredServer,
  sample: string,
  seconds: number,
): Contestant[] {
  const { port } = server;
  const count = Math.min(onePageInsertsMax, Math.ceil(seconds * onePageInsertsPerSecond));
  const insert = { port, method: 'PUT', text: 'item {{n}}' } as const;
  const fields = [['Content-Type', 'text/plain']] as const;
  const measured = (name: string, load: HttpLoad): Contestant => ({
    name,
    async measure(signal) {
      await putBack(port, load.pages, sample, signal);
      return await sampleOf(load, signal);
    },
  });
  const timed = { kind: 'duration', durationMs: seconds * 1_000 } as const;
  const spread = [1, 16, 64, 256].map((connections) => {
    const plural = connections === 1 ? '' : 's';
    const name = `Inkwire, ${connections} connection${plural}, ${pageCount} pages`;
    return measured(name, { ...insert, fields, pages, connections, extent: timed });
  });
  const onOne = {
    ...{ ...insert, pages: pages.slice(0, 1), connections: 64 },
    extent: { kind: 'count', count },
  } as const;
  const minimal = [...fields, ['Prefer', 'return=minimal']] as const;
  const name = `Inkwire, 64 connections, 1 page, ${count.toLocaleString('en-US')} inserts`;
  return [
    ...spread,
    measured(name, { ...onOne, fields }),
    measured(`${name}, \`return=minimal\``, { ...onOne, fields: minimal }),
  ];
}

/** As a client does it: the server then holds nothing that is out of date. */
async function putBack(
  port: number,
  of: readonly string[],
  sample: string,
  signal: AbortSignal,
): Promise<void> {
  const extent = { kind: 'count', count: of.length } as const;
  const load = { port, method: 'POST', pages: of, fields: [], text: sample, extent } as const;
  await sampleOf({ ...load, connections: Math.min(16, of.length) }, signal);
}
