/** Pages that the kernel keeps for sockets: byte for byte what they are, at every hand-over. */

import { describe, expect, test } from 'bun:test';
import { renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RawClient, request } from '../support/raw-client.ts';
import { startTestServer, type TestServer, until } from '../support/server.ts';

/** Sizes on both sides of what is kept so, and of a page of memory. */
const sizes = [12_287, 12_288, 16_384, 40_961, 131_072, 131_073];

const pageOf = (bytes: number, letter: string): string =>
  `<p>${bytes}</p>`.padEnd(bytes - 4, letter).concat('</p>');

const get = request('GET', '/page.html');

/** Saves the page, as old as one must be to be answered from what was made ready. */
function save({ root }: TestServer, bytes: number, letter: string): void {
  const path = join(root.path, 'page.html');
  writeFileSync(`${path}.new`, pageOf(bytes, letter));
  const minutesAgo = 10 + letter.charCodeAt(0);
  const savedAt = new Date(Date.now() - minutesAgo * 60_000);
  utimesSync(`${path}.new`, savedAt, savedAt);
  renameSync(`${path}.new`, path);
}

/** Until it comes from the cache: a file whose name is young is not kept there. */
async function warm(server: TestServer, client: RawClient): Promise<void> {
  const before = server.log.length;
  const seen = () => server.log.slice(before).some((line) => line.includes('cached'));
  for (let times = 0; times < 2_000 && !seen(); times += 1) await client.ask(get);
  expect(seen()).toBe(true);
  for (let times = 0; times < 4; times += 1) await client.ask(get);
}

describe('a page that is asked for again and again', () => {
  for (const bytes of sizes) {
    test(`of ${bytes} bytes is the same each time, and the new one once it is saved`, async () => {
      await using server = await startTestServer({ files: {} });
      await using client = await RawClient.open(server.port);
      for (const letter of ['a', 'b']) {
        const page = pageOf(bytes, letter);
        save(server, bytes, letter);
        await warm(server, client);
        for (let times = 0; times < 3; times += 1) {
          const { body, fields } = await client.ask(get);
          expect(body === page).toBe(true);
          expect(fields.get('content-length')).toBe(String(bytes));
        }
        const part = { fields: ['Range: bytes=1-13000'] };
        const ranged =
          bytes > 13_000 ? await client.ask(request('GET', '/page.html', part)) : undefined;
        if (ranged !== undefined) expect(ranged.body === page.slice(1, 13_001)).toBe(true);
      }
    });
  }
});

test('a client that reads late gets what it asked for, whole, though the page was saved since', async () => {
  const bytes = 100_000;
  await using server = await startTestServer({ files: {} });
  save(server, bytes, 'a');
  await using late = await RawClient.open(server.port);
  await using other = await RawClient.open(server.port);
  await warm(server, other);
  late.pause();
  // One at a time, so that each is sent by itself while there is room.
  for (let asked = 0; asked < 64; asked += 1) {
    late.send(get);
    await other.ask(request('GET', '/nothing'));
  }
  for (const letter of ['b', 'c']) {
    save(server, bytes, letter);
    await warm(server, other);
  }
  late.resume();
  const seen = new Set<string>();
  for (let asked = 0; asked < 64; asked += 1) {
    const { body } = await late.next();
    const letter = body.at(50_000) ?? '';
    expect(body === pageOf(bytes, letter)).toBe(true);
    seen.add(letter);
  }
  expect(seen.has('a')).toBe(true);
});

test('a client that goes away in the middle harms nobody', async () => {
  const page = pageOf(100_000, 'a');
  await using server = await startTestServer({ files: {} });
  save(server, 100_000, 'a');
  await using other = await RawClient.open(server.port);
  await warm(server, other);
  for (let times = 0; times < 20; times += 1) {
    const gone = await RawClient.open(server.port);
    gone.pause();
    for (let asked = 0; asked < 8; asked += 1) gone.send(get);
    await other.ask(request('GET', '/nothing'));
    gone.reset();
    expect((await other.ask(get)).body === page).toBe(true);
  }
  await until('the others are gone', () => server.connections === 1);
  expect(server.log.some((line) => line.includes('bug'))).toBe(false);
});
