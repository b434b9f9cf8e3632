/** nginx with its module for WebDAV loses edits of clients that meet, and `:verify` says so. */

import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { nginx } from '../../bench/servers.ts';
import { startDav } from '../../bench/verify/peers.ts';
import { reportOf } from '../load/verify/runs.ts';
import { SAMPLE, TestRoot } from '../support/root.ts';
import { named } from '../support/system.ts';

const missing = nginx === null ? 'nginx' : undefined;

// Where nginx is not installed there is nothing to point it at.
test.skipIf(missing !== undefined)(named(':verify --swap of nginx dav', missing), async () => {
  using root = new TestRoot({ 'test.html': SAMPLE });
  using folder = new TestRoot();
  await using server = await startDav(root.path, join(folder.path, 'nginx'));
  const way = { kind: 'swap', method: 'PUT' } as const;
  const alone = await reportOf(server?.port ?? 0, { way, connections: 1, readers: 0, edits: 20 });
  expect(alone).toMatchObject({ confirmed: true, notes: [{ kind: 'if-match-ignored' }] });
  root.write('test.html', SAMPLE);
  const together = await reportOf(server?.port ?? 0, { way, connections: 32, edits: 300 });
  expect(together.counts.lost).toBeGreaterThan(0);
  expect(together).toMatchObject({ confirmed: false, notes: [{ kind: 'if-match-ignored' }] });
});
