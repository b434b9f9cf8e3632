/** The drawn distribution: which buckets there are, and how long their bars. */

import { expect, test } from 'bun:test';
import type { Latency } from '../../../src/load/load.ts';
import { bucketsOf } from '../../../src/load/report/buckets.ts';
import { barText, chartCountMin, drawChart } from '../../../src/load/report/chart.ts';
import { plainText } from '../../../src/load/report/spans.ts';
import { evenLatency, latencyOfAll } from './reports.ts';

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
console.log(`seed ${seed}`);

/** From 0 up to 1, the same row for the same seed. */
function generator(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const random = generator(seed);

function drawn(count: number, next: () => number): Latency {
  return latencyOfAll(Array.from({ length: count }, next));
}

/** The sum of many: a bell around `middle`. */
function bell(middle: number, width: number): number {
  let sum = 0;
  for (let n = 0; n < 12; n += 1) sum += random();
  return Math.max(0.001, middle + (sum - 6) * width);
}

const shapes: readonly (readonly [name: string, latency: Latency, rowsMin: number])[] = [
  ['a bell', drawn(5_000, () => bell(1, 0.15)), 7],
  ['a narrow bell', drawn(5_000, () => bell(50, 0.5)), 6],
  ['a bell and a tail', drawn(5_000, () => (random() < 0.02 ? 200 * random() : bell(1, 0.1))), 9],
  ['two bells far apart', drawn(5_000, () => bell(random() < 0.3 ? 100 : 1, 0.1)), 6],
  ['even', evenLatency(1_000), 10],
  ['falling off', drawn(5_000, () => -Math.log(1 - random()) * 8), 9],
  ['over eight decades', drawn(5_000, () => 10 ** (8 * random() - 3)), 7],
  ['one stall', latencyOfAll([...Array.from({ length: 999 }, () => 0.05), 3_000]), 3],
  ['next to nothing', drawn(100, () => 0.000001 + random() * 1e-9), 1],
  ['all the same', latencyOfAll(Array.from({ length: 100 }, () => 5)), 1],
  ['an hour', drawn(100, () => 3_600_000 * random()), 4],
  ['a single one', latencyOfAll([7.25]), 1],
];

test.each(shapes)('the buckets of %s hold all, in order, and are few', (_, latency, rowsMin) => {
  const buckets = bucketsOf(latency);
  expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(latency.count);
  const edges = buckets.map(({ toMs }) => toMs);
  expect(edges).toEqual([...new Set(edges)].sort((a, b) => a - b));
  expect(buckets.at(0)?.count).toBeGreaterThan(0);
  expect(buckets.at(-1)?.count).toBeGreaterThan(0);
  expect(edges.at(-1) ?? 0).toBeGreaterThanOrEqual(latency.maxMs * 0.999);
  expect(buckets.length).toBeLessThanOrEqual(16);
  expect(buckets.length).toBeGreaterThanOrEqual(rowsMin);
});

test('edges are round', () => {
  for (const [, latency] of shapes) {
    for (const { toMs } of bucketsOf(latency)) {
      const digits = Number(toMs.toPrecision(12)).toExponential().replace(/e.*/, '');
      expect(digits.replace('.', '').length).toBeLessThanOrEqual(4);
    }
  }
});

test('even latencies have even buckets', () => {
  expect(bucketsOf(evenLatency(100)).map(({ toMs }) => toMs)).toEqual(
    Array.from({ length: 10 }, (_, at) => (at + 1) * 10),
  );
});

test('two bells are both seen, and the gap between them', () => {
  const latency = latencyOfAll([
    ...Array.from({ length: 70 }, (_, at) => 1 + at / 100),
    ...Array.from({ length: 30 }, (_, at) => 100 + at),
  ]);
  expect(bucketsOf(latency)).toEqual([
    { toMs: 1, count: 1 },
    { toMs: 2, count: 69 },
    { toMs: 5, count: 0 },
    { toMs: 10, count: 0 },
    { toMs: 20, count: 0 },
    { toMs: 50, count: 0 },
    { toMs: 100, count: 1 },
    { toMs: 150, count: 29 },
  ]);
});

const few = latencyOfAll([
  ...Array.from({ length: 3 }, () => 0.15),
  ...Array.from({ length: 90 }, () => 0.25),
  ...Array.from({ length: 40 }, () => 0.35),
  ...Array.from({ length: 2 }, () => 0.45),
  0.999,
]);

function chart(columns: number, ascii = false, heading = 'from the send'): string[] {
  return drawChart(few, heading, { columns, ascii }).map(plainText);
}

test('the picture', () => {
  expect(chart(60)).toEqual([
    ' up to   count   share  from the send',
    '150 µs       3    2.2%  █▏',
    '175 µs       0      0%',
    '200 µs       0      0%',
    '225 µs       0      0%',
    '250 µs      90   66.2%  ████████████████████████████████ p50',
    '275 µs       0      0%',
    '300 µs       0      0%',
    '325 µs       0      0%',
    '350 µs      40   29.4%  ██████████████▎ p90',
    '400 µs       0      0%',
    '500 µs       2    1.5%  ▊ p99',
    '600 µs       0      0%',
    '800 µs       0      0%',
    '  1 ms       1    0.7%  ▍',
  ]);
});

test.each([
  [0, 10, '', ''],
  [0.0001, 10, '▏', '#'],
  [0.05, 10, '▌', '#'],
  [0.1, 10, '█', '#'],
  [0.5, 10, '█████', '#####'],
  [0.56, 10, '█████▋', '######'],
  [0.999, 10, '██████████', '##########'],
  [1, 10, '██████████', '##########'],
] as const)('a bar of %p of %p columns', (share, columns, blocks, ascii) => {
  expect(barText(share, columns, false)).toBe(blocks);
  expect(barText(share, columns, true)).toBe(ascii);
});

test('no line is wider than asked, and without room there are no bars', () => {
  for (const columns of [26, 40, 41, 47, 59, 79, 80, 93, 120, 160]) {
    for (const ascii of [true, false]) {
      for (const line of chart(columns, ascii)) expect(line.length).toBeLessThanOrEqual(columns);
    }
  }
  expect(chart(28).join('')).not.toContain('█');
});

test('where it is narrower the marks go, and then all of it', () => {
  const head = ' up to   count   share';
  for (const columns of [head.length, head.length + 3]) {
    expect(chart(columns)[0]).toBe(head);
    expect(chart(columns)).toContain('250 µs      90   66.2%');
  }
  expect(chart(head.length + 4)).toContain('250 µs      90   66.2% p50');
  expect(chart(head.length - 1)).toEqual([]);
});

test('ASCII alone on request', () => {
  expect(chart(80, true, '').slice(1).join('')).toMatch(/^[ -~µ]*$/);
});

test('too few for a distribution', () => {
  const some = (count: number) =>
    drawChart(evenLatency(count), '', { columns: 80, ascii: false }).length;
  expect(some(chartCountMin - 1)).toBe(0);
  expect(some(chartCountMin)).toBeGreaterThan(2);
});
