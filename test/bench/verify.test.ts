/** The long campaign with tiny numbers, so that it never rots. */

import { expect, test } from 'bun:test';
import { join } from 'node:path';

test('the campaign gives a verdict on each server', async () => {
  const script = join(import.meta.dir, '../../bench/verify.ts');
  const flags = ['--edits', '100', '--pages', '5', '--connections', '8'];
  const child = Bun.spawn([process.execPath, script, ...flags], { stdout: 'pipe' });
  const [output, status] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  expect(status).toBe(0);
  expect(output).toMatch(/^Inkwire> :verify(?:.*\n)*?verdict +consistent/);
  expect(output).toMatch(/^Bun\.serve> :verify(?:.*\n)*?verdict +(?:WRONG|consistent)/m);
});
