/** One server a root: a second one says who holds it, and takes over once that one has gone. */

import { expect, test } from 'bun:test';
import type { ServeConfig } from '../../src/config/serve-config.ts';
import { type RunningServer, StartError, startServer } from '../../src/server/server.ts';
import { serve } from '../support/inkwire.ts';
import { TestRoot } from '../support/root.ts';
import { startTestServer, type TestServer, until } from '../support/server.ts';

/** Why a server with this configuration does not start. */
async function refusal(config: ServeConfig): Promise<StartError> {
  let server: RunningServer;
  try {
    server = await startServer(config);
  } catch (error) {
    if (error instanceof StartError) return error;
    throw error;
  }
  await server.stop();
  throw new Error('it started');
}

/** Resolves once the server has said to others where it is. */
async function announced(server: TestServer): Promise<void> {
  await until('its address', () => (server.root.read('.inkwire/lock') ?? '').includes('http:'));
}

test('a second server on a root is refused, and names the process and its address', async () => {
  const first = await startTestServer();
  await announced(first);
  const config = { ...first.config, log: 'off' } as const;
  const error = await refusal(config);
  expect(error.code).toBe('root-held');
  expect(error.message).toContain(
    `by another Inkwire (process ${process.pid}, at ${first.url}) already`,
  );
  await first.stop();
  const second = await startServer(config);
  await second.stop();
  first.root[Symbol.dispose]();
});

test('a server that was killed holds nothing', async () => {
  using root = new TestRoot({ 'test.html': '<body></body>' });
  {
    await using killed = await serve(root.path, '.');
    process.kill(killed.pid, 'SIGKILL');
  }
  await using next = await serve(root.path, '.');
  expect((await fetch(`${next.url}test.html`)).status).toBe(200);
});
