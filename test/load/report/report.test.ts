/** The words and figures of a load report, and their place on the line. */

import { describe, expect, test } from 'bun:test';
import type { LoadFailure, LoadReport } from '../../../src/load/load.ts';
import { formatReport } from '../../../src/load/report/report.ts';
import { plainText, wrapped } from '../../../src/load/report/spans.ts';
import { brokenThresholds, parseThresholds } from '../../../src/load/report/thresholds.ts';
import { evenLatency, latencyOfAll, reportOf } from './reports.ts';

function textOf(report: LoadReport, conditions = '', columns = 80): string[] {
  const thresholds = conditions === '' ? [] : parseThresholds(conditions);
  if (typeof thresholds === 'string') throw new Error(thresholds);
  const broken = brokenThresholds(thresholds, report);
  return formatReport(report, broken, { columns, ascii: false }).map(plainText);
}

const silent = { bytesReceived: 0, bytesSent: 0 };

const rows: readonly (readonly [name: string, report: LoadReport, want: readonly string[]])[] = [
  [
    'everything completed',
    reportOf(),
    [
      'requests   1,000 in 0.50 s, 2,000 per second',
      'statuses   200 ×1,000',
      'bytes      123 kB received (247 kB/s), 45.0 kB sent (90.0 kB/s)',
    ],
  ],
  [
    'statuses in order; failures by frequency, then in the order of their kinds',
    reportOf({
      ...silent,
      completed: 992,
      byStatus: new Map([
        [503, 1],
        [200, 991],
      ]),
      byFailure: new Map<LoadFailure, number>([
        ['timeout', 2],
        ['connect', 2],
        ['closed', 3],
        ['parse', 1],
        ['expectation', 1],
      ]),
    }),
    [
      'requests   1,000 in 0.50 s, 2,000 per second',
      'statuses   200 ×991   503 ×1',
      'failures   closed before the end ×3   no connection ×2   timed out ×2',
      '           no HTTP ×1   unexpected status ×1',
    ],
  ],
  [
    'a slow run that was stopped',
    reportOf({
      ...silent,
      completed: 12,
      byStatus: new Map([[200, 12]]),
      cancelled: true,
      dropped: 20,
      elapsedMs: 10_000,
      perSecond: 1.2,
    }),
    [
      'requests   12 of 1,000 in 10.0 s, 1.2 per second',
      'statuses   200 ×12',
      'unknown    20 were under way, and may have been done',
      'stopped    before all requests were sent',
    ],
  ],
  [
    'a timed run that was stopped',
    reportOf({
      ...silent,
      extent: { kind: 'duration', durationMs: 600_000 },
      cancelled: true,
      dropped: 1,
      elapsedMs: 121_000,
    }),
    [
      'requests   1,000 in 2 min 1 s of 10 min 0 s, 2,000 per second',
      'statuses   200 ×1,000',
      'unknown    1 was under way, and may have been done',
      'stopped    before the time was over',
    ],
  ],
  [
    'nothing completed, and it gave up',
    reportOf({
      ...silent,
      completed: 0,
      byStatus: new Map(),
      byFailure: new Map([['connect', 100]]),
      gaveUp: true,
      elapsedMs: 55,
      perSecond: 0,
    }),
    [
      'requests   100 of 1,000 in 0.06 s, 0.0 per second',
      'failures   no connection ×100',
      'stopped    no connection comes about',
    ],
  ],
  [
    'a schedule that was kept badly',
    reportOf({
      ...silent,
      extent: { kind: 'duration', durationMs: 1_000 },
      rate: 1_500,
      elapsedMs: 1_000,
      perSecond: 1_000,
      unsent: 400,
      waited: 500,
      late: 100,
    }),
    [
      'requests   1,000 in 1.00 s, 1,000 per second of 1,500 asked for',
      'statuses   200 ×1,000',
      'unsent     400 were due and never sent, for no connection became free; see -c',
      'waited     500 (50.0%) until a connection was there and free',
      'late       100 (10.0%) were sent over 1 ms late: this machine is too busy; try',
      '           --threads, or a lower --rate',
    ],
  ],
  [
    'a few that were late',
    reportOf({ ...silent, rate: 2_000, late: 9 }),
    [
      'requests   1,000 in 0.50 s, 2,000 per second of 2,000 asked for',
      'statuses   200 ×1,000',
      "late       9 (0.9%) were sent over 1 ms late, by this client's own doing",
    ],
  ],
  [
    'few latencies, in one column and without a picture',
    reportOf({ ...silent, fromSend: latencyOfAll([0.25, 1.5, 12, 1_500]) }),
    [
      'requests   1,000 in 0.50 s, 2,000 per second',
      'statuses   200 ×1,000',
      '',
      'latency    min      250 µs',
      '           mean     378 ms',
      '           p50     1.50 ms',
      '           p75     12.0 ms',
      '           p90     1.50 s',
      '           p99     1.50 s',
      '           p99.9   1.50 s',
      '           max     1.50 s',
    ],
  ],
  [
    'a schedule: two columns, and which one counts',
    reportOf({
      ...silent,
      rate: 2_000,
      fromDue: latencyOfAll([1, 2, 100]),
      fromSend: latencyOfAll([1, 2, 3]),
    }),
    [
      'requests   1,000 in 0.50 s, 2,000 per second of 2,000 asked for',
      'statuses   200 ×1,000',
      '',
      'latency            from the schedule   from the send',
      '           min               1.00 ms         1.00 ms',
      '           mean              34.3 ms         2.00 ms',
      '           p50               2.00 ms         2.00 ms',
      '           p75                100 ms         3.00 ms',
      '           p90                100 ms         3.00 ms',
      '           p99                100 ms         3.00 ms',
      '           p99.9              100 ms         3.00 ms',
      '           max                100 ms         3.00 ms',
      'note       requests waited to be sent: users feel the time from the schedule',
    ],
  ],
];

test.each(rows)('%s', (_, report, want) => {
  expect(textOf(report)).toEqual([...want]);
});

const notes: readonly (readonly [
  name: string,
  parts: Partial<LoadReport>,
  want: RegExp | undefined,
])[] = [
  ['columns that agree', { rate: 9, fromDue: evenLatency(9), fromSend: evenLatency(9) }, undefined],
  [
    'columns that differ by too little to be felt',
    { rate: 9, fromDue: latencyOfAll([0.6]), fromSend: latencyOfAll([0.2]) },
    undefined,
  ],
  [
    'connecting',
    { fromDue: latencyOfAll([3]), fromSend: latencyOfAll([1]) },
    /^note {7}users feel the time with connecting, not that from the send$/,
  ],
  [
    'a stall that a closed loop hides',
    { fromSend: latencyOfAll([...Array.from({ length: 999 }, () => 1), 11]) },
    /^note {7}a stall of 11.0 ms counts once per connection; --rate counts it all$/,
  ],
  [
    'a stall on a schedule',
    { rate: 9, fromSend: latencyOfAll([...Array.from({ length: 999 }, () => 1), 11]) },
    undefined,
  ],
  [
    'a greatest latency that belongs to the rest',
    { fromSend: latencyOfAll([...Array.from({ length: 999 }, () => 2), 19]) },
    undefined,
  ],
  [
    'a stall that is too short to speak of',
    { fromSend: latencyOfAll([...Array.from({ length: 999 }, () => 0.1), 9]) },
    undefined,
  ],
];

test.each(notes)('the note on %s', (_, parts, want) => {
  const note = textOf(reportOf(parts)).filter((line) => line.startsWith('note'));
  if (want === undefined) expect(note).toEqual([]);
  else expect(note).toEqual([expect.stringMatching(want)]);
});

test('connecting has its heading', () => {
  const lines = textOf(reportOf({ fromDue: evenLatency(30), fromSend: evenLatency(30) }));
  expect(lines).toContain('latency            with connecting   from the send');
  expect(lines.find((line) => line.startsWith('spread'))).toEndWith('  with connecting');
});

test('the picture comes last, and below it the conditions that were broken', () => {
  const lines = textOf(reportOf({ fromSend: evenLatency(100) }), 'p99>20ms,errors>0,max>1ms');
  expect(lines.slice(-3)).toEqual([
    '',
    'failed     p99 was 99.0 ms, over 20 ms',
    'failed     max was 100 ms, over 1 ms',
  ]);
  expect(lines.at(-4)).toMatch(/^ {11}100 ms .* █+ p99$/u);
});

describe('where the terminal is narrow', () => {
  const report = reportOf({
    rate: 1_000,
    unsent: 123_456,
    waited: 123_456,
    late: 123_456,
    dropped: 123_456,
    byStatus: new Map([200, 201, 304, 404, 500].map((status) => [status, 123_456])),
    byFailure: new Map<LoadFailure, number>([
      ['closed', 1],
      ['timeout', 1],
    ]),
    fromDue: evenLatency(5_000),
    fromSend: evenLatency(100),
  });
  const headingOf = (columns: number, parts: Partial<LoadReport> = {}) =>
    textOf({ ...report, ...parts }, '', columns).find((line) => line.startsWith('latency'));

  test('no line is wider than it', () => {
    for (let columns = 36; columns <= 140; columns += 1) {
      const lines = textOf(report, 'p99.9999>1ms,rate<1000000', columns);
      expect([columns, lines.filter((line) => line.length >= columns)]).toEqual([columns, []]);
    }
  });

  const rows: readonly (readonly [columns: number, heading: string])[] = [
    [53, 'latency            from the schedule   from the send'],
    [52, 'latency            schedule      send'],
    [38, 'latency            schedule      send'],
    // What users feel stays.
    [37, 'latency            from the schedule'],
    [36, 'latency            schedule'],
  ];
  test.each(rows)('in %i columns the headings are: %s', (columns, heading) => {
    expect(headingOf(columns)).toBe(heading);
  });

  test('one for the times with connecting', () => {
    const { rate: _, ...rest } = report;
    const lines = textOf(rest, '', 45);
    expect(lines).toContain('latency            connecting      send');
    expect(lines).toContain('           max        5.00 s     100 ms');
  });
});

test.each([
  ['a bc def', 4, ['a bc', 'def']],
  ['a bc def', 8, ['a bc def']],
  ['abcdef g', 3, ['abcdef', 'g']],
  ['', 3, []],
] as const)('%j in %d columns', (text, columns, want) => {
  expect(wrapped(text, columns)).toEqual([...want]);
});
