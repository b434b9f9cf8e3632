/** Output that cannot be written: a failure that is said, unless its reader has seen enough. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { put } from '../store/history/past-pages.ts';
import { type FileTestStore, fileStore } from '../store/support.ts';
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE, TestRoot } from '../support/root.ts';
import { until } from '../support/server.ts';

const entry = join(import.meta.dir, '../../src/cli/main.ts');
let store: FileTestStore;

beforeAll(() => {
  store = fileStore();
  put(store, 'test.html', '<body>\n', '<body>\nsecond\n');
});
afterAll(() => store[Symbol.dispose]());

const helpFailed = 'error: it could not be written (ENOSPC)\n';
const answerFailed = 'error: the answer could not be written (ENOSPC)\n';

const rows: readonly (readonly [flags: readonly string[], status: number, err: string])[] = [
  [['--help'], 1, helpFailed],
  [['--version'], 1, helpFailed],
  [['serve', '--help'], 1, helpFailed],
  [['history'], 1, answerFailed],
  [['history', 'test.html', '--json'], 1, answerFailed],
  [['show', 'test.html@1'], 1, answerFailed],
  // As diff(1) has it: the status 1 says that they differ.
  [['diff', 'test.html@1', '2'], 2, answerFailed],
];

// Only Linux has a device that is always full.
describe.skipIf(process.platform !== 'linux')('to a full disk', () => {
  test.each(rows)('inkwire %j', async (flags, status, err) => {
    const child = Bun.spawn([process.execPath, entry, ...flags, ...rootOf(flags)], {
      stdin: 'ignore',
      stdout: Bun.file('/dev/full'),
      stderr: 'pipe',
    });
    expect(await new Response(child.stderr).text()).toBe(err);
    expect(await child.exited).toBe(status);
  });

  test('the log of a server: it is said once, and the server runs on', async () => {
    using root = new TestRoot({ 'test.html': SAMPLE });
    const flags = ['serve', root.path, '--port', '0', '--workers', '1'];
    const child = Bun.spawn([process.execPath, entry, ...flags], {
      stdin: 'ignore',
      stdout: Bun.file('/dev/full'),
      stderr: 'pipe',
    });
    try {
      const reader = child.stderr.getReader();
      const { value } = await reader.read();
      const said = 'error: the log cannot be written (ENOSPC); the server runs on without it\n';
      expect(new TextDecoder().decode(value)).toBe(said);
      const announced = () => /:([0-9]+)\//.exec(root.read('.inkwire/lock') ?? '')?.[1];
      await until('its address', () => announced() !== undefined);
      const port = Number(announced());
      for (let turn = 0; turn < 3; turn += 1) {
        await using client = await RawClient.open(port);
        expect((await client.ask(request('GET', '/test.html'))).status).toBe(200);
      }
      child.kill('SIGTERM');
      expect((await reader.read()).done).toBe(true);
      expect(await child.exited).toBe(0);
    } finally {
      child.kill('SIGKILL');
      await child.exited;
    }
  });
});

describe('to a reader that has left', () => {
  test.each(rows)('inkwire %j', async (flags) => {
    const child = Bun.spawn([process.execPath, entry, ...flags, ...rootOf(flags)], {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    });
    await child.stdout.cancel();
    expect(await new Response(child.stderr).text()).toBe('');
    expect(await child.exited).toBe(flags[0] === 'diff' ? 1 : 0);
  });
});

function rootOf(flags: readonly string[]): string[] {
  return flags.some((flag) => /^--(?:help|version)$/.test(flag)) ? [] : ['--root', store.root];
}
