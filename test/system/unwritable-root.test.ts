/** A root that the server may not write: it says so at its start, and serves for reading. */

import { expect, test } from 'bun:test';
import { chmodSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE, TestRoot } from '../support/root.ts';
import { until } from '../support/server.ts';
import { missing, named } from '../support/system.ts';

const entry = join(import.meta.dir, '../../src/cli/main.ts');
/** Nobody's user and group. */
const other = '65534';

/** Serves `root` with `prefix` before the command; returns what it said, and the edit's status. */
async function serveFor(prefix: readonly string[], root: string) {
  const flags = ['serve', root, '--port', '0', '--workers', '1', '--log', 'off'];
  const child = Bun.spawn([...prefix, process.execPath, entry, ...flags], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  try {
    let said = '';
    const read = (async () => {
      for await (const bytes of child.stdout) said += new TextDecoder().decode(bytes);
    })();
    const isSaid = () => said.split('\n').length > 3 || child.exitCode !== null;
    await until('the warning', isSaid, 10_000);
    const port = Number(/:([0-9]+)\/ \(/.exec(said)?.[1]);
    await using client = await RawClient.open(port);
    expect((await client.ask(request('GET', '/test.html'))).body).toBe(SAMPLE);
    const edit = request('PUT', '/test.html', { content: 'x' });
    const { status } = await client.ask(edit);
    child.kill('SIGTERM');
    await read;
    return { note: said.split('\n')[2] ?? '', status };
  } finally {
    child.kill('SIGKILL');
    await child.exited;
  }
}

const noUser = missing({ root: true, programs: ['setpriv'] });
// To be another user is for root alone.
test.skipIf(noUser !== undefined)(named('a root of another user', noUser), async () => {
  using root = new TestRoot({ 'test.html': SAMPLE });
  chmodSync(root.path, 0o755);
  const setpriv = ['setpriv', '--reuid', other, '--regid', other, '--clear-groups'];
  const { note, status } = await serveFor(setpriv, root.path);
  expect(note).toStartWith('Note: no edit is taken');
  expect(note).toContain('(EACCES)');
  expect(status).toBe(400);
  expect(root.read('.inkwire')).toBeUndefined();
});

const noMount = missing({ root: true, programs: ['mount', 'umount'] });
// So is mounting.
test.skipIf(noMount !== undefined)(named('a root mounted read-only', noMount), async () => {
  using source = new TestRoot({ 'test.html': SAMPLE });
  const path = mkdtempSync(join(tmpdir(), 'inkwire-unwritable-'));
  const mount = (...words: string[]) => expect(Bun.spawnSync(words).exitCode).toBe(0);
  mount('mount', '--bind', source.path, path);
  try {
    mount('mount', '-o', 'remount,bind,ro', path);
    const { note, status } = await serveFor([], path);
    expect(note).toStartWith('Note: no edit is taken');
    expect(note).toContain('(EROFS)');
    expect(status).toBe(500);
  } finally {
    await until('the end of the mount', () => Bun.spawnSync(['umount', path]).exitCode === 0);
    rmdirSync(path);
  }
});
