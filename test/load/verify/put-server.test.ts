/** A handler of Bun.serve that reads and writes files loses edits, and `:verify --swap` says so. */

import { expect, test } from 'bun:test';
import { startPutServer } from '../../../bench/verify/peers.ts';
import { SAMPLE, TestRoot } from '../../support/root.ts';
import { reportOf } from './runs.ts';

test('Bun.serve with Bun.file and Bun.write', async () => {
  using root = new TestRoot({ 'test.html': SAMPLE });
  await using server = await startPutServer(root.path);
  const report = await reportOf(server.port, { way: { kind: 'swap', method: 'PUT' } });
  expect(report.confirmed).toBe(false);
  expect(report.counts.lost).toBeGreaterThan(0);
  expect(report.notes.map(({ kind }) => kind)).toEqual(['no-entity-tag', 'if-match-ignored']);
});

test('alone it loses nothing', async () => {
  using root = new TestRoot({ 'test.html': SAMPLE });
  await using server = await startPutServer(root.path);
  const plan = {
    way: { kind: 'swap', method: 'PUT' },
    connections: 1,
    readers: 0,
    edits: 20,
  } as const;
  expect(await reportOf(server.port, plan)).toMatchObject({ confirmed: true });
});
