/** The watch of freshness sees a server that is stale, and has nothing against one that is not. */

import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FreshnessTally, FreshnessWatch } from '../../../bench/files/freshness.ts';
import { TestRoot } from '../../support/root.ts';

const path = '/page.html';

/** Watches a server until it was asked so often. */
async function watch(answer: (root: TestRoot, asked: number) => Response): Promise<FreshnessTally> {
  using root = new TestRoot();
  const tally = new FreshnessTally();
  let asked = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: () => {
      asked += 1;
      if (asked >= 40) resolve();
      return answer(root, asked);
    },
  });
  const { port } = server;
  const name = 'Inkwire';
  const running = new FreshnessWatch(
    { name, port: port ?? 0, root: root.path, path, periodMs: 0 },
    tally,
  );
  await promise;
  await running.stop();
  await server.stop(true);
  return tally;
}

function page(root: TestRoot): string {
  return readFileSync(join(root.path, path), 'utf8');
}

test('a server that reads each time is never stale', async () => {
  const tally = await watch((root) => new Response(page(root)));
  expect(tally.firstStale).toBeUndefined();
  expect(tally.of('Inkwire').asked).toBeGreaterThanOrEqual(40);
});

test('one that looks at every fourth request is, and it is said at which change', async () => {
  let kept = '';
  const tally = await watch((root, asked) => {
    if (asked % 4 === 1) kept = page(root);
    return new Response(kept);
  });
  expect(tally.firstStale).toStartWith(
    'first request after change 1, in place, the same size: 200',
  );
  expect(tally.of('Inkwire').stale).toBeGreaterThan(10);
});

test('the second request after a change counts as well', async () => {
  let kept = '';
  const tally = await watch((root, asked) => {
    const said = asked % 2 === 1 ? page(root) : kept;
    kept = said.replace('<title>', '<title>9');
    return new Response(said);
  });
  expect(tally.firstStale).toStartWith('second request after change 0');
});

test('an error is no new page', async () => {
  const tally = await watch((root) => new Response(page(root), { status: 503 }));
  expect(tally.of('Inkwire').stale).toBe(tally.of('Inkwire').asked);
});
