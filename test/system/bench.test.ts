/** The benchmark of files in a short form, with the real nginx and the real wrk. */

import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { nginx, startInkwire } from '../../bench/servers.ts';
import { TestRoot } from '../support/root.ts';
import { missing as lackOf, named } from '../support/system.ts';

const missing = lackOf({ programs: ['wrk'] }) ?? (nginx === null ? 'nginx' : undefined);
const script = join(import.meta.dir, '../../bench/main.ts');
const goals = /at least (?:1|1\.1|4) ×|under 48 MiB|under 200 ms/;

// The reason stands in the name.
test.skipIf(missing !== undefined)(
  named('each kind of row is measured and judged', missing),
  async () => {
    const rows = 'unchanged,differing,pipelined,huge-16,start';
    const flags = ['--only', rows, '--pairs', '1', '--seconds', '1'];
    const command = [process.execPath, script, ...flags];
    const child = Bun.spawn(command, { stdout: 'pipe', stderr: 'pipe' });
    const [text, errors, status] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    expect([status, errors]).toEqual([0, expect.stringContaining('load by wrk, one thread')]);
    const table = text.split('\n').filter((line) => goals.test(line));
    expect(table.map((line) => line.split(' | ')[0])).toHaveLength(6);
    for (const line of table) expect(line).toMatch(/\| (?:yes|\*\*no\*\*) \|/);
    expect(text).toMatch(/^Freshness: .* none was answered with what had been\. Of nginx, /m);
    expect(text).toMatch(/^Inkwire [0-9.]+, Bun [0-9.]+, nginx [0-9.]+, wrk [0-9.]+, /m);
  },
  60_000,
);

test('a server that does not take a flag says so', async () => {
  using root = new TestRoot();
  const start = startInkwire(root.path, 1, ['--no-such-flag']);
  await expect(start).rejects.toThrow(/^Inkwire ended with 2: .*--no-such-flag/);
});
