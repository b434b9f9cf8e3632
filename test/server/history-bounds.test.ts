/** The history of a running server stays within its bounds, and its store mends itself. */

import { describe, expect, test } from 'bun:test';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RawClient, request } from '../support/raw-client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const page = (count: number): string => `<body>${count}</body>`;

function versions({ root }: TestServer): string[] {
  return [...new Bun.Glob('*/*').scanSync(join(root.path, '.inkwire/history'))].sort();
}

async function post(client: RawClient, path: string, content: string): Promise<number> {
  return (await client.ask(request('POST', path, { content }))).status;
}

/**
 * Waits until it holds. What an edit displaced is let go when the next one says that it was
 * finished, so other pages are made meanwhile.
 */
async function settled(client: RawClient, holds: () => boolean): Promise<void> {
  for (let count = 1; !holds(); count += 1) {
    expect(count).toBeLessThan(1_000);
    await post(client, `/other-${count}.html`, 'x');
  }
}

describe('the versions of a page', () => {
  for (const [name, storeLimits, want] of [
    ['as many as are allowed', { historyRevisionsMax: 2 }, ['1/4', '1/5']],
    ['as many bytes', { historyBytesMax: 2 * page(1).length }, ['1/4', '1/5']],
    ['none', { historyRevisionsMax: 0 }, []],
  ] as const) {
    test(name, async () => {
      await using server = await startTestServer({ files: {}, storeLimits });
      await using client = await RawClient.open(server.port);
      for (let count = 1; count <= 6; count += 1) {
        expect(await post(client, '/a.html', page(count))).toBe(201);
      }
      await settled(client, () => versions(server).join() === want.join());
    });
  }
});

test('the store is made anew when it was removed, and edits go on', async () => {
  await using server = await startTestServer({
    files: {},
    storeLimits: { historyRevisionsMax: 1 },
  });
  await using client = await RawClient.open(server.port);
  expect(await post(client, '/a.html', page(1))).toBe(201);
  rmSync(join(server.root.path, '.inkwire'), { recursive: true });
  for (let count = 2; count <= 5; count += 1) {
    expect(await post(client, '/a.html', page(count))).toBe(201);
  }
  expect((await client.ask(request('GET', '/a.html'))).body).toBe(page(5));
  expect(readdirSync(join(server.root.path, '.inkwire/tmp'))).toEqual([]);
  await settled(client, () => versions(server).length === 1);
});
