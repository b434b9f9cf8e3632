/** `bun run bench`: what is measured, and where the figures go. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryPath, writeMarkedParts } from '../test/docs/marked.ts';
import { commandLine, refuse } from './command-line.ts';
import { nginxHot, nginxHttp } from './files/configurations.ts';
import { fullPlan, isFull, quickPlan } from './files/plan.ts';
import { profileFiles } from './files/profile.ts';
import { rowNames } from './files/rows.ts';
import { benchFiles, type FilesBenchOptions, withContext, writePictures } from './files.ts';
import { benchLoad } from './load.ts';
import { installPeers } from './loaders.ts';
import { drawOmission } from './omission.ts';
import { type MeasuredServer, startInkwire, startNginxWith } from './servers.ts';
import { untilInterrupted } from './writes/interrupt.ts';
import { profileWrites } from './writes/where-time-goes.ts';
import { benchWrites } from './writes.ts';

const failedStatus = 1;
const picture = 'docs/images/coordinated-omission.svg';
const medians = 'medians, and the median of the paired ratios.';
/** Inkwire's workers in every benchmark: more than there are cores only get in each other's way. */
const workers = 2;

const usage = `
What is measured, and where the figures go.

  bun run bench [files] [--quick] [--peers all] [--only ROW,…] [--own] [--write]
                        [--pairs 7] [--seconds 3]
  bun run bench profile [--write]
  bun run bench load    [--rounds 5] [--seconds 3] [--connections 64] [--no-install] [--write]
  bun run bench omission [--write]
  bun run bench writes  [--rounds 5] [--seconds 2] [--image-mib 512] [--write]
  bun run bench writes  --profile [--seconds 2] [--image-mib 512]

  files       Inkwire beside nginx, with --peers all beside other servers too; --quick takes two
              minutes, and its figures are never written down; --own takes Inkwire's own load
              runner although there is wrk
  profile     which functions the time goes to
  load        Inkwire's load runner beside other tools
  omission    draws the picture of docs/LOAD.md
  writes      durable inserts; as root also on a journaled file system in an image file; --profile
              tells which threads and system calls their time goes to

  --write     puts what was found into bench/RESULTS.md, docs/PERFORMANCE.md and docs/images
`;
const subjects = ['files', 'profile', 'load', 'omission', 'writes'];

const { values, positionals } = commandLine(
  usage,
  {
    quick: { type: 'boolean', default: false },
    peers: { type: 'string' },
    only: { type: 'string' },
    pairs: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string' },
    connections: { type: 'string', default: '64' },
    'image-mib': { type: 'string', default: '512' },
    own: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    'no-install': { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
  subjects,
);

/** The number of an option within its range; anything else ends the program. */
function numberOf(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (value >= least && value <= most) return value;
  return refuse(`--${name} ${text}: expected a number from ${least} to ${most}`);
}

function secondsOr(byDefault: number): number {
  return numberOf('seconds', values.seconds ?? String(byDefault), 0.05, 60);
}

const what = positionals[0] ?? 'files';
const rounds = numberOf('rounds', values.rounds, 1, 100);
switch (what) {
  case 'files':
    await files();
    break;
  case 'profile': {
    const text = await untilInterrupted((signal) =>
      withContext(readSample(), filesOptions(), signal, profileFiles),
    );
    if (text !== undefined) publish('profile', [text], 'docs/PERFORMANCE.md');
    break;
  }
  case 'load': {
    const seconds = secondsOr(3);
    const connections = numberOf('connections', values.connections, 1, 4_096);
    if (!values['no-install']) await installPeers();
    await withServers(async ({ inkwire, nginx }) => {
      const servers = nginx === undefined ? [inkwire] : [nginx, inkwire];
      const table = await benchLoad(servers, { rounds, seconds, connections });
      const how = `GET of 286 bytes, ${connections} connections, one thread each.`;
      publish('load', [table, `${how}\n${rounds} rounds of ${seconds} s; ${medians}`]);
    });
    break;
  }
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
    const seconds = secondsOr(2);
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
}

async function files(): Promise<void> {
  const options = filesOptions();
  if (values.write && (!isFull(options.plan) || values.only !== undefined)) {
    refuse('--write takes a whole run: without --quick, --only and fewer or shorter pairs');
  }
  const result = await untilInterrupted((signal) => benchFiles(readSample(), options, signal));
  if (result === undefined) return;
  const { text, stale, failures, pictures } = result;
  const isWhole = isFull(options.plan) && values.only === undefined;
  console.log(isWhole ? text : `${text}\n\nA part, or a quick run: no result to be written down.`);
  if (stale !== undefined) console.error(`failed: a stale answer: ${stale}`);
  for (const failure of failures) console.error(`failed: ${failure}`);
  if (stale !== undefined || failures.length > 0) process.exitCode = failedStatus;
  // A row that could not be measured is said to be so; figures of a stale server are no figures.
  if (values.write && stale === undefined) {
    writeMarkedParts('bench/RESULTS.md', { files: text });
    writePictures(pictures);
  }
}

function filesOptions(): FilesBenchOptions {
  const plan = values.quick ? quickPlan : fullPlan;
  const pairs = numberOf('pairs', values.pairs ?? String(plan.pairs), 1, 100);
  const seconds = secondsOr(plan.seconds);
  const isAll = values.peers === 'all';
  if (values.peers !== undefined && !isAll) refuse(`--peers ${values.peers}: expected all`);
  const names = values.only?.split(',') ?? rowNames.filter((name) => name !== 'peers' || isAll);
  const wrong = names.find((name) => !rowNames.includes(name));
  if (wrong !== undefined) refuse(`--only ${wrong}: expected of ${rowNames.join(', ')}`);
  // With runs as short as in tests the warm-up is as short.
  const warmUpSeconds = Math.min(plan.warmUpSeconds, seconds);
  const peerWarmUpSeconds = Math.min(plan.peerWarmUpSeconds, seconds);
  const sweepSeconds = Math.min(plan.sweepSeconds, seconds);
  return {
    plan: { ...plan, pairs, seconds, warmUpSeconds, peerWarmUpSeconds, sweepSeconds },
    rows: new Set(names),
    workers,
    own: values.own,
  };
}

/** The servers that are measured, over the same files. */
interface Measured {
  readonly inkwire: MeasuredServer;
  readonly nginx: MeasuredServer | undefined;
}

function readSample(): string {
  return readFileSync(join(import.meta.dir, '../src/config/samples/test.html'), 'utf8');
}

async function withServers(measure: (measured: Measured) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'inkwire-bench-'));
  try {
    const root = join(folder, 'root');
    mkdirSync(root);
    writeFileSync(join(root, 'test.html'), readSample());
    await using inkwire = await startInkwire(root, workers);
    const http = (port: number): string => nginxHttp({ port, root }, nginxHot);
    await using nginx = await startNginxWith(http, join(folder, 'nginx'));
    await measure({ inkwire, nginx });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function publish(name: string, parts: readonly string[], into = 'bench/RESULTS.md'): void {
  const date = new Date().toISOString().slice(0, 10);
  const machine = `Bun ${Bun.version}, ${cpus().length} cores, ${process.platform}, ${date}.`;
  const text = [...parts, machine].join('\n\n');
  console.log(text);
  if (values.write) writeMarkedParts(into, { [name]: text });
}
