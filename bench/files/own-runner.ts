/** Inkwire's own load runner as a driver, at full speed or at a rate. */

import { join } from 'node:path';
import { z } from 'zod';
import type { LoadPlan } from '../../src/load/load.ts';
import { type Driver, outputOf, type Run, type Sample } from './load.ts';

const script = join(import.meta.dir, 'own-load.ts');
const timeoutMs = 60_000;

const latency = z.object({ p50: z.number(), p99: z.number() });

const reportSchema = z.object({
  perSecond: z.number(),
  elapsedMs: z.number(),
  errors: z.number(),
  statuses: z.record(z.string(), z.number()),
  failures: z.record(z.string(), z.number()),
  bytesReceived: z.number(),
  unsent: z.number(),
  latencyFromDueMs: latency.optional(),
  latencyFromSendMs: latency.optional(),
});

/** @param rate requests per second; absent: each connection asks as soon as it was answered */
export function planOf({ port, load, seconds }: Run, rate?: number): LoadPlan {
  const authority = `127.0.0.1:${port}`;
  const { paths, fields, status, connections, pipeline } = load;
  return {
    endpoint: { host: '127.0.0.1', port, authority },
    requests: paths.map((target) => ({
      method: 'GET',
      target,
      fields: [['Host', authority], ...fields],
      weight: 1,
      expects: [[status, status]],
    })),
    extent: { kind: 'duration', durationMs: seconds * 1_000 },
    ...{ connections, pipeline, timeoutMs },
    ...{ rampMs: 0, warmupMs: 0, keepAlive: true, threads: 1 },
    ...(rate !== undefined && { rate }),
  };
}

/** @throws Error when a request failed, or was answered with another status than was expected */
export function readOwnReport(text: string): Sample {
  const report = reportSchema.parse(JSON.parse(text));
  if (report.errors > 0) {
    const met = { ...report.statuses, ...report.failures };
    throw new Error(`the load met ${JSON.stringify(met)}`);
  }
  const times = report.latencyFromDueMs ?? report.latencyFromSendMs;
  return {
    perSecond: report.perSecond,
    bytesPerSecond: (report.bytesReceived / report.elapsedMs) * 1_000,
    p50Ms: times?.p50 ?? Number.NaN,
    p99Ms: times?.p99 ?? Number.NaN,
  };
}

export async function measureOwn(run: Run, rate?: number): Promise<Sample> {
  const plan = JSON.stringify(planOf(run, rate));
  return readOwnReport(await outputOf([process.execPath, script], run.signal, plan));
}

export const ownDriver: Driver = {
  name: 'Inkwire’s load runner',
  measure: (run) => measureOwn(run),
};
