/** One measurement over HTTP: a load of Inkwire's runner, in which nothing may fail. */

import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { FieldLine } from '../../src/http/message.ts';
import { errorsOf, type LoadExtent, latencyOf, type RequestTemplate } from '../../src/load/load.ts';
import { startLoad } from '../../src/load/start-load.ts';
import type { Sample } from './contestant.ts';

const timeoutMs = 30_000;

export interface HttpLoad {
  readonly port: number;
  readonly method: 'PUT' | 'POST';
  /** The requests go to them in turn. */
  readonly pages: readonly string[];
  readonly fields: readonly FieldLine[];
  /** May hold `{{n}}`. */
  readonly text: string;
  readonly extent: LoadExtent;
  readonly connections: number;
}

/** Rejects when a request failed or was refused, and when `signal` is aborted. */
export async function sampleOf(load: HttpLoad, signal: AbortSignal): Promise<Sample> {
  signal.throwIfAborted();
  const { port, method, pages, text, extent, connections } = load;
  const authority = `127.0.0.1:${port}`;
  const requests = pages.map((page): RequestTemplate => {
    const fields: readonly FieldLine[] = [['Host', authority], ...load.fields];
    const content = { kind: 'text', text } as const;
    return { method, target: `/${page}`, fields, content, weight: 1 };
  });
  const plan = {
    endpoint: { host: '127.0.0.1', port, authority },
    ...{ requests, extent, connections, timeoutMs },
    ...{ rampMs: 0, warmupMs: 0, pipeline: 1, threads: 1, keepAlive: true },
  } as const;
  const run = startLoad(plan, systemClock, systemRandom);
  const cancel = (): void => run.cancel();
  signal.addEventListener('abort', cancel);
  try {
    const report = await run.report;
    signal.throwIfAborted();
    if (errorsOf(report) > 0) {
      const met = [...report.byStatus, ...report.byFailure];
      throw new Error(`${method} met ${met.map((counted) => counted.join(' × ')).join(', ')}`);
    }
    const latency = latencyOf(report);
    // The machine is so busy that no connection came about in all of the time.
    const { elapsedMs } = report;
    if (latency === undefined) return { perSecond: 0, p50Ms: elapsedMs, p99Ms: elapsedMs };
    const [p50Ms, p99Ms] = [latency.percentileMs(50), latency.percentileMs(99)];
    return { perSecond: report.perSecond, p50Ms, p99Ms };
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
