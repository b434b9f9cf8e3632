/**
 * `bun run bench profile`: which functions of the main thread the processor's time goes to, by
 * Bun's own sampling (`bun --cpu-prof`), under the rows of equal heads, of differing ones, and of
 * pages that are not in memory.
 */

import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { freePort, inkwireCommand, started } from '../servers.ts';
import { differingFields } from './browser-head.ts';
import { type Context, measureLoad } from './context.ts';
import { loadOf } from './load.ts';
import { distinctPaths, makeDistinctPages, samplePath } from './served-pages.ts';

const functionsShown = 14;
const seconds = 5;

const hot = loadOf(samplePath, 64);

const profiled = [
  { name: 'GET 286 B, 64 connections, equal heads', load: hot },
  { name: 'a browser’s heads, no two equal', load: { ...hot, fields: differingFields } },
  {
    name: '10,000 pages, `--cache 0`',
    load: { ...hot, paths: distinctPaths },
    flags: ['--cache', '0'],
  },
];

const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({
        functionName: z.string(),
        url: z.string(),
        lineNumber: z.number(),
      }),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

/** Time spent in a function itself, and not in what it calls. */
export interface SelfTime {
  readonly name: string;
  /** As `http/head-parser.ts`; `native` for what is in no file. */
  readonly place: string;
  /** Of all that was sampled. */
  readonly share: number;
}

/** The functions of a profile as Chromium's tools have it, those that took the most first. */
export function selfTimesOf(text: string): SelfTime[] {
  const { nodes, samples, timeDeltas } = profileSchema.parse(JSON.parse(text));
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map<string, { name: string; place: string; time: number }>();
  let all = 0;
  for (const [at, id] of samples.entries()) {
    const frame = frames.get(id);
    const time = timeDeltas[at] ?? 0;
    if (frame === undefined || frame.functionName === '(idle)') continue;
    const name = frame.functionName === '' ? '(anonymous)' : frame.functionName;
    const place = placeOf(frame.url);
    const key = `${name} ${place}`;
    const counted = times.get(key) ?? { name, place, time: 0 };
    counted.time += time;
    times.set(key, counted);
    all += time;
  }
  return [...times.values()]
    .sort((a, b) => b.time - a.time)
    .map(({ name, place, time }) => ({ name, place, share: time / all }));
}

function placeOf(url: string): string {
  return /\/(?:src|workers)\/(.+)$/.exec(url)?.[1] ?? 'native';
}

export function profileTable(name: string, times: readonly SelfTime[]): string {
  const shown = times.slice(0, functionsShown);
  const rest = 1 - shown.reduce((sum, { share }) => sum + share, 0);
  return [
    `| ${name} | in | share |`,
    '|---|---|---|',
    ...shown.map(({ name: called, place, share }) => {
      return `| \`${called}\` | \`${place}\` | ${percent(share)} |`;
    }),
    `| all else | | ${percent(rest)} |`,
  ].join('\n');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** The profiles as Markdown. */
export async function profileFiles(context: Context): Promise<string> {
  const tables: string[] = [];
  makeDistinctPages(context.stage.root, context.sample);
  for (const { name, load, flags: own = [] } of profiled) {
    const folder = join(context.stage.folder, `profile-${tables.length}`);
    mkdirSync(folder);
    const port = freePort();
    const { root, workers } = context.stage;
    const [bun = '', ...rest] = inkwireCommand({ port, root }, workers);
    const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`];
    const server = await started('Inkwire', [bun, ...flags, ...rest, ...own], port);
    try {
      context.say(`profile: ${name}`);
      await measureLoad(context, port, load, seconds);
    } finally {
      await server[Symbol.asyncDispose]();
    }
    const [file] = readdirSync(folder).filter((found) => found.endsWith('.cpuprofile'));
    if (file === undefined) throw new Error('Bun wrote no profile');
    tables.push(profileTable(name, selfTimesOf(readFileSync(join(folder, file), 'utf8'))));
  }
  return tables.join('\n\n');
}
