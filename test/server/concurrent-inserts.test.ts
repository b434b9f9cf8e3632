/** No acknowledged insert is lost, doubled, torn or moved, however many arrive at once. */

import { expect, test } from 'bun:test';
import type { LockTable } from '../../src/dispatch/lock-table.ts';
import { concurrentInserts } from './concurrent-inserts.ts';

const RUN = { connections: 64, insertsEach: 50, readers: 4, workers: 4 };

test('64 connections insert into one page through four spellings of its URL', async () => {
  expect(await concurrentInserts({ ...RUN, pages: 1 })).toEqual([]);
}, 60_000);

test('64 connections insert into 16 pages', async () => {
  expect(await concurrentInserts({ ...RUN, pages: 16 })).toEqual([]);
}, 60_000);

test('with a lock that excludes nobody, the same check finds the damage', async () => {
  /** Grants at once, whoever holds the page. */
  const broken: LockTable = {
    held: 0,
    acquire: (_key, granted) => granted(),
    release: () => {},
  };
  const violations = await concurrentInserts({ ...RUN, insertsEach: 10, pages: 1, locks: broken });
  expect(violations.length).toBeGreaterThan(0);
}, 60_000);
