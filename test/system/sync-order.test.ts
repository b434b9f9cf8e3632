/** What the kernel is asked for one edit, in which order, before the answer goes out. */

import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE, TestRoot } from '../support/root.ts';
import { until } from '../support/server.ts';
import { missing, named } from '../support/system.ts';

const lack = missing({ programs: ['strace'] });
const CALLS = 'trace=fsync,fdatasync,syncfs,rename,renameat,renameat2,link,linkat,sendto,write';

/** The calls of a traced run, each as `fsync(…/tmp/x)`, with paths below the root made short. */
function callsOf(trace: string, root: string): string[] {
  const lines = trace.split('\n');
  const calls: string[] = [];
  for (const line of lines) {
    const match = /^\d+ +(\w+)\((.*)$/.exec(line);
    if (match === null) continue;
    const [, name = '', rest = ''] = match;
    const text = rest.replaceAll(root, '');
    if (name === 'sendto' || name === 'write') {
      if (text.includes('HTTP/1.1 ')) calls.push('answer');
    } else if (/sync/.test(name))
      calls.push(text.includes('.inkwire/tmp/') ? 'sync page' : 'sync folder');
    else calls.push(/RENAME_[A-Z]+/.exec(text)?.[0] ?? name);
  }
  return calls;
}

async function traced(durability: 'sync' | 'none'): Promise<string[]> {
  using root = new TestRoot({ 'test.html': SAMPLE });
  using traces = new TestRoot();
  const trace = join(traces.path, 'trace');
  const main = join(import.meta.dir, '../../src/cli/main.ts');
  const serve = ['serve', root.path, '--port', '0', '--workers', '1', '--durability', durability];
  // With -D the child is the server itself, so that the signals reach it and not its tracer.
  const strace = ['strace', '-D', '-f', '-y', '-s', '64', '-e', CALLS, '-o', trace];
  const child = Bun.spawn([...strace, process.execPath, main, ...serve], { stdout: 'pipe' });
  try {
    let output = '';
    const reading = (async () => {
      for await (const bytes of child.stdout) output += Buffer.from(bytes).toString();
    })();
    const port = (): string | undefined => /:(\d+)\/ \(root/.exec(output)?.[1];
    await until('the server to start under strace', () => port() !== undefined, 20_000);
    await using client = await RawClient.open(Number(port()));
    const insert = request('PUT', '/test.html', { content: 'x' });
    expect((await client.ask(insert)).status).toBe(200);
    const create = request('POST', '/new.html', { content: SAMPLE });
    expect((await client.ask(create)).status).toBe(201);
    child.kill('SIGTERM');
    await child.exited;
    await reading;
    const over = (): boolean => readFileSync(trace, 'utf8').includes('+++ exited with 0 +++');
    await until('the trace to end', over);
  } finally {
    child.kill('SIGKILL');
  }
  return callsOf(readFileSync(trace, 'utf8'), root.path);
}

describe.skipIf(lack !== undefined)(named('system calls of an insert and a create', lack), () => {
  test('with sync: the page, its name, the folder, and only then the answer', async () => {
    const calls = await traced('sync');
    expect(calls).toEqual([
      ...['sync page', 'RENAME_EXCHANGE', 'sync folder', 'answer'],
      ...['sync page', 'RENAME_NOREPLACE', 'sync folder', 'answer'],
    ]);
  }, 60_000);

  test('with none: the same without the syncs', async () => {
    const calls = ['RENAME_EXCHANGE', 'answer', 'RENAME_NOREPLACE', 'answer'];
    expect(await traced('none')).toEqual(calls);
  }, 60_000);
});
