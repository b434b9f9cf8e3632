/** Downloads beside others, ranges of them, and what is left when a thread or the server ends. */

import { describe, expect, test } from 'bun:test';
import { closeSync, ftruncateSync, openSync, readdirSync, readlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { HASH_BYTES_MAX } from '../../../src/config/limits.ts';
import { TURN_PARTS_MAX } from '../../../src/server/stream-turns.ts';
import { Seeded, seedOfRun } from '../../store/seeded.ts';
import { RawClient, request } from '../../support/raw-client.ts';
import { type TestServer, until } from '../../support/server.ts';
import { CountingReader, readingModes, startOnDisk } from './reading-modes.ts';

const MIB = 1 << 20;
const storeWorkerUrl = new URL('../faults/store-entry.ts', import.meta.url);
const isLinux = process.platform === 'linux';

function lettered(bytes: number, seed: number): string {
  const random = new Seeded(seed);
  const block = Array.from({ length: 4_099 }, () => String.fromCharCode(97 + random.below(26)));
  return block
    .join('')
    .repeat(Math.ceil(bytes / block.length))
    .slice(0, bytes);
}

const get = request('GET', '/large.txt');

/** How often this process has the page open, in whatever thread. */
function openCount({ root }: TestServer): number {
  const path = join(root.path, 'large.txt');
  return readdirSync('/proc/self/fd').filter((name) => linkOf(name).startsWith(path)).length;
}

function linkOf(name: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${name}`);
  } catch {
    // It was closed since the folder was read.
    return '';
  }
}

const seed = seedOfRun();
for (const mode of readingModes) {
  describe(mode.name, () => {
    test(`slow readers and random ranges: INKWIRE_SEED=${seed}`, async () => {
      const random = new Seeded(seed);
      const text = lettered(6 * MIB + 77, seed);
      await using server = await mode.start({ 'large.txt': text });
      const clients = await Promise.all([1, 2, 3, 4].map(() => RawClient.open(server.port)));
      await Promise.all(
        clients.map(async (client) => {
          for (let round = 0; round < 3; round += 1) {
            const start = random.below(text.length - 1);
            const end = start + 1 + random.below(text.length - start - 1);
            const range = `Range: bytes=${start}-${end - 1}`;
            const answer = client.ask(request('GET', '/large.txt', { fields: [range] }));
            for (let pauses = 0; pauses < 5; pauses += 1) {
              client.pause();
              const turns = random.below(10);
              for (let turn = 0; turn < turns; turn += 1) {
                await new Promise((resolve) => setImmediate(resolve));
              }
              client.resume();
              await new Promise((resolve) => setImmediate(resolve));
            }
            const { status, body } = await answer;
            expect(status).toBe(206);
            expect(body === text.slice(start, end), `${start} to ${end}`).toBe(true);
          }
          await client[Symbol.asyncDispose]();
        }),
      );
    });

    test('several ranges, large and small, are woven', async () => {
      const text = lettered(3 * MIB, 5);
      await using server = await mode.start({ 'large.txt': text });
      await using client = await RawClient.open(server.port);
      const ranges = [
        [1_000_000, 2_999_999],
        [0, 0],
        [5, 1_200_004],
      ] as const;
      const wish = ranges.map(([first, last]) => `${first}-${last}`).join(',');
      const fields = [`Range: bytes=${wish}`];
      for (let times = 0; times < 2; times += 1) {
        const { status, body } = await client.ask(request('GET', '/large.txt', { fields }));
        expect(status).toBe(206);
        const boundary = body.slice(2, body.indexOf('\r\n', 2));
        const parts = ranges.map(([first, last]) => {
          const said = `Content-Range: bytes ${first}-${last}/${text.length}`;
          const head = `\r\n${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n${said}`;
          return `${head}\r\n\r\n${text.slice(first, last + 1)}`;
        });
        expect(body === `${parts.join('')}\r\n${boundary}--\r\n`).toBe(true);
      }
    });

    test('bytes beyond four GiB', async () => {
      await using server = await mode.start({});
      const file = openSync(join(server.root.path, 'huge.bin'), 'w');
      const position = 5 * 2 ** 30 + 3;
      writeSync(file, 'here', position);
      ftruncateSync(file, position + MIB);
      closeSync(file);
      await using client = await RawClient.open(server.port);
      const fields = [`Range: bytes=${position - 2}-${position + 5}`];
      const { body } = await client.ask(request('GET', '/huge.bin', { fields }));
      expect(body).toBe('\0\0here\0\0');
    });

    for (const fault of ['exit', 'hang']) {
      // Only there can a process list what it has open, and ask what lies in memory.
      test.skipIf(!isLinux)(
        `a worker that does ${fault} breaks its downloads, and no other`,
        async () => {
          const files = { 'large.txt': lettered(20 * MIB, 6), [`${fault}-read.html`]: 'x' };
          await using server = await mode.start(files, {
            config: { workers: 1 },
            // One that hangs is known by its deadline; a healthy job takes milliseconds.
            dispatchLimits: { jobDeadlineMs: fault === 'hang' ? 800 : 30_000 },
            seams: { storeWorkerUrl },
          });
          await using client = await RawClient.open(server.port);
          await client.ask(request('OPTIONS', '*'));
          const downloads = await Promise.all([1, 2, 3].map(() => RawClient.open(server.port)));
          for (const download of downloads) {
            download.pause();
            download.send(get);
          }
          await until('three are open', () => openCount(server) === 3);
          const struck = await client.ask(request('GET', `/${fault}-read.html`));
          expect(struck.status).toBeGreaterThanOrEqual(500);
          for (const download of downloads) {
            download.resume();
            expect((await download.end()).length).toBeLessThan(20 * MIB);
            await download[Symbol.asyncDispose]();
          }
          // What the dead worker had open is closed.
          await until('all is closed', () => openCount(server) === 0);
          expect((await client.ask(get)).body.length).toBe(20 * MIB);
          await until('all is closed again', () => openCount(server) === 0);
        },
      );
    }

    // Only there can a process list what it has open, and ask what lies in memory.
    test.skipIf(!isLinux)('a stop during downloads leaves nothing open', async () => {
      const server: TestServer = await mode.start(
        { 'large.txt': lettered(20 * MIB, 7) },
        { limits: { stopTimeoutMs: 50 } },
      );
      const clients = await Promise.all([1, 2, 3].map(() => RawClient.open(server.port)));
      for (const client of clients) {
        client.pause();
        client.send(get);
      }
      await until('all are open', () => openCount(server) === 3);
      await server[Symbol.asyncDispose]();
      for (const client of clients) {
        client.resume();
        expect((await client.end()).length).toBeLessThan(20 * MIB);
        await client[Symbol.asyncDispose]();
      }
      expect(openCount(server)).toBe(0);
    });
  });
}

// Only there can a process list what it has open, and ask what lies in memory.
test.skipIf(!isLinux)(
  'what lies in memory on a disk’s file system is read by main alone',
  async () => {
    const reader = new CountingReader();
    const text = lettered(4 * MIB, 8);
    await using server = await startOnDisk({ 'large.txt': text }, { seams: { reader } });
    await using client = await RawClient.open(server.port);
    expect((await client.ask(get)).body === text).toBe(true);
    expect(reader.reads).toBeGreaterThanOrEqual(16);
    expect(reader.misses).toBe(0);
  },
);

/** Has the kernel forget what it holds of a file; false where nothing here can do that. */
function forget(path: string): boolean {
  // The one way that the manual of dd gives for it.
  const words = ['dd', `of=${path}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'];
  const dd = Bun.which('dd');
  return dd !== null && Bun.spawnSync([dd, ...words.slice(1)], { stderr: 'ignore' }).success;
}

// Elsewhere there is no such dd, and nothing is asked of the page cache.
test.skipIf(!isLinux)(
  'what does not lie in memory is fetched, and arrives all the same',
  async () => {
    const reader = new CountingReader();
    // So large that no worker reads it for its tag.
    const text = lettered(HASH_BYTES_MAX + 1, 10);
    await using server = await startOnDisk({ 'large.txt': text }, { seams: { reader } });
    await using client = await RawClient.open(server.port);
    for (let times = 0; times < 3; times += 1) {
      expect(forget(join(server.root.path, 'large.txt'))).toBe(true);
      const { misses } = reader;
      expect((await client.ask(get)).body === text).toBe(true);
      expect(reader.misses).toBeGreaterThan(misses);
    }
  },
);

// Only there can a process list what it has open, and ask what lies in memory.
test.skipIf(!isLinux)('downloads delay nobody by more than a few turns', async () => {
  const reader = new CountingReader();
  const files = { 'large.txt': lettered(16 * MIB, 9), 'small.txt': 'small' };
  await using server = await startOnDisk(files, { seams: { reader } });
  const clients = await Promise.all(Array.from({ length: 12 }, () => RawClient.open(server.port)));
  const bodies = Promise.all(clients.map((client) => client.ask(get)));
  await using pinger = await RawClient.open(server.port);
  await until('the downloads run', () => reader.reads > 0);
  let pings = 0;
  const most = 12 * 16 * 4;
  while (reader.reads < most / 2) {
    const before = reader.reads;
    // Answered by the main thread, so that no other thread's pace counts.
    await pinger.ask(request('OPTIONS', '*'));
    expect(reader.reads - before).toBeLessThanOrEqual(4 * TURN_PARTS_MAX);
    expect((await pinger.ask(request('GET', '/small.txt'))).body).toBe('small');
    pings += 1;
  }
  expect(pings).toBeGreaterThan(5);
  for (const { body } of await bodies) expect(body.length).toBe(16 * MIB);
  for (const client of clients) await client[Symbol.asyncDispose]();
});
