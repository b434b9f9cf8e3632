/** The same promises with the portable system calls forced. */

import { expect, test } from 'bun:test';
import { join } from 'node:path';

/** What touches files through a whole server. */
const suites = ['test/server/dialogue.test.ts', 'test/server/worker-faults.test.ts', 'test/store'];

test('the suites that touch files pass with INKWIRE_PORTABLE=1', async () => {
  const child = Bun.spawn([process.execPath, 'test', ...suites], {
    cwd: join(import.meta.dir, '../..'),
    env: { ...process.env, INKWIRE_PORTABLE: '1' },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [output, status] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  if (status !== 0) console.error(output.split('\n').slice(-60).join('\n'));
  expect(status).toBe(0);
}, 120_000);
