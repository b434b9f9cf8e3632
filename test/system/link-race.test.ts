/**
 * Over real sockets: while another program swaps a folder and a file with links that lead out, no
 * byte from outside the root is sent.
 */

import { expect, test } from 'bun:test';
import { mkdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { RawClient, request } from '../support/raw-client.ts';
import { TestRoot } from '../support/root.ts';
import { startTestServer } from '../support/server.ts';
import { missing, named } from '../support/system.ts';

const RACE_MS = 2_000;
/** On a busy machine the two sides may run in turn for a while instead of side by side. */
const RACE_MAX_MS = 20_000;
const CONNECTIONS = 8;

/** Above what travels in one piece, so that this page is streamed. */
const INSIDE_LARGE = 'i'.repeat(300_000);
const SECRET_LARGE = 's'.repeat(300_000);
const INSIDE = 'inside';
const SECRET = 'secret';

const pages: readonly (readonly [target: string, content: string])[] = [
  ['/page-dir/page.html', INSIDE],
  ['/page.txt', INSIDE_LARGE],
];

async function race(portable: boolean): Promise<Map<string, number>> {
  using outside = new TestRoot({ 'folder/page.html': SECRET, 'page.txt': SECRET_LARGE });
  await using server = await startTestServer({
    files: { 'real/page.html': INSIDE, 'real.txt': INSIDE_LARGE },
    config: { log: 'off' },
    seams: { portable },
  });
  const at = (name: string): string => join(server.root.path, name);
  const near = `../${basename(outside.path)}`;
  mkdirSync(at('sub'));
  symlinkSync(join(outside.path, 'folder'), at('link'));
  symlinkSync(`${near}/folder`, at('relative'));
  symlinkSync(join(outside.path, 'page.txt'), at('link.txt'));
  symlinkSync(`sub/../${near}/page.txt`, at('relative.txt'));
  const swaps = ['page-dir=real,link,relative', 'page.txt=real.txt,link.txt,relative.txt'];
  const script = join(import.meta.dir, '../store/swap-folder.ts');
  const swapper = Bun.spawn([process.execPath, script, ...swaps], {
    cwd: server.root.path,
    stdin: 'pipe',
    stdout: 'pipe',
  });
  const seen = new Map<string, number>();
  try {
    // Its first output says that it swaps; it ends when its input does.
    await swapper.stdout.getReader().read();
    const startMs = performance.now();
    const over = (): boolean => {
      const spentMs = performance.now() - startMs;
      return spentMs > RACE_MAX_MS || (spentMs > RACE_MS && met(seen));
    };
    const one = () => getAgainAndAgain(server.port, over, seen);
    await Promise.all(Array.from({ length: CONNECTIONS }, one));
  } finally {
    swapper.stdin.end();
    await swapper.exited;
  }
  return seen;
}

/** The race did take place when each page was met, and so was a link or nothing at all. */
function met(seen: ReadonlyMap<string, number>): boolean {
  return pages.every(([target]) =>
    ['inside', '404'].every((what) => seen.has(`${what} ${target}`)),
  );
}

async function getAgainAndAgain(
  port: number,
  over: () => boolean,
  seen: Map<string, number>,
): Promise<void> {
  await using client = await RawClient.open(port);
  while (!over()) {
    for (const [target, inside] of pages) {
      const { status, body } = await client.ask(request('GET', target));
      const out = body.includes(SECRET) || body.includes('ssss');
      const what = out ? 'OUTSIDE' : status === 200 && body === inside ? 'inside' : status;
      const key = `${what} ${target}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
  }
}

for (const portable of [false, true]) {
  const lack = portable ? undefined : missing({});
  const name = `${portable ? 'the portable walk' : 'openat2'} follows no link that leads out`;
  test.skipIf(lack !== undefined)(
    named(name, lack),
    async () => {
      const seen = await race(portable);
      const kinds = new Set([...seen.keys()].map((key) => key.split(' ')[0]));
      expect([met(seen), seen]).toEqual([true, seen]);
      // 503 is for a page that changed each time it was read.
      expect([...kinds].filter((kind) => kind !== '503').sort()).toEqual(['404', 'inside']);
    },
    60_000,
  );
}
