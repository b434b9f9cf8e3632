/** The rule of neighbours, the tables and the pictures. */

import { describe, expect, test } from 'bun:test';
import type { Finding } from '../../../bench/files/finding.ts';
import { rowsPlot, sweepPlot } from '../../../bench/files/plots.ts';
import {
  fallsOf,
  type Measured,
  measureFallsAgain,
  type Point,
  pointsAgainMax,
  sizeName,
} from '../../../bench/files/sweep.ts';
import { fallsText, findingsTable, freshnessText, sweepTable } from '../../../bench/files/table.ts';

const sizes = [1_024, 4_096, 16_384];
const crowds = [1, 4, 16];

/** @param ratios a line for each size, in it a figure for each number of connections */
function grid(...ratios: readonly (readonly number[])[]): Point[] {
  return ratios.flatMap((line, row) =>
    line.map((ratio, column) => ({
      bytes: sizes[row] ?? 0,
      connections: crowds[column] ?? 0,
      ratio,
    })),
  );
}

describe('neighbours', () => {
  const rows: { name: string; points: Point[]; want: string[] }[] = [
    { name: 'all alike', points: grid([1, 1, 1], [1, 1, 1], [1, 1, 1]), want: [] },
    { name: 'by half exactly', points: grid([2, 1, 1], [1, 1, 0.5]), want: [] },
    { name: 'over connections', points: grid([2, 0.99, 1]), want: ['1024×1>1024×4'] },
    { name: 'over sizes', points: grid([2], [1.5], [0.7]), want: ['4096×1>16384×1'] },
    { name: 'the other way', points: grid([0.9, 2, 2]), want: ['1024×4>1024×1'] },
    { name: 'not across', points: grid([4, 2], [2, 1]), want: [] },
    { name: 'not over a step', points: grid([4, 2, 1]), want: [] },
    {
      name: 'a hole',
      points: grid([1, 1, 1], [1, 0.4, 1], [1, 1, 1]),
      want: ['1024×4>4096×4', '4096×1>4096×4', '4096×16>4096×4', '16384×4>4096×4'],
    },
  ];
  for (const { name, points, want } of rows) {
    test(name, () => {
      const at = ({ bytes, connections }: Point): string => `${bytes}×${connections}`;
      const found = fallsOf(points).map(({ from, to }) => `${at(from)}>${at(to)}`);
      expect(found).toEqual(want);
      const said = fallsText(fallsOf(points));
      expect(said).toContain(want.length === 0 ? '**reached**' : '**not reached**, from ');
    });
  }
});

describe('a point in a fall', () => {
  const line = (...ratios: readonly number[]): Measured[] =>
    ratios.map((ratio, at) => ({ bytes: 1_024, connections: 4 ** at, ratios: [ratio] }));
  const rows: { name: string; points: Measured[]; later: number; want: number[] }[] = [
    {
      name: 'is measured until there are three, and its neighbour',
      points: line(1, 0.4, 1, 1),
      later: 1,
      want: [3, 3, 3, 1],
    },
    { name: 'there is none', points: line(1, 0.6, 1), later: 1, want: [1, 1, 1] },
    {
      name: 'brings the next one into it',
      points: line(1, 2.1, 1.5, 0.8),
      later: 4,
      want: [3, 3, 3, 3],
    },
  ];
  for (const { name, points, later, want } of rows) {
    test(name, async () => {
      await measureFallsAgain(points, async ({ ratios }) => void ratios.push(later));
      expect(points.map(({ ratios }) => ratios.length)).toEqual(want);
    });
  }

  test('not too many are', async () => {
    const points = line(...Array.from({ length: 2 * pointsAgainMax }, (_, at) => 1 + (at % 2) * 9));
    await measureFallsAgain(points, async ({ ratios }) => void ratios.push(ratios[0] ?? 0));
    expect(points.filter(({ ratios }) => ratios.length > 1)).toHaveLength(pointsAgainMax);
  });
});

test('sizes have names', () => {
  const named = [286, 1_024, 65_536, 4 * 1024 ** 2, 1024 ** 3].map(sizeName);
  expect(named).toEqual(['286 B', '1 KiB', '64 KiB', '4 MiB', '1 GiB']);
});

test('the sweep is a table', () => {
  expect(
    sweepTable(grid([1.5, 1.25], [1, 0.75]))
      .split('\n')
      .slice(0, 4),
  ).toEqual([
    '| connections | 1 | 4 |',
    '|---|---|---|',
    '| 1 KiB | 1.50 | 1.25 |',
    '| 4 KiB | 1.00 | 0.75 |',
  ]);
});

const found: Finding = {
  row: 'hot',
  work: 'GET 286 B',
  goal: { kind: 'at least', value: 1.15, unit: '×' },
  inkwire: '150,000/s',
  nginx: '100,000/s',
  measured: { median: 1.5, lower: 1.4, upper: 1.6 },
};

describe('table of rows', () => {
  const rows: { name: string; finding: Finding; want: string }[] = [
    {
      name: 'reached',
      finding: found,
      want: '| GET 286 B | at least 1.15 × | 1.50 × | 1.40 to 1.60 | yes | 150,000/s | 100,000/s |',
    },
    {
      name: 'not reached, and a note',
      finding: { ...found, measured: { median: 1.1, lower: 1.1, upper: 1.1 }, note: 'why' },
      want: '| GET 286 B (why) | at least 1.15 × | 1.10 × |  | **no** | 150,000/s | 100,000/s |',
    },
    {
      name: 'not measured',
      finding: { ...found, inkwire: '', nginx: '', measured: 'no nginx' },
      want: '| GET 286 B | at least 1.15 × | not measured: no nginx |  |  |  |  |',
    },
    {
      name: 'milliseconds',
      finding: {
        ...found,
        goal: { kind: 'under', value: 200, unit: 'ms' },
        measured: { median: 187.4, lower: 180, upper: 190 },
      },
      want: '| GET 286 B | under 200 ms | 187 ms | 180 to 190 | yes | 150,000/s | 100,000/s |',
    },
  ];
  for (const { name, finding, want } of rows) {
    test(name, () => expect(findingsTable([finding]).split('\n').at(-1)).toBe(want));
  }
});

describe('freshness', () => {
  test('none stale', () => {
    const text = freshnessText({ asked: 1_200, stale: 0 }, { asked: 0, stale: 0 });
    expect(text).toEndWith('1,200 times; none was answered with what had been.');
  });

  test('one stale, and nginx', () => {
    const text = freshnessText({ asked: 10, stale: 1 }, { asked: 8, stale: 6 });
    expect(text).toContain('**1 were** answered with what had been.');
    expect(text).toEndWith('6 of 8 were.');
  });
});

describe('pictures', () => {
  const points = grid([0.1, 0.5, 1], [1, 2, 5]);

  test('a line for each number of connections, a dot for each point', () => {
    const svg = sweepPlot(points);
    expect(svg.match(/<circle /g)).toHaveLength(points.length);
    expect(svg.match(/fill="none"/g)).toHaveLength(crowds.length);
    for (const text of ['1 KiB', '4 KiB', '>1 connection<', '16 connections', '1 ×', '8 ×']) {
      expect(svg).toContain(text);
    }
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('higher is better, and 1 is where it belongs', () => {
    const heights = [...sweepPlot(points).matchAll(/<circle cx="[^"]*" cy="([^"]*)"/g)];
    const [worst = 0, , , best = 0] = heights.map(([, y]) => Number(y));
    expect(worst).toBeGreaterThan(best);
  });

  test('a bar for each row that is a ratio', () => {
    const other: Finding = { ...found, goal: { kind: 'under', value: 48, unit: 'MiB' } };
    const low: Finding = {
      ...found,
      work: 'a < b & c',
      measured: { median: 0.3, lower: 0.2, upper: 0.4 },
    };
    const svg = rowsPlot([found, other, low, { ...found, measured: 'not there' }]);
    expect(svg.match(/<circle /g)).toHaveLength(2);
    expect(svg).toContain('a &lt; b &amp; c');
    const colours = [...svg.matchAll(/<circle [^>]*fill="([^"]+)"/g)].map(([, colour]) => colour);
    expect(new Set(colours).size).toBe(2);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('what is no number is drawn at the low end', () => {
    expect(sweepPlot(grid([Number.NaN, 0, 1]))).not.toMatch(/NaN|Infinity/);
  });
});
