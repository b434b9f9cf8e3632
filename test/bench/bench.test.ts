/** The benchmark runs, so that it never rots; its figures are of no interest here. */

import { describe, expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nginx } from '../../bench/servers.ts';

const script = join(import.meta.dir, '../../bench/main.ts');

async function bench(...flags: readonly string[]) {
  const child = Bun.spawn([process.execPath, script, ...flags], { stdout: 'pipe', stderr: 'pipe' });
  const [output, errors, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { output, errors, status };
}

/** None where there is no /proc. */
function childrenOf(pid: number): number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split(' ').map(Number) : [];
}

test('the benchmark of files prints rows, what limits them, and that nothing was stale', async () => {
  const flags = ['--only', 'hot,unchanged,freshness', '--pairs', '2', '--seconds', '0.1', '--own'];
  const { status, output, errors } = await bench(...flags);
  expect([status, errors]).toEqual([0, expect.stringContaining('load by Inkwire’s load runner')]);
  const rows = output.split('\n').filter((line) => /^\| (?:GET 286 B|304)/.test(line));
  expect(rows).toHaveLength(2);
  for (const row of rows) {
    expect(row).toMatch(
      nginx === null ? /nginx is not installed/ : /[0-9.]+ × \| [0-9.]+ to [0-9.]+ \|/,
    );
    expect(row).toMatch(/\| [1-9][0-9,]*\/s \|/);
  }
  expect(output).toMatch(/^Freshness: .* [1-9][0-9,]* times; none was answered/m);
  expect(output).toEndWith('no result to be written down.\n');
}, 20_000);

describe('what it does not take', () => {
  const rows = [
    {
      name: 'a quick run as a result',
      flags: ['--quick', '--write'],
      say: '--write takes a whole',
    },
    {
      name: 'a row as a result',
      flags: ['--only', 'hot', '--write'],
      say: '--write takes a whole',
    },
    { name: 'fewer pairs', flags: ['--pairs', '6', '--write'], say: '--write takes a whole' },
    { name: 'an unknown row', flags: ['--only', 'hot,cold'], say: '--only cold: expected of hot,' },
    { name: 'some peers', flags: ['--peers', 'caddy'], say: '--peers caddy: expected all' },
    { name: 'no pairs', flags: ['--pairs', '0'], say: '--pairs 0: expected a number from 1' },
    { name: 'another benchmark', flags: ['pages'], say: 'pages: expected files,' },
  ];
  for (const { name, flags, say } of rows) {
    test(name, async () => {
      const { status, output, errors } = await bench(...flags);
      expect([status, output]).toEqual([2, '']);
      expect(errors).toStartWith(say);
    });
  }
});

test('a signal ends it, and its servers, and leaves no folder', async () => {
  const flags = ['--only', 'hot', '--pairs', '100', '--seconds', '1', '--own'];
  const child = Bun.spawn([process.execPath, script, ...flags], {
    stdout: 'ignore',
    stderr: 'pipe',
  });
  let errors = '';
  let children: number[] = [];
  for await (const bytes of child.stderr) {
    errors += new TextDecoder().decode(bytes);
    if (children.length > 0 || !errors.includes('hot · Inkwire')) continue;
    children = childrenOf(child.pid);
    child.kill('SIGINT');
  }
  expect([await child.exited, errors]).toEqual([130, expect.stringContaining('interrupted\n')]);
  if (process.platform === 'linux') expect(children.length).toBeGreaterThan(0);
  expect(children.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
  const left = readdirSync(tmpdir()).filter((name) => name.includes(`bench-${child.pid}-`));
  expect(left).toEqual([]);
}, 20_000);

test('the benchmark of load tools prints a row for each of them', async () => {
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
