/** The report for programs: its names, and that it is what the lines say. */

import { expect, test } from 'bun:test';
import type { LoadFailure } from '../../../src/load/load.ts';
import { reportJson } from '../../../src/load/report/report-json.ts';
import { brokenThresholds, parseThresholds } from '../../../src/load/report/thresholds.ts';
import { evenLatency, latencyOfAll, reportOf } from './reports.ts';

const plain = {
  countAsked: 1_000,
  connections: 10,
  ended: 1_000,
  completed: 1_000,
  elapsedMs: 500,
  perSecond: 2_000,
  statuses: { '200': 1_000 },
  failures: {},
  errors: 0,
  refused: 0,
  bytesReceived: 123_456,
  bytesSent: 45_000,
  connected: 10,
  reasons: {},
  surplus: 0,
  unsent: 0,
  waited: 0,
  late: 0,
  dropped: 0,
  cancelled: false,
  gaveUp: false,
  retried: 0,
  replayed: 0,
  broken: [],
};

test('a run without any latency', () => {
  expect(JSON.parse(JSON.stringify(reportJson(reportOf(), [])))).toEqual(plain);
});

test('everything else', () => {
  const report = reportOf({
    extent: { kind: 'duration', durationMs: 30_000 },
    rate: 0.5,
    byStatus: new Map([
      [404, 3],
      [200, 997],
    ]),
    byFailure: new Map<LoadFailure, number>([
      ['timeout', 2],
      ['expectation', 1],
    ]),
    refused: 2,
    elapsedMs: 1 / 3,
    fromDue: evenLatency(100),
    fromSend: latencyOfAll([0.5]),
  });
  const conditions = parseThresholds('p99 > 20ms, errors>5, max>1ms');
  if (typeof conditions === 'string') throw new Error(conditions);
  const json = reportJson(report, brokenThresholds(conditions, report));
  expect(json).toMatchObject({
    durationMsAsked: 30_000,
    perSecondAsked: 0.5,
    ended: 1_002,
    elapsedMs: 0.333333,
    statuses: { '200': 997, '404': 3 },
    failures: { timeout: 2, expectation: 1 },
    errors: 5,
    refused: 2,
    latencyFromDueMs: { max: 100 },
    latencyFromSendMs: { min: 0.5, p50: 0.5, 'p99.9': 0.5, max: 0.5 },
    broken: [{ condition: 'p99>20ms' }, { condition: 'max>1ms', measured: 100 }],
  });
  expect(json).not.toHaveProperty('countAsked');
  const { histogram, p50, p75 } = json.latencyFromDueMs ?? { histogram: [], p50: 0, p75: 0 };
  expect([p50, p75].map(Math.round)).toEqual([50, 75]);
  expect(histogram.at(-1)?.[0]).toBe(100);
  expect(histogram.reduce((sum, [, count]) => sum + count, 0)).toBe(100);
});

test('it is one line of JSON, without a number that JSON does not have', () => {
  const text = JSON.stringify(reportJson(reportOf({ elapsedMs: 0, perSecond: 0 }), []));
  expect(text).not.toContain('null');
  expect(text).not.toContain('\n');
});
