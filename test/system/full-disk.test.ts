/** A full disk: 507, the old page stands, and writes go on when there is room again. */

import { expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defaultServerLimits, defaultStoreLimits } from '../../src/config/limits.ts';
import { defaultDispatchLimits } from '../../src/dispatch/limits.ts';
import { defaultHeadLimits } from '../../src/http/limits.ts';
import { startServer } from '../../src/server/server.ts';
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE } from '../support/root.ts';
import { named } from '../support/system.ts';
import { SmallDisk } from './small-disk.ts';

// Mounting is for root alone; the name says it when this is not root.
test.skipIf(SmallDisk.lack !== undefined)(named('a full disk', SmallDisk.lack), async () => {
  await using disk = new SmallDisk();
  const server = await startServer(
    {
      root: disk.path,
      host: '127.0.0.1',
      port: 0,
      workers: 2,
      semantics: 'classic',
      durability: 'sync',
      log: 'off',
      requireConditional: false,
      startPage: true,
      allowedHosts: [],
      allowedOrigins: [],
      cacheRules: [],
      limits: defaultServerLimits,
      headLimits: defaultHeadLimits,
      dispatchLimits: defaultDispatchLimits,
      storeLimits: defaultStoreLimits,
      openPagesMax: 100,
    },
    { portable: process.env['INKWIRE_PORTABLE'] === '1' },
  );
  try {
    await using client = await RawClient.open(server.port);
    const post = (name: string, content: string): string => request('POST', name, { content });
    const big = SAMPLE.replace('</body>', `<!-- ${'x'.repeat(600_000)} -->\n</body>`);
    expect((await client.ask(post('/big.html', big))).status).toBe(201);
    expect((await client.ask(post('/small.html', SAMPLE))).status).toBe(201);

    // A new version of the big page, beside the old one, does not fit.
    const insert = request('PUT', '/big.html', { content: 'more' });
    const full = await client.ask(insert);
    expect(full.status).toBe(507);
    expect(full.body).toContain('the old page stands');
    expect((await client.ask(post('/other.html', big))).status).toBe(507);
    expect((await client.ask(request('GET', '/big.html'))).body).toBe(big);
    expect((await client.ask(request('GET', '/other.html'))).status).toBe(404);
    // Nothing is left behind that would keep the disk full.
    expect(readdirSync(join(disk.path, '.inkwire/tmp'))).toEqual([]);

    // What fits is still taken.
    expect((await client.ask(request('PUT', '/small.html', { content: 'fits' }))).status).toBe(200);

    // And once there is room, so is the rest.
    expect((await client.ask(request('DELETE', '/small.html'))).status).toBe(204);
    expect((await client.ask(post('/big.html', SAMPLE))).status).toBe(201);
    expect((await client.ask(insert)).body).toContain('<h2> more </h2>');
  } finally {
    await server.stop();
  }
});
