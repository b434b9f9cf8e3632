/** Reports of runs that never were, for the tests of what is made of reports. */

import { LatencyHistogram } from '../../../src/load/latency.ts';
import type { Latency, LoadReport } from '../../../src/load/load.ts';

/** The distribution of these latencies, in the histogram that runs are measured with. */
export function latencyOfAll(milliseconds: Iterable<number>): Latency {
  const histogram = new LatencyHistogram();
  for (const ms of milliseconds) histogram.record(ms);
  return histogram;
}

/** 1 ms, 2 ms and so on up to `count` ms. */
export function evenLatency(count: number): Latency {
  return latencyOfAll(Array.from({ length: count }, (_, index) => index + 1));
}

/** A run of 1,000 requests without anything of note, and what `parts` say instead. */
export function reportOf(parts: Partial<LoadReport> = {}): LoadReport {
  return {
    extent: { kind: 'count', count: 1_000 },
    connections: 10,
    completed: 1_000,
    byStatus: new Map([[200, 1_000]]),
    byFailure: new Map(),
    reasons: new Map(),
    surplus: 0,
    retried: 0,
    replayed: 0,
    refused: 0,
    bytesReceived: 123_456,
    bytesSent: 45_000,
    connected: 10,
    cancelled: false,
    gaveUp: false,
    dropped: 0,
    unsent: 0,
    waited: 0,
    late: 0,
    elapsedMs: 500,
    perSecond: 2_000,
    ...parts,
  };
}
