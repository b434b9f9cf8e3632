/** Pages from Inkwire and from nginx, the same files in alternating pairs. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../src/base/clock.ts';
import { systemRandom } from '../src/base/random.ts';
import type { RequestTemplate } from '../src/load/load.ts';
import { startLoad } from '../src/load/start-load.ts';
import { median, pairedRatio, perSecond } from './figures.ts';
import { inkwireLoader, wrkLoader } from './loaders.ts';
import type { MeasuredServer } from './servers.ts';

const connections = 64;
const pageCount = 64;
const largeBytes = 1024 * 1024;
const timeoutMs = 10_000;

export interface PagesBenchOptions {
  readonly pairs: number;
  readonly seconds: number;
  /** Takes Inkwire's own load runner although there is wrk. */
  readonly own: boolean;
}

/** Puts what is measured into `root`. */
export function preparePages(root: string, sample: string): void {
  writeFileSync(join(root, 'large.html'), 'x'.repeat(largeBytes));
  for (let n = 0; n < pageCount; n += 1) writeFileSync(join(root, `page${n}.html`), sample);
}

/** The table as Markdown, and who made the load. */
export async function benchPages(
  inkwire: MeasuredServer,
  nginx: MeasuredServer | undefined,
  sample: string,
  options: PagesBenchOptions,
): Promise<string> {
  const loader = options.own || wrkLoader.missing() !== undefined ? inkwireLoader : wrkLoader;
  const getRow = async (name: string, path: string): Promise<string> => {
    const own: number[] = [];
    const peer: number[] = [];
    const rateOf = (server: MeasuredServer): Promise<number> =>
      loader.rate({ port: server.port, path, connections, seconds: options.seconds });
    await rateOf(inkwire);
    for (let pair = 0; pair < options.pairs; pair += 1) {
      own.push(await rateOf(inkwire));
      if (nginx !== undefined) peer.push(await rateOf(nginx));
    }
    if (nginx === undefined) return `| ${name} | ${perSecond(median(own))} | not installed | |`;
    const ratio = pairedRatio(own, peer).toFixed(2);
    return `| ${[name, perSecond(median(own)), perSecond(median(peer)), ratio].join(' | ')} |`;
  };
  return [
    `| ${connections} connections | Inkwire, per second | nginx, per second | ratio |`,
    '|---|---|---|---|',
    await getRow('GET 286 B', '/test.html'),
    await getRow('GET 1 MiB', '/large.html'),
    await editRow(inkwire, sample, options),
    '',
    `Load by ${loader.name}, one thread (edits: Inkwire).`,
  ].join('\n');
}

/** Durable edits per second: each is synced before it is answered, which nginx does not do. */
async function editRow(
  inkwire: MeasuredServer,
  sample: string,
  { pairs, seconds }: PagesBenchOptions,
): Promise<string> {
  const authority = `127.0.0.1:${inkwire.port}`;
  const requests = Array.from(
    { length: pageCount },
    (_, page): RequestTemplate => ({
      method: 'POST',
      target: `/page${page}.html`,
      fields: [['Host', authority]],
      content: { kind: 'text', text: sample },
      weight: 1,
    }),
  );
  const rates: number[] = [];
  for (let run = 0; run < pairs; run += 1) {
    const plan = {
      endpoint: { host: '127.0.0.1', port: inkwire.port, authority },
      requests,
      extent: { kind: 'duration', durationMs: seconds * 1_000 },
      ...{ connections, rampMs: 0, warmupMs: 0, pipeline: 1, threads: 1, keepAlive: true },
      timeoutMs,
    } as const;
    const report = await startLoad(plan, systemClock, systemRandom).report;
    const bad = [...report.byStatus.keys()].filter((status) => status >= 400);
    if (bad.length > 0 || report.byFailure.size > 0) {
      throw new Error(`edits met ${[...bad, ...report.byFailure.keys()].join(', ')}`);
    }
    rates.push(report.perSecond);
  }
  const name = `POST ${sample.length} B, ${pageCount} pages, each synced`;
  return `| ${name} | ${perSecond(median(rates))} | – | |`;
}
