/** The row of p99: both servers under half of nginx's top rate, on a schedule. */

import { median, pairedRatios, perSecond, spreadOf } from '../figures.ts';
import type { MeasuredServer } from '../servers.ts';
import { nginxHot } from './configurations.ts';
import type { Context } from './context.ts';
import type { Finding, Goal } from './finding.ts';
import { loadOf, type Sample } from './load.ts';
import { measureOwn } from './own-runner.ts';
import { alternate } from './pairs.ts';
import { samplePath } from './served-pages.ts';

const load = loadOf(samplePath, 64);
const rateShare = 0.5;
/** Who has not answered as much of what was asked is behind, and its p99 is that of a queue. */
const keptUpShare = 0.99;
const row = 'p99';
const goal: Goal = { kind: 'at most', value: 1, unit: '×' };

/** @param topRates of nginx under the same load, where it was measured already */
export async function measureTail(
  context: Context,
  topRates: readonly number[],
): Promise<readonly Finding[]> {
  const { stage, plan } = context;
  const own = await stage.inkwire();
  const peer = await stage.nginx(nginxHot);
  const about = { row, goal, work: 'GET 286 B, 64 connections, at half of nginx’s top rate: p99' };
  if (peer === undefined) {
    return [{ ...about, inkwire: '', nginx: '', measured: 'nginx is not installed' }];
  }
  const rates = topRates.length > 0 ? topRates : [await topRateOf(context, peer)];
  const rate = Math.round(median(rates) * rateShare);
  const measure = async (server: MeasuredServer, seconds = plan.seconds): Promise<Sample> => {
    const { signal } = context;
    const sample = await measureOwn({ port: server.port, load, seconds, signal }, rate);
    context.say(`${row} · ${server.name}: ${ms(sample.p99Ms)} at ${perSecond(rate)}/s`);
    return sample;
  };
  await measure(own, plan.warmUpSeconds);
  const pairs = await alternate(
    plan.pairs,
    () => measure(own),
    () => measure(peer),
  );
  const p99s = (samples: readonly Sample[]): number[] => samples.map(({ p99Ms }) => p99Ms);
  const note = behindNote(rate, pairs.own);
  return [
    {
      ...about,
      inkwire: `${ms(median(p99s(pairs.own)))} at ${perSecond(rate)}/s`,
      nginx: ms(median(p99s(pairs.peer))),
      measured: spreadOf(pairedRatios(p99s(pairs.own), p99s(pairs.peer))),
      ...(note !== undefined && { note }),
    },
  ];
}

async function topRateOf(context: Context, nginx: MeasuredServer): Promise<number> {
  const { plan, signal, driver } = context;
  const { perSecond: rate } = await driver.measure({
    port: nginx.port,
    load,
    seconds: plan.seconds,
    signal,
  });
  return rate;
}

/** Said where the server was not able to answer as many: its p99 is then that of a queue. */
export function behindNote(rate: number, own: readonly Sample[]): string | undefined {
  const answered = median(own.map((sample) => sample.perSecond));
  if (answered >= rate * keptUpShare) return undefined;
  return `Inkwire answered ${perSecond(answered)} of ${perSecond(rate)} a second: it was behind`;
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}
