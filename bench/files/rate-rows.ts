/** Rows that compare rates: the same load on Inkwire and on nginx, in alternating pairs. */

import { pairedRatios, perSecond, spreadOf } from '../figures.ts';
import { ownBytes, Peak } from '../process-figures.ts';
import type { MeasuredServer } from '../servers.ts';
import { browserFields, differingFields } from './browser-head.ts';
import { type NginxVariant, nginxCold, nginxHot, nginxPipelined } from './configurations.ts';
import { type Context, measureLoad, warmUp } from './context.ts';
import { atLeast, type Finding, single } from './finding.ts';
import { FreshnessWatch } from './freshness.ts';
import { type Load, loadOf, type Sample } from './load.ts';
import { alternate } from './pairs.ts';
import { entityTagOf, probe } from './probe.ts';
import {
  distinctPaths,
  hugePath,
  largePath,
  makeDistinctPages,
  makeHugeFile,
  mediumPath,
  samplePath,
} from './served-pages.ts';

const MIB = 1024 ** 2;
/** Resident memory may grow by less while a huge file is sent. */
const growthMibMax = 48;
/** So seldom that it costs the server that is measured under one request in a hundred. */
const watchPeriodMs = 100;
const watchedPath = '/watched.html';

export interface RateRow {
  readonly row: string;
  readonly work: string;
  /** Of nginx's rate. */
  readonly least: number;
  readonly nginx: NginxVariant;
  readonly flags: readonly string[];
  readonly load: Load;
  /** Asks for what it has already, under the entity tag of each server. */
  readonly conditional?: true;
  /** Bytes count, not responses, and memory is looked at. */
  readonly huge?: true;
  /** What has to be in the served folder. */
  readonly make?: (root: string, sample: string) => void;
}

const hot = { nginx: nginxHot, flags: [] };
const small = loadOf(samplePath, 64);

/** In the order in which they are measured: those that can share servers stand together. */
export const rateRows: readonly RateRow[] = [
  { row: 'hot', work: 'GET 286 B, 64 connections', least: 1.15, ...hot, load: small },
  {
    row: 'browser',
    work: 'the same with a browser’s header fields',
    least: 1.3,
    ...hot,
    load: { ...small, fields: browserFields },
  },
  {
    row: 'differing',
    work: 'the same, no two heads equal',
    least: 1.1,
    ...hot,
    load: { ...small, fields: differingFields },
  },
  {
    row: 'unchanged',
    work: '304 by `If-None-Match`, 64 connections',
    least: 1,
    ...hot,
    load: { ...small, status: 304 },
    conditional: true,
  },
  {
    row: 'medium',
    work: 'GET 64 KiB, 16 connections',
    least: 1.15,
    ...hot,
    load: loadOf(mediumPath, 16),
  },
  {
    row: 'large',
    work: 'GET 1 MiB, 16 connections',
    least: 1,
    ...hot,
    load: loadOf(largePath, 16),
  },
  {
    row: 'pipelined',
    work: 'GET 286 B, 64 connections, pipelined by 16 (nginx: `tcp_nopush off`)',
    least: 4,
    nginx: nginxPipelined,
    flags: [],
    load: { ...small, pipeline: 16 },
  },
  {
    row: 'distinct',
    work: 'GET over 10,000 small files, 64 connections, `--cache 0` (nginx: no `open_file_cache`)',
    least: 1,
    nginx: nginxCold,
    flags: ['--cache', '0'],
    load: { ...small, paths: distinctPaths },
    make: makeDistinctPages,
  },
  ...[1, 16].map(
    (connections): RateRow => ({
      row: `huge-${connections}`,
      work: `GET 1 GiB, ${connections === 1 ? 'one connection' : `${connections} connections`}`,
      least: 1,
      ...hot,
      load: loadOf(hugePath, connections),
      huge: true,
      make: makeHugeFile,
    }),
  ),
];

/** The rates of both, for rows that build on them. */
export interface Rates {
  readonly findings: readonly Finding[];
  readonly nginxPerSecond: readonly number[];
}

export async function measureRates(context: Context, row: RateRow): Promise<Rates> {
  const { stage, plan } = context;
  row.make?.(stage.root, context.sample);
  // Memory is looked at in a process that has done nothing but a little.
  if (row.huge) await stage.stopInkwire();
  const own = await stage.inkwire(...row.flags);
  const peer = await stage.nginx(row.nginx);
  const ownLoad = await loadFor(own, row);
  const peerLoad = peer === undefined ? undefined : await loadFor(peer, row);

  if (row.huge) await warmUp(context, own.port, small, plan.warmUpSeconds);
  const before = row.huge ? memoryOf(own.pid) : undefined;
  const peak = row.huge && before !== undefined ? new Peak(own.pid, ownBytes) : undefined;
  let peakBytes: number | undefined;
  try {
    await warmUp(context, own.port, ownLoad, plan.warmUpSeconds);
    if (peer !== undefined && peerLoad !== undefined) {
      await warmUp(context, peer.port, peerLoad, plan.peerWarmUpSeconds);
    }
    const pairs = await alternate(
      plan.pairs,
      () => watched(context, own, row, ownLoad),
      peer === undefined || peerLoad === undefined
        ? undefined
        : () => watched(context, peer, row, peerLoad),
    );
    peakBytes = peak?.stop();
    const nginxPerSecond = pairs.peer.map((sample) => sample.perSecond);
    const findings = [rateFinding(row, pairs.own, pairs.peer)];
    if (row.huge) findings.push(memoryFinding(row, before, peakBytes));
    return { findings, nginxPerSecond };
  } finally {
    peak?.stop();
  }
}

async function loadFor(server: MeasuredServer, row: RateRow): Promise<Load> {
  if (row.conditional === undefined) {
    await probe(server, row.load);
    return row.load;
  }
  const tag = await entityTagOf(server, row.load);
  const load: Load = { ...row.load, fields: [...row.load.fields, ['If-None-Match', tag]] };
  await probe(server, load);
  return load;
}

/** Measures once, while another page is changed and asked for now and then. */
async function watched(
  context: Context,
  server: MeasuredServer,
  row: RateRow,
  load: Load,
): Promise<Sample> {
  const { name, port } = server;
  const { root } = context.stage;
  const watch = new FreshnessWatch(
    { name, port, root, path: watchedPath, periodMs: watchPeriodMs },
    context.freshness,
  );
  let sample: Sample;
  try {
    sample = await measureLoad(context, port, load);
  } finally {
    await watch.stop();
  }
  context.say(`${row.row} · ${name}: ${rateText(row, [sample])}`);
  return sample;
}

function rateOf(row: RateRow, { perSecond: responses, bytesPerSecond }: Sample): number {
  return row.huge ? bytesPerSecond : responses;
}

function rateText(row: RateRow, samples: readonly Sample[]): string {
  if (samples.length === 0) return 'not installed';
  const { median } = spreadOf(samples.map((sample) => rateOf(row, sample)));
  return row.huge ? `${(median / 1e9).toFixed(2)} GB/s` : `${perSecond(median)}/s`;
}

function rateFinding(row: RateRow, own: readonly Sample[], peer: readonly Sample[]): Finding {
  const rates = (of: readonly Sample[]): number[] => of.map((sample) => rateOf(row, sample));
  return {
    row: row.row,
    work: row.work,
    goal: atLeast(row.least),
    inkwire: rateText(row, own),
    nginx: rateText(row, peer),
    measured:
      peer.length === 0
        ? 'nginx is not installed'
        : spreadOf(pairedRatios(rates(own), rates(peer))),
  };
}

function memoryOf(pid: number): number | undefined {
  return process.platform === 'linux' ? ownBytes(pid) : undefined;
}

function memoryFinding(
  { row, work }: RateRow,
  before: number | undefined,
  peak: number | undefined,
): Finding {
  const hasBoth = before !== undefined && peak !== undefined;
  return {
    row,
    work: `${work}: growth of resident memory, at its peak`,
    goal: { kind: 'under', value: growthMibMax, unit: 'MiB' },
    inkwire: hasBoth ? `${mib(before)} before, ${mib(peak)} at most` : '',
    nginx: '',
    measured: hasBoth ? single((peak - before) / MIB) : 'it is read from /proc, on Linux',
  };
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
