/**
 * `bun run bench`: what is measured, and where the figures go.
 *
 *   bun run bench [pages] [--pairs 5] [--seconds 2] [--own] [--write]
 *   bun run bench load    [--rounds 5] [--seconds 3] [--connections 64] [--no-install] [--write]
 *   bun run bench omission [--write]
 *   bun run bench writes  [--rounds 5] [--seconds 2] [--image-mib 512] [--write]
 *   bun run bench writes  --profile [--seconds 2] [--image-mib 512]
 *
 * `pages` compares Inkwire with nginx; `--own` takes Inkwire's own load runner although there is
 * wrk. `load` compares that runner with other tools. `omission` draws the picture of docs/LOAD.md.
 * `writes` measures durable inserts, as root also on a journaled file system in an image file;
 * `--profile` tells which threads and system calls their time goes to.
 * `--write` puts the table into bench/RESULTS.md, and the picture into its place.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryPath, writeMarkedParts } from '../test/docs/marked.ts';
import { benchLoad } from './load.ts';
import { installPeers } from './loaders.ts';
import { drawOmission } from './omission.ts';
import { benchPages, preparePages } from './pages.ts';
import { type MeasuredServer, startInkwire, startNginx } from './servers.ts';
import { untilInterrupted } from './writes/interrupt.ts';
import { profileWrites } from './writes/where-time-goes.ts';
import { benchWrites } from './writes.ts';

const usageStatus = 2;
const picture = 'docs/images/coordinated-omission.svg';
const medians = 'medians, and the median of the paired ratios.';
/** Inkwire's workers in every benchmark: more than there are cores only get in each other's way. */
const workers = 2;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string' },
    connections: { type: 'string', default: '64' },
    'image-mib': { type: 'string', default: '512' },
    own: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    'no-install': { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

/** The number of an option within its range; anything else ends the program. */
function numberOf(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (value >= least && value <= most) return value;
  console.error(`--${name} ${text}: expected a number from ${least} to ${most}`);
  process.exit(usageStatus);
}

const what = positionals[0] ?? 'pages';
const defaultSeconds = what === 'load' ? '3' : '2';
const seconds = numberOf('seconds', values.seconds ?? defaultSeconds, 0.05, 60);
const connections = numberOf('connections', values.connections, 1, 4_096);
const pairs = numberOf('pairs', values.pairs, 1, 100);
const rounds = numberOf('rounds', values.rounds, 1, 100);
switch (what) {
  case 'pages':
    await withServers(async ({ inkwire, nginx, sample }) => {
      const table = await benchPages(inkwire, nginx, sample, { pairs, seconds, own: values.own });
      publish('pages', [table, `${pairs} pairs of ${seconds} s; ${medians}`]);
    });
    break;
  case 'load':
    if (!values['no-install']) await installPeers();
    await withServers(async ({ inkwire, nginx }) => {
      const servers = nginx === undefined ? [inkwire] : [nginx, inkwire];
      const table = await benchLoad(servers, { rounds, seconds, connections });
      const how = `GET of 286 bytes, ${connections} connections, one thread each.`;
      publish('load', [table, `${how}\n${rounds} rounds of ${seconds} s; ${medians}`]);
    });
    break;
  case 'omission': {
    const svg = await drawOmission({
      durationMs: 10_000,
      stallFromMs: 4_000,
      stallToMs: 5_000,
      rate: 50,
    });
    if (values.write) writeFileSync(repositoryPath(picture), svg);
    else console.log(svg);
    break;
  }
  case 'writes': {
    const imageBytes = numberOf('image-mib', values['image-mib'], 32, 4_096) * 1024 ** 2;
    const options = { rounds, seconds, workers, imageBytes };
    if (values.profile) {
      console.log(await untilInterrupted((signal) => profileWrites(readSample(), options, signal)));
      break;
    }
    const tables = await untilInterrupted((signal) => benchWrites(readSample(), options, signal));
    const how = `${rounds} rounds of ${seconds} s; ${medians}`;
    if (tables !== undefined) publish('writes', [tables, how]);
    break;
  }
  default:
    console.error(`no benchmark ${what}; expected pages, load, omission or writes`);
    process.exitCode = usageStatus;
}

/** The servers that are measured, over the same files, and a page. */
interface Measured {
  readonly inkwire: MeasuredServer;
  readonly nginx: MeasuredServer | undefined;
  readonly sample: string;
}

function readSample(): string {
  return readFileSync(join(import.meta.dir, '../src/config/samples/test.html'), 'utf8');
}

async function withServers(measure: (measured: Measured) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'inkwire-bench-'));
  try {
    const root = join(folder, 'root');
    mkdirSync(root);
    const sample = readSample();
    writeFileSync(join(root, 'test.html'), sample);
    preparePages(root, sample);
    await using inkwire = await startInkwire(root, workers);
    await using nginx = await startNginx(root, join(folder, 'nginx'));
    await measure({ inkwire, nginx, sample });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function publish(name: string, parts: readonly string[]): void {
  const date = new Date().toISOString().slice(0, 10);
  const machine = `Bun ${Bun.version}, ${cpus().length} cores, ${process.platform}, ${date}.`;
  const text = [...parts, machine].join('\n\n');
  console.log(text);
  if (values.write) writeMarkedParts('bench/RESULTS.md', { [name]: text });
}
