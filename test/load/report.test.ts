/** The words and figures of a load report. */

import { expect, test } from 'bun:test';
import type { FailureKind } from '../../src/client/exchange.ts';
import type { LoadReport } from '../../src/load/load.ts';
import { formatReport } from '../../src/load/report.ts';

const plain: LoadReport = {
  count: 3_200,
  completed: 3_200,
  byStatus: new Map([[200, 3_200]]),
  byFailure: new Map(),
  cancelled: false,
  gaveUp: false,
  dropped: 0,
  elapsedMs: 1_234.5,
  perSecond: 2_592.1,
  latencyMs: { p50: 0.409, p90: 12.34, p99: 123.4, max: 12_345 },
};

const rows: { name: string; report: LoadReport; want: string[] }[] = [
  {
    name: 'everything completed',
    report: plain,
    want: [
      'requests   3,200 in 1.23 s, 2,592 per second',
      'statuses   200 ×3,200',
      'latency    p50 0.41 ms   p90 12.3 ms   p99 123 ms   max 12.3 s',
    ],
  },
  {
    name: 'statuses in order, failures by frequency, then by name',
    report: {
      ...plain,
      completed: 3_191,
      byStatus: new Map([
        [503, 1],
        [200, 3_190],
      ]),
      byFailure: new Map<FailureKind, number>([
        ['timeout', 2],
        ['connect', 2],
        ['reset', 5],
      ]),
    },
    want: [
      'requests   3,200 in 1.23 s, 2,592 per second',
      'statuses   200 ×3,190   503 ×1',
      'failures   reset ×5   connect ×2   timeout ×2',
      'latency    p50 0.41 ms   p90 12.3 ms   p99 123 ms   max 12.3 s',
    ],
  },
  {
    name: 'a slow run that was stopped',
    report: {
      ...plain,
      completed: 12,
      byStatus: new Map([[200, 12]]),
      cancelled: true,
      dropped: 20,
      elapsedMs: 10_000,
      perSecond: 1.2,
      latencyMs: { p50: 9.999, p90: 99.99, p99: 9_999, max: 10_000 },
    },
    want: [
      'requests   12 of 3,200 in 10.00 s, 1.2 per second',
      'statuses   200 ×12',
      'latency    p50 10.0 ms   p90 100 ms   p99 9,999 ms   max 10.0 s',
      'unknown    20 were under way, and may have been done',
      'stopped    before all requests were sent',
    ],
  },
  {
    name: 'nothing completed, and it gave up',
    report: {
      count: 1_000,
      completed: 0,
      byStatus: new Map(),
      byFailure: new Map([['connect', 100]]),
      cancelled: false,
      gaveUp: true,
      dropped: 0,
      elapsedMs: 55,
      perSecond: 0,
    },
    want: [
      'requests   100 of 1,000 in 0.06 s, 0.0 per second',
      'failures   connect ×100',
      'stopped    the server cannot be reached any more',
    ],
  },
];

test.each(rows)('$name', ({ report, want }) => {
  expect(formatReport(report)).toEqual(want);
});
