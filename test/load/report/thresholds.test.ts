/** Conditions of `--fail-if`: how they are written, and when they are broken. */

import { expect, test } from 'bun:test';
import type { LoadFailure, LoadReport } from '../../../src/load/load.ts';
import {
  brokenThresholds,
  endedOf,
  hasFailed,
  parseThresholds,
  type Threshold,
  thresholdsMax,
} from '../../../src/load/report/thresholds.ts';
import { evenLatency, latencyOfAll, reportOf } from './reports.ts';

function thresholds(text: string): readonly Threshold[] {
  const read = parseThresholds(text);
  if (typeof read === 'string') throw new Error(read);
  return read;
}

const read: readonly (readonly [text: string, name: string, operator: string, limit: number])[] = [
  ['p99>20ms', 'p99', '>', 20],
  ['P99.9 >= 1.5s', 'p99.9', '>=', 1_500],
  ['p0<1ms', 'p0', '<', 1],
  ['p100<=500us', 'p100', '<=', 0.5],
  ['p50>2µs', 'p50', '>', 0.002],
  ['mean>20ms', 'mean', '>', 20],
  ['min>0ms', 'min', '>', 0],
  ['max>1s', 'max', '>', 1_000],
  ['errors>0', 'errors', '>', 0],
  ['errors%>0.5', 'errors%', '>', 0.5],
  ['errors%>=1%', 'errors%', '>=', 1],
  ['rate<950', 'rate', '<', 950],
  ['rate<950.5/s', 'rate', '<', 950.5],
  ['4xx>3', '4xx', '>', 3],
  ['5xx>0', '5xx', '>', 0],
  ['404>0', '404', '>', 0],
];

test.each(read)('%j', (text, name, operator, limit) => {
  const [found] = thresholds(text);
  expect(found).toMatchObject({ name, operator, limit });
});

test('several, with blanks', () => {
  const found = thresholds(' p99 > 20ms , errors>0,rate<10 ');
  expect(found.map(({ text }) => text)).toEqual(['p99>20ms', 'errors>0', 'rate<10']);
});

const refused: readonly (readonly [text: string, said: RegExp])[] = [
  ['', /^"" is no condition; expected a metric, >, >=, < or <=, and a limit, as p99>20ms$/],
  ['p99', /^"p99" is no condition/],
  ['p99>', /^"p99>" is no condition/],
  ['>20ms', /is no condition/],
  ['p99=20ms', /is no condition/],
  ['p99==20ms', /is no condition/],
  ['p99>20ms,', /^"" is no condition/],
  ['p99>20ms>3', /is no condition/],
  ['p101>1ms', /^there is no metric "p101"; expected p50, p99.9 \(p0 to p100\), min/],
  ['p>1ms', /^there is no metric "p"/],
  ['median>1ms', /^there is no metric "median"/],
  ['6xx>1', /^there is no metric "6xx"/],
  ['604>1', /^there is no metric "604"/],
  ['constructor>1', /^there is no metric "constructor"/],
  ['p99>20', /^p99>20: expected a time with its unit, as 500us, 20ms or 1\.5s$/],
  ['p99>-20ms', /^p99>-20ms: expected a time/],
  ['p99>20m', /expected a time/],
  ['mean>ms', /expected a time/],
  ['errors>1.5', /^errors>1\.5: expected a count in digits$/],
  ['errors>1%', /expected a count/],
  ['4xx>1ms', /expected a count/],
  ['errors%>101', /^errors%>101: expected percent from 0 to 100$/],
  ['rate<1ms', /^rate<1ms: expected a number of requests per second$/],
];

test.each(refused)('%j is refused', (text, said) => {
  expect(parseThresholds(text)).toMatch(said);
});

test('at most so many', () => {
  const most = Array.from({ length: thresholdsMax }, () => 'errors>0').join(',');
  expect(thresholds(most)).toHaveLength(thresholdsMax);
  expect(parseThresholds(`${most},errors>0`)).toBe('33 conditions are too many; at most 32');
});

/** 1 to 100 ms; 3 of 103 failed, 10 were refused. */
const run = reportOf({
  completed: 100,
  byStatus: new Map([
    [200, 88],
    [404, 10],
    [503, 2],
  ]),
  byFailure: new Map<LoadFailure, number>([
    ['timeout', 3],
    ['expectation', 2],
  ]),
  refused: 10,
  perSecond: 999.7,
  fromSend: evenLatency(100),
});

const judged: readonly (readonly [text: string, said: string | undefined])[] = [
  ['p50>50.1ms', undefined],
  ['p50>49ms', 'p50 was 50.0 ms, over 49 ms'],
  ['p50>=49ms', 'p50 was 50.0 ms, not under 49 ms'],
  ['p99<1s', 'p99 was 99.0 ms, under 1 s'],
  ['p99<=1s', 'p99 was 99.0 ms, not over 1 s'],
  ['p99>1s', undefined],
  ['min<1.5ms', 'min was 1.00 ms, under 1.5 ms'],
  ['p0>500us', 'p0 was 1.00 ms, over 500 µs'],
  ['max>=100ms', 'max was 100 ms, not under 100 ms'],
  ['max>100ms', undefined],
  ['p100>99.99ms', 'p100 was 100 ms, over 99.99 ms'],
  ['mean>50ms', 'mean was 50.5 ms, over 50 ms'],
  ['errors>14', 'errors were 15, over 14'],
  ['errors>15', undefined],
  ['errors%>14', 'errors% was 14.6%, over 14%'],
  ['errors%>14.6', undefined],
  ['rate<1000', 'rate was 999.7/s, under 1,000/s'],
  ['rate<900', undefined],
  ['4xx>9', '4xx were 10, over 9'],
  ['4xx>10', undefined],
  ['5xx>0', '5xx were 2, over 0'],
  ['503>0', '503 were 2, over 0'],
  ['500>0', undefined],
  ['2xx<1000', '2xx were 88, under 1,000'],
];

test.each(judged)('%j of a run', (text, said) => {
  const broken = brokenThresholds(thresholds(text), run);
  expect(broken.map((one) => one.said)).toEqual(said === undefined ? [] : [said]);
});

test('the broken ones are told in their order, with what was measured', () => {
  const broken = brokenThresholds(thresholds('errors>0,p50>1s,max>1ms'), run);
  expect(broken.map(({ threshold, measured }) => [threshold.text, measured])).toEqual([
    ['errors>0', 15],
    ['max>1ms', 100],
  ]);
});

test('the latency is the one from the schedule, where there is one', () => {
  const report = { ...run, fromDue: latencyOfAll([500]) };
  expect(brokenThresholds(thresholds('min>400ms'), report)).toHaveLength(1);
});

test('without any response every latency is broken, whichever way it is compared', () => {
  const report = reportOf({ completed: 0, byStatus: new Map(), perSecond: 0 });
  const broken = brokenThresholds(thresholds('p99>20ms,p99<20ms,mean>1s'), report);
  expect(broken.map((one) => one.said)).toEqual([
    'p99 is not known: no response came',
    'p99 is not known: no response came',
    'mean is not known: no response came',
  ]);
  expect(brokenThresholds(thresholds('errors%>1'), report)).toHaveLength(1);
  expect(brokenThresholds(thresholds('errors>0,rate>1,5xx>0'), report)).toEqual([]);
});

test('an answer that was not expected is counted once', () => {
  expect(endedOf(run)).toBe(103);
});

const failures: readonly (readonly [
  name: string,
  report: LoadReport,
  conditions: string,
  refusedCounts: boolean,
  failed: boolean,
])[] = [
  ['all well', reportOf(), '', true, false],
  ['failures', run, '', false, true],
  ['failures, and a condition of another kind', run, 'p99>1s', false, true],
  ['failures within what is allowed', run, 'errors%>20', false, false],
  ['failures beyond it', run, 'errors>14', false, true],
  ['refused', reportOf({ refused: 1 }), '', false, false],
  ['refused where it counts', reportOf({ refused: 1 }), '', true, true],
  ['refused where it counts, but is allowed', reportOf({ refused: 1 }), 'errors>1', true, false],
  ['never sent', reportOf({ unsent: 1 }), '', false, true],
  ['never sent, but within what is allowed', reportOf({ unsent: 1 }), 'errors>1', false, false],
  ['nothing measured', reportOf({ completed: 0, byStatus: new Map() }), 'errors>1', false, true],
  ['stopped', reportOf({ cancelled: true }), 'errors>1', false, true],
  ['given up', reportOf({ gaveUp: true }), 'errors>1', false, true],
];

test.each(failures)('%s', (_, report, conditions, refusedCounts, failed) => {
  const list = conditions === '' ? [] : thresholds(conditions);
  expect(hasFailed(report, list, refusedCounts)).toBe(failed);
});
