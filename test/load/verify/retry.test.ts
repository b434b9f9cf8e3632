/** `:verify` that sends again what had no answer: under one key it is one edit. */

import { expect, test } from 'bun:test';
import { until } from '../../support/server.ts';
import { startFaultyServer } from './faulty-server.ts';
import { startPageServer } from './page-server.ts';
import { kindsOf, reportOf, startRun } from './runs.ts';

const wishes = { edits: 40, connections: 4, retry: 2, keyPrefix: 'run' };

test.each(['closed-done', 'closed-undone'] as const)(
  'a server that knows keys: %s',
  async (plant) => {
    using server = startFaultyServer({ plant, on: [7, 11], knowsKeys: true });
    const report = await reportOf(server.port, wishes);
    expect(kindsOf(report)).toEqual([]);
    expect(report).toMatchObject({ confirmed: true, retried: 2 });
    expect(report.figures).toMatchObject({ acknowledged: 40, unknown: 0 });
    expect(report.byFailure.size).toBe(0);
    expect(server.keys).toHaveLength(new Set(server.keys).size + 2);
  },
);

test('one that does it twice all the same is told so', async () => {
  using server = startFaultyServer({ plant: 'closed-done', on: [7] });
  const report = await reportOf(server.port, wishes);
  expect(kindsOf(report)).toEqual(['doubled']);
});

test.each([
  ['without keys', { keyPrefix: undefined }],
  ['unless it is asked for', { retry: undefined }],
])('an edit that was sent is not sent again %s', async (_name, { ...less }) => {
  using server = startFaultyServer({ plant: 'closed-done', on: [7], knowsKeys: true });
  const kept = Object.entries({ ...wishes, ...less }).filter(([, value]) => value !== undefined);
  const report = await reportOf(server.port, Object.fromEntries(kept));
  expect(report).toMatchObject({ confirmed: true, retried: 0 });
  expect(report.figures).toMatchObject({ acknowledged: 39, unknown: 1, unknownStanding: 1 });
});

test('it stops at once, also while edits wait to be sent again', async () => {
  const on = Array.from({ length: 5_000 }, (_, at) => at + 20);
  using server = startFaultyServer({ plant: 'closed-undone', on });
  const run = startRun(server.port, { ...wishes, retry: 100 });
  await until('repetitions', () => server.keys.length > new Set(server.keys).size);
  run.cancel();
  run.cancel();
  expect(await run.report).toMatchObject({ kind: 'report', cancelled: true });
});

test('nothing is sent again once it is stopped', async () => {
  const server = startFaultyServer({ plant: 'nothing', on: [] });
  const run = startRun(server.port, { ...wishes, edits: 100_000, retry: 100 });
  await until('edits', () => run.progress().done > 10);
  server[Symbol.dispose]();
  run.cancel();
  run.cancel();
  expect(await run.report).toMatchObject({ kind: 'report', cancelled: true });
});

test('what is refused at the second try may have been done at the first', async () => {
  let [puts, isLost] = [0, false];
  using server = startPageServer({
    methods: { PUT: 'inserts', POST: 'stores' },
    refuse: (method) => {
      if (method !== 'PUT' || !isLost) return undefined;
      isLost = false;
      return 409;
    },
    answer: (method, path) => {
      if (method !== 'PUT' || path !== '/test.html') return undefined;
      puts += 1;
      isLost = puts === 7;
      return isLost ? 'nothing' : undefined;
    },
  });
  const report = await reportOf(server.port, { ...wishes, connections: 1 });
  expect(kindsOf(report)).toEqual([]);
  expect(report).toMatchObject({ confirmed: true, retried: 1 });
  expect(report.figures).toMatchObject({ acknowledged: 39, unknown: 1, unknownStanding: 1 });
});
