/** One server a root: a second one says who holds it, and takes over once that one has gone. */

import { expect, test } from 'bun:test';
import type { ServeConfig } from '../../src/config/serve-config.ts';
import { type RunningServer, StartError, startServer } from '../../src/server/server.ts';
import { serve } from '../support/inkwire.ts';
import { TestRoot } from '../support/root.ts';
import { startTestServer } from '../support/server.ts';

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

test('a second server on a root is refused, and names the process', async () => {
  const first = await startTestServer();
  const config = { ...first.config, log: 'off' } as const;
  const error = await refusal(config);
  expect(error.code).toBe('root-held');
  expect(error.message).toContain(`by another Inkwire (process ${process.pid}) already`);
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
