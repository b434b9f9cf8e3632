/** Requests per second, by wrk where it is installed and by Inkwire's own runner otherwise. */

import { systemClock } from '../src/base/clock.ts';
import type { RequestMessage } from '../src/http/message.ts';
import { startLoad } from '../src/load/runner.ts';

/** Requests of one run, far above what a run of seconds can send: the time ends it. */
const COUNT_MAX = 100_000_000;
const TIMEOUT_MS = 10_000;

export interface Load {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  readonly request: (n: number) => RequestMessage;
}

/** Completed requests per second. Rejects when one failed or was answered with an error. */
export async function ownRate(load: Load): Promise<number> {
  const authority = `127.0.0.1:${load.port}`;
  const run = startLoad(
    {
      endpoint: { host: '127.0.0.1', port: load.port, authority },
      count: COUNT_MAX,
      connections: load.connections,
      request: load.request,
      timeoutMs: TIMEOUT_MS,
    },
    systemClock,
  );
  const timer = systemClock.after(load.seconds * 1_000, () => run.cancel());
  const report = await run.report;
  timer.cancel();
  const bad = [...report.byStatus.keys()].filter((status) => status >= 400);
  const failed = [...report.byFailure.keys()].filter((kind) => kind !== 'cancelled');
  if (bad.length > 0 || failed.length > 0) {
    throw new Error(`the load met ${[...bad, ...failed].join(', ')}`);
  }
  return report.perSecond;
}

export const wrk = Bun.which('wrk');

/** GET requests per second under wrk with one thread. */
export async function wrkRate(path: string, load: Omit<Load, 'request'>): Promise<number> {
  const flags = ['-t1', `-c${load.connections}`, `-d${Math.max(1, Math.round(load.seconds))}s`];
  const child = Bun.spawn([wrk ?? 'wrk', ...flags, `http://127.0.0.1:${load.port}${path}`], {
    stdout: 'pipe',
    stderr: 'ignore',
  });
  const output = await new Response(child.stdout).text();
  const rate = /^Requests\/sec:\s+([0-9.]+)$/m.exec(output)?.[1];
  if (rate === undefined || /Non-2xx|Socket errors/.test(output)) {
    throw new Error(`wrk said: ${output}`);
  }
  return Number(rate);
}
