/** `:verify` names what a server does wrong, and nothing else; an open outcome is no fault. */

import { describe, expect, test } from 'bun:test';
import type { FaultKind } from '../../../src/load/history/verdict.ts';
import { until } from '../../support/server.ts';
import { type Plant, startFaultyServer } from './faulty-server.ts';
import { hurriedClock, kindsOf, reportOf, startRun } from './runs.ts';

interface Row {
  readonly plant: Plant;
  /** Edits, or reads, that it happens to, behind those from which the layout is learned. */
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

test.each([
  { keyPrefix: 'run', knowsKeys: true, kinds: [] },
  { keyPrefix: 'run', knowsKeys: false, kinds: ['doubled'] },
  { keyPrefix: undefined, knowsKeys: true, kinds: ['doubled'] },
] as const)('edits that come twice: %p', async ({ keyPrefix, knowsKeys, kinds }) => {
  const on = [60, 90, 120];
  using server = startFaultyServer({ plant: 'repeated', on, answersWithPage: true, knowsKeys });
  const report = await reportOf(server.port, keyPrefix === undefined ? {} : { keyPrefix });
  expect(kindsOf(report)).toEqual([...kinds]);
  expect(report.figures.acknowledged).toBe(200);
  // Each write has a key of its own, or none has one.
  const keys = new Set(server.keys);
  if (keyPrefix === undefined) expect([...keys]).toEqual([undefined]);
  else expect(keys.size).toBe(server.keys.length);
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

test('a short run looks often enough to see that one read in five is stale', async () => {
  const on = numbers(1, 2_000).filter((read) => read > 5 && read % 5 === 0);
  using server = startFaultyServer({ plant: 'old-page', on });
  const report = await reportOf(server.port, { edits: 200, connections: 64, readers: 4 });
  expect(report.figures.reads).toBeGreaterThanOrEqual(100);
  expect(kindsOf(report)).toEqual(['stale']);
});

test.each([
  [1, 64, 100],
  [4, 1, 100],
  [0, 8, 2],
])('%d readers, %d connections: at least %d reads', async (readers, connections, readsMin) => {
  using server = startFaultyServer({ plant: 'nothing', on: [] });
  const report = await reportOf(server.port, { edits: 200, connections, readers });
  expect(report.figures.reads).toBeGreaterThanOrEqual(readsMin);
  // The first two edits are looked at in any case, and the readers may look once more each.
  expect(report.figures.reads).toBeLessThanOrEqual(readsMin + 2 + readers);
});

/** The numbers `from` to `to`. */
function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

test('a server that refuses everything is given up, and what it did is judged', async () => {
  using server = startFaultyServer({ plant: 'refused', on: numbers(30, 3_000) });
  const report = await reportOf(server.port, { edits: 3_000 });
  expect(report.notes.map(({ kind }) => kind)).toEqual(['gave-up']);
  expect(report.figures.acknowledged).toBe(27);
  expect(report.figures.refused).toBeLessThan(300);
  expect(report.confirmed).toBe(true);
});

test('a server that is gone leaves no success', async () => {
  using server = startFaultyServer({ plant: 'nothing', on: [] });
  const run = startRun(server.port, { edits: 100_000, copies: 2 }, hurriedClock);
  await until('edits', () => run.progress().done > 20);
  server[Symbol.dispose]();
  const report = await run.report;
  if (report.kind === 'problem') throw new Error(report.message);
  expect(report.notes.map(({ kind }) => kind)).toEqual(['final-unread', 'gave-up', 'copies-kept']);
  // Nobody knows how many of them stand.
  expect(report.figures.unknownStanding).toBeUndefined();
  expect(kindsOf(report)).toEqual([]);
  expect(report.confirmed).toBe(false);
});

test('a page that somebody spoils is no page to build on', async () => {
  using server = startFaultyServer({ plant: 'nothing', on: [] });
  const way = { kind: 'swap', method: 'POST' } as const;
  const run = startRun(server.port, { way, edits: 100_000 }, hurriedClock);
  await until('edits', () => run.progress().done > 20);
  let ended = false;
  const ending = run.report.finally(() => {
    ended = true;
  });
  // Again and again, for who has read the page before puts it back as it was.
  const url = `http://127.0.0.1:${server.port}/test.html`;
  while (!ended) await fetch(url, { method: 'POST', body: 'spoilt' });
  const report = await ending;
  if (report.kind === 'problem') throw new Error(report.message);
  expect(report.counts.torn).toBeGreaterThan(0);
  expect(report.notes.map(({ kind }) => kind)).toContain('gave-up');
});
