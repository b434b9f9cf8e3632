/** The benchmark runs, so that it never rots; its figures are of no interest here. */

import { expect, test } from 'bun:test';
import { join } from 'node:path';

test('the benchmark prints a row for each kind of work', async () => {
  const script = join(import.meta.dir, '../../bench/main.ts');
  const flags = ['--pairs', '1', '--seconds', '0.1', '--own'];
  const child = Bun.spawn([process.execPath, script, ...flags], { stdout: 'pipe' });
  const [output, status] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  expect(status).toBe(0);
  const rows = output.split('\n').filter((line) => /^\| (?:GET|POST)/.test(line));
  expect(rows).toHaveLength(3);
  for (const row of rows) expect(row).toMatch(/^\| [^|]+ \| [1-9][0-9,]* \|/);
});

test('the benchmark of load tools prints a row for each of them', async () => {
  const script = join(import.meta.dir, '../../bench/main.ts');
  const flags = ['load', '--rounds', '1', '--seconds', '0.1', '--connections', '4', '--no-install'];
  const child = Bun.spawn([process.execPath, script, ...flags], {
    stdout: 'pipe',
    stderr: 'ignore',
  });
  const [output, status] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  expect(status).toBe(0);
  const rows = output.split('\n').filter((line) => /^\| Inkwire \|/.test(line));
  expect(rows.map((row) => row.split(' | ')[1])).toEqual([
    'Inkwire `:repeat`',
    'wrk',
    'autocannon',
    'hey',
  ]);
  expect(rows[0]).toMatch(/\| [1-9][0-9,]* \|/);
});
