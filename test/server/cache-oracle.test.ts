/**
 * The oracle of the cache: a server with one, a server without, and one that reads without workers
 * what it can, answer every request alike, byte for byte, over the same pages, however the requests
 * are cut into writes.
 */

import { expect, test } from 'bun:test';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { Seeded, seedOfRun } from '../store/seeded.ts';
import { RawClient } from '../support/raw-client.ts';
import { SAMPLE, TestRoot } from '../support/root.ts';
import { startTestServer, until } from '../support/server.ts';

const ROUNDS = 150;
const REQUESTS_MAX = 12;

const files = {
  'test.html': SAMPLE,
  'empty.html': '',
  'dir/index.html': '<p>folder</p>',
  'ü.html': '<p>ü</p>',
  'plain.txt': 'abcdefghij'.repeat(20),
  'large.bin': new Uint8Array(300_000).fill(7),
  'huge.bin': new Uint8Array((1 << 20) + 1).fill(9),
};

const targets = [
  ...Array.from({ length: 15 }, () => '/test.html'),
  ...['/test.html?x=1', '/empty.html', '/dir/', '/dir', '/plain.txt'],
  ...['/%C3%BC.html', '/missing.html', '/.hidden', '/large.bin', '/huge.bin', '/', '/a%2fb'],
  'http://localhost/test.html',
];

/** What a client may know of the pages: tags and dates that were told, and others. */
interface Known {
  readonly tags: readonly string[];
  readonly dates: readonly string[];
}

function fieldLine(random: Seeded, { tags, dates }: Known): string {
  const tag = random.pick(tags);
  const date = random.pick(dates);
  return random.pick([
    `If-None-Match: ${tag}`,
    `If-None-Match: W/${tag}, "other"`,
    'If-None-Match: *',
    `If-Match: ${tag}`,
    'If-Match: "other"',
    `If-Modified-Since: ${date}`,
    `If-Unmodified-Since: ${date}`,
    'Range: bytes=0-9',
    'Range: bytes=-5',
    'Range: bytes=10-',
    'Range: bytes=999999999-',
    'Range: bytes=what',
    `Range: bytes=0-3\r\nIf-Range: ${tag}`,
    `Range: bytes=0-3\r\nIf-Range: ${date}`,
    'Origin: http://allowed.example',
    'Origin: http://other.example',
    'Connection: keep-alive',
    'Expect: 100-continue',
    'Expect: something',
    'Content-Length: 0',
    'Content-Length: 3',
    'Transfer-Encoding: chunked',
    'Accept: text/html',
    'Cookie: a=b',
  ]);
}

/** What goes with the head: each way to say how long it is, said once. */
function content(lines: readonly string[]): string {
  if (lines.includes('Content-Length: 3')) return 'GET';
  return lines.includes('Transfer-Encoding: chunked') ? '3\r\nGET\r\n0\r\n\r\n' : '';
}

function request(random: Seeded, known: Known): string {
  const method = random.pick(['GET', 'GET', 'GET', 'GET', 'HEAD', 'OPTIONS']);
  const version = random.pick(['1.1', '1.1', '1.1', '1.1', '1.0']);
  const host = random.pick(['localhost', 'localhost', 'LOCALHOST:80', '127.0.0.1', 'evil.com']);
  const lines = [`${method} ${random.pick(targets)} HTTP/${version}`, `Host: ${host}`];
  for (let count = random.below(3); count > 0; count -= 1) lines.push(fieldLine(random, known));
  if (version === '1.0') lines.push('Connection: keep-alive');
  return `${lines.join('\r\n')}\r\n\r\n${content(lines)}`;
}

/** What a connection is answered; dates are the clock's, and no part of it. */
async function play(port: number, pieces: readonly string[]): Promise<string> {
  await using client = await RawClient.open(port);
  for (const piece of pieces) {
    client.send(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  client.shutdown();
  await until('the end of the connection', () => client.ended, 10_000);
  return client.received.replace(/\r\nDate: [^\r]*/g, '\r\nDate: now');
}

const seed = seedOfRun();
test(`a random client cannot tell: INKWIRE_SEED=${seed}`, async () => {
  const random = new Seeded(seed);
  using root = new TestRoot(files);
  using other = new TestRoot(files);
  using onDisk = new TestRoot(files, true);
  // Long enough ago that no date is too young to count, and the same in all roots.
  for (const name of Object.keys(files)) {
    for (const { path } of [root, other, onDisk])
      utimesSync(join(path, name), 1_700_000_000, 1_700_000_000);
  }
  const config = { log: 'off', allowedOrigins: ['http://allowed.example'] } as const;
  await using cached = await startTestServer({ root, config });
  await using plain = await startTestServer({
    root: other,
    config,
    dispatchLimits: { cacheBytesMax: 0 },
  });
  await using instant = await startTestServer({
    root: onDisk,
    config,
    dispatchLimits: { cacheBytesMax: 0 },
  });
  const tags = await Promise.all(
    ['/test.html', '/plain.txt', '/dir/'].map(async (target) => {
      const response = await fetch(new URL(target, plain.url));
      await response.arrayBuffer();
      return response.headers.get('etag') ?? '';
    }),
  );
  const dates = [1_700_000_000, 1_600_000_000, 1_750_000_000].map((s) =>
    new Date(s * 1_000).toUTCString(),
  );
  dates.push('Tuesday, 14-Nov-23 22:13:20 GMT', 'no date');
  const known = { tags: [...tags, '"other"'], dates };
  for (let round = 0; round < ROUNDS; round += 1) {
    const some = Array.from({ length: 3 }, () => request(random, known));
    // The same few again and again, so that the cache, its plans and the last head come to work.
    const stream = Array.from({ length: 1 + random.below(REQUESTS_MAX) }, () => random.pick(some));
    const text = stream.join('');
    const cuts = Array.from({ length: random.below(5) }, () => random.below(text.length)).sort(
      (a, b) => a - b,
    );
    const pieces = random.below(2) === 0 ? stream : split(text, cuts);
    const want = await play(plain.port, pieces);
    for (const { port } of [cached, instant]) {
      const mine = await play(port, pieces);
      if (mine !== want) throw new Error(`round ${round}: ${JSON.stringify(pieces)}`);
      expect(mine.length).toBeGreaterThan(0);
    }
  }
}, 30_000);

function split(text: string, cuts: readonly number[]): string[] {
  const ends = [...cuts, text.length];
  return ends.map((end, at) => text.slice(ends[at - 1] ?? 0, end)).filter((piece) => piece !== '');
}
