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

/** What lies where, by its path below the root: which file or folder a sync is of. */
const places: readonly (readonly [form: RegExp, what: string])[] = [
  [/^\/\.inkwire\/tmp\/./, 'page'],
  [/^\/\.inkwire\/ledger\.journal\/[01]$/, 'journal'],
  [/^\/\.inkwire\/history\/\d+$/, 'history of the page'],
  [/^\/\.inkwire\/history$/, 'history'],
  [/^\/\.inkwire/, 'store'],
  [/^/, 'folder'],
];

/** The name of a call that syncs or renames. */
function callOf(name: string, text: string, root: string): string {
  if (/sync/.test(name)) {
    const [, path = ''] = /^\d+<([^>]*)>/.exec(text) ?? [];
    const below = path.startsWith(root) ? path.slice(root.length) : `not below the root: ${path}`;
    return `${name} ${places.find(([form]) => form.test(below))?.[1]}`;
  }
  const flag = /RENAME_[A-Z]+/.exec(text)?.[0];
  if (flag !== undefined) return flag;
  return text.includes(`${root}/.inkwire/history>`) ? 'keep' : name;
}

/** The calls between the start and the end of a traced server, and where its answers went out. */
function callsOf(trace: string, root: string): string[] {
  const calls: string[] = [];
  let isRunning = false;
  for (const line of trace.split('\n')) {
    const [, name = '', text = ''] = /^\d+ +(\w+)\((.*)$/.exec(line) ?? [];
    if (name !== 'sendto' && name !== 'write') {
      if (isRunning && name !== '') calls.push(callOf(name, text, root));
    } else if (text.includes('The server is running')) isRunning = true;
    else if (text.includes('HTTP/1.1 ')) calls.push('answer');
  }
  // What comes behind the last answer is the server's end.
  return calls.slice(0, calls.lastIndexOf('answer') + 1);
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
    for (const [method, target, status] of edits) {
      const content = method === 'DELETE' ? {} : { content: 'x' };
      expect((await client.ask(request(method, target, content))).status).toBe(status);
    }
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

/** Each is a group of its own: the first one of a page also makes the folder of its history. */
const edits = [
  ['PUT', '/test.html', 200],
  ['PUT', '/test.html', 200],
  ['POST', '/new.html', 201],
  ['DELETE', '/new.html', 204],
] as const;

describe.skipIf(lack !== undefined)(named('system calls of an edit', lack), () => {
  test('with sync: the record, the names, and then the answer', async () => {
    expect(await traced('sync')).toEqual([
      ...['fdatasync journal', 'RENAME_EXCHANGE', 'keep', 'answer'],
      ...['fdatasync journal', 'RENAME_EXCHANGE', 'keep', 'answer'],
      ...['fdatasync journal', 'RENAME_NOREPLACE', 'answer'],
      ...['fdatasync journal', 'renameat', 'keep', 'answer'],
    ]);
  }, 60_000);

  test('with none: the same without the syncs', async () => {
    expect(await traced('none')).toEqual([
      ...['RENAME_EXCHANGE', 'keep', 'answer', 'RENAME_EXCHANGE', 'keep', 'answer'],
      ...['RENAME_NOREPLACE', 'answer', 'renameat', 'keep', 'answer'],
    ]);
  }, 60_000);
});
