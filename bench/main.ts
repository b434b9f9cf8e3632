/**
 * `bun run bench`: Inkwire and nginx on the same files, in alternating pairs, so that a machine
 * that slows down slows both. Printed are medians; a ratio is the median of the ratios of each
 * pair.
 *
 *   bun run bench [--pairs 5] [--seconds 2] [--own] [--write]
 *
 * `--own` takes Inkwire's own runner although there is wrk; `--write` writes bench/RESULTS.md.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { utf8Bytes } from '../src/base/bytes.ts';
import type { RequestMessage } from '../src/http/message.ts';
import { ownRate, wrk, wrkRate } from './load.ts';
import { type MeasuredServer, startInkwire, startNginx } from './servers.ts';

const CONNECTIONS = 64;
const PAGES = 64;
const LARGE_BYTES = 1024 * 1024;

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    own: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const pairs = Number(values.pairs);
const seconds = Number(values.seconds);
if (!(pairs >= 1 && pairs <= 100 && seconds > 0 && seconds <= 60)) {
  console.error('--pairs takes 1 to 100, --seconds up to 60');
  process.exit(2);
}

const usesWrk = wrk !== null && !values.own;

const sample = readFileSync(join(import.meta.dir, '../src/config/samples/test.html'), 'utf8');

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

function perSecond(rate: number): string {
  return Math.round(rate).toLocaleString('en-US');
}

async function getRate(server: MeasuredServer, path: string): Promise<number> {
  const load = { port: server.port, connections: CONNECTIONS, seconds };
  if (usesWrk) return await wrkRate(path, load);
  const fields = [['Host', `127.0.0.1:${server.port}`]] as const;
  const request: RequestMessage = { method: 'GET', target: path, fields };
  return await ownRate({ ...load, request: () => request });
}

/** One row of the table: GET of one page from both. */
async function getRow(
  name: string,
  path: string,
  inkwire: MeasuredServer,
  nginx: MeasuredServer | undefined,
): Promise<string> {
  const own: number[] = [];
  const peer: number[] = [];
  await getRate(inkwire, path);
  for (let pair = 0; pair < pairs; pair += 1) {
    own.push(await getRate(inkwire, path));
    if (nginx !== undefined) peer.push(await getRate(nginx, path));
  }
  if (nginx === undefined) return `| ${name} | ${perSecond(median(own))} | not installed | |`;
  const ratio = median(own.map((rate, index) => rate / (peer[index] ?? Number.NaN)));
  const cells = [name, perSecond(median(own)), perSecond(median(peer)), ratio.toFixed(2)];
  return `| ${cells.join(' | ')} |`;
}

/** Durable edits per second: each is synced before it is answered, which nginx does not do. */
async function editRow(
  name: string,
  inkwire: MeasuredServer,
  request: (n: number) => RequestMessage,
): Promise<string> {
  const rates: number[] = [];
  for (let run = 0; run < pairs; run += 1) {
    rates.push(await ownRate({ port: inkwire.port, connections: CONNECTIONS, seconds, request }));
  }
  return `| ${name} | ${perSecond(median(rates))} | – | |`;
}

const folder = mkdtempSync(join(tmpdir(), 'inkwire-bench-'));
try {
  const root = join(folder, 'root');
  mkdirSync(root);
  writeFileSync(join(root, 'test.html'), sample);
  writeFileSync(join(root, 'large.html'), 'x'.repeat(LARGE_BYTES));
  for (let n = 0; n < PAGES; n += 1) writeFileSync(join(root, `page${n}.html`), sample);

  await using inkwire = await startInkwire(root, 2);
  await using nginx = await startNginx(root, join(folder, 'nginx'));
  const fields = [['Host', `127.0.0.1:${inkwire.port}`]] as const;
  const rows = [
    await getRow('GET 286 B', '/test.html', inkwire, nginx),
    await getRow('GET 1 MiB', '/large.html', inkwire, nginx),
    await editRow(`POST 286 B, ${PAGES} pages, each synced`, inkwire, (n) => ({
      method: 'POST',
      target: `/page${n % PAGES}.html`,
      fields,
      content: utf8Bytes(sample),
    })),
  ];
  const text = [
    `| ${CONNECTIONS} connections | Inkwire, per second | nginx, per second | ratio |`,
    '|---|---|---|---|',
    ...rows,
    '',
    `Load by ${usesWrk ? 'wrk, one thread' : "Inkwire's own runner"} (edits: Inkwire's own runner).`,
    `${pairs} pairs of ${seconds} s; medians, and the median of the paired ratios.`,
    `Bun ${Bun.version}, ${cpus().length} cores, ${process.platform}.`,
  ].join('\n');
  console.log(text);
  if (values.write) writeFileSync(join(import.meta.dir, 'RESULTS.md'), `# Results\n\n${text}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
