/** The figures of one file system as Markdown, and whether they reach the goals. */

import { median, pairedRatio, perSecond } from '../figures.ts';
import type { Sample } from './contestant.ts';
import { goalName } from './inserts.ts';
import { davName, syncName } from './peers.ts';

/** By the contestant's name, in the order in which they are shown. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

const syncRatioMin = 5;
const davRatioMin = 0.5;
const p99MsMax = 10;

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}

/** Medians over the rounds. @param disk what it is measured on, in words */
export function figuresTable(disk: string, samples: Samples): string {
  const rows = [...samples].map(([name, of]) => {
    const rate = perSecond(median(of.map((sample) => sample.perSecond)));
    const p50 = ms(median(of.map(({ p50Ms }) => p50Ms)));
    const p99 = ms(median(of.map(({ p99Ms }) => p99Ms)));
    return `| ${name} | ${rate} | ${p50} | ${p99} |`;
  });
  const head = [`| on ${disk} | writes per second | p50 | p99 |`, '|---|---|---|---|'];
  if (!samples.has(davName)) rows.push(`| ${davName} | nginx is not installed | | |`);
  return [...head, ...rows].join('\n');
}

/** Ratios are medians of the ratios of each round. */
export function goalsTable(samples: Samples): string {
  const own = samples.get(goalName) ?? [];
  const rates = (of: readonly Sample[]): number[] => of.map((sample) => sample.perSecond);
  const beside = (what: string, peer: string, least: number): string => {
    const of = samples.get(peer);
    if (of === undefined) return `| beside ${what} | at least ${least} × | not measured | |`;
    const ratio = pairedRatio(rates(own), rates(of));
    const reached = ratio >= least ? 'yes' : 'no';
    return `| beside ${what} | at least ${least} × | ${ratio.toFixed(2)} × | ${reached} |`;
  };
  const p99 = median(own.map(({ p99Ms }) => p99Ms));
  const reached = p99 < p99MsMax ? 'yes' : 'no';
  return [
    `| ${goalName} | goal | measured | reached |`,
    '|---|---|---|---|',
    beside('sync and rename', syncName, syncRatioMin),
    beside('nginx, not synced', davName, davRatioMin),
    `| p99 | under ${p99MsMax} ms | ${ms(p99)} | ${reached} |`,
  ].join('\n');
}
