/** `:verify` names what a server does wrong, and nothing else; an open outcome is no fault. */

import { describe, expect, test } from 'bun:test';
import type { FaultKind } from '../../../src/load/checker-verdict.ts';
import { type Plant, startFaultyServer } from './faulty-server.ts';
import { kindsOf, reportOf } from './runs.ts';

interface Row {
  readonly plant: Plant;
  /** Edits, or reads, that it happens to: behind the first ones, from which the layout is learned. */
  readonly on: readonly number[];
  readonly kinds: readonly FaultKind[];
  /** How many faults of the kind there are, where that is certain. */
  readonly count?: number;
}

const rows: readonly Row[] = [
  { plant: 'nothing', on: [], kinds: [] },
  { plant: 'dropped', on: [50, 90], kinds: ['lost'], count: 2 },
  { plant: 'race', on: [60], kinds: ['lost'], count: 3 },
  { plant: 'doubled', on: [60], kinds: ['doubled'], count: 1 },
  { plant: 'cut', on: [12], kinds: ['torn'], count: 1 },
  { plant: 'mixed', on: [12], kinds: ['torn'], count: 1 },
  { plant: 'misplaced', on: [60], kinds: ['reordered'] },
  { plant: 'old-page', on: [30], kinds: ['stale'] },
  { plant: 'refused-done', on: [60, 61], kinds: ['phantom'], count: 2 },
  { plant: 'refused', on: [60, 61], kinds: [] },
  { plant: 'closed-done', on: [60, 61, 62], kinds: [] },
  { plant: 'closed-undone', on: [60, 61, 62], kinds: [] },
  { plant: 'done-later', on: [60, 61, 62], kinds: [] },
];

describe.each([true, false])('answers with the page: %p', (answersWithPage) => {
  test.each(rows)('$plant', async ({ plant, on, kinds, count }) => {
    using server = startFaultyServer({ plant, on, answersWithPage });
    const report = await reportOf(server.port);
    const example = report.examples[0];
    expect(kindsOf(report)).toEqual([...kinds]);
    expect(report.confirmed).toBe(kinds.length === 0);
    const [kind] = kinds;
    if (kind === undefined) return;
    expect(example?.kind).toBe(kind);
    expect(example?.target).toBe('/test.html');
    expect(report.counts[kind]).toBe(count ?? report.counts[kind]);
  });
});

test.each([
  ['closed-done', { unknown: 2, unknownStanding: 2, acknowledged: 198 }],
  ['closed-undone', { unknown: 2, unknownStanding: 0, acknowledged: 198 }],
  ['done-later', { unknown: 2, unknownStanding: 2, acknowledged: 198 }],
  ['refused', { unknown: 0, refused: 2, acknowledged: 198 }],
] as const)('%s is counted as what it is', async (plant, figures) => {
  using server = startFaultyServer({ plant, on: [60, 80] });
  expect((await reportOf(server.port)).figures).toMatchObject(figures);
});

test('the copies are kept when something is wrong, and removed when nothing is', async () => {
  using faulty = startFaultyServer({ plant: 'dropped', on: [70] });
  const report = await reportOf(faulty.port, { copies: 3 });
  const targets = ['/test-1.html', '/test-2.html', '/test-3.html'];
  expect(report.notes).toEqual([{ kind: 'copies-kept', targets }]);
  expect([...faulty.pages.keys()]).toEqual(['/test.html', ...targets]);
  using right = startFaultyServer({ plant: 'nothing', on: [] });
  expect((await reportOf(right.port, { copies: 3 })).notes).toEqual([]);
  expect([...right.pages.keys()]).toEqual(['/test.html']);
});
