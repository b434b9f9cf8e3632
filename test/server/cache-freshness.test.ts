/** A page in memory is never served once its file is another: whatever was done to it, and how. */

import { describe, expect, test } from 'bun:test';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { RawClient } from '../support/raw-client.ts';
import { TestRoot } from '../support/root.ts';
import { startTestServer, type TestServer, until } from '../support/server.ts';

const OLD = '<p>old</p>';
const NEW = '<p>new</p>';

interface Change {
  readonly name: string;
  /** @param root of the server; `outside` is a folder beside it */
  readonly make: (root: string, outside: string) => void;
  readonly target?: string;
  /** What the next request is answered with. */
  readonly status: number;
  readonly body?: string;
}

const changes: readonly Change[] = [
  {
    name: 'written in place',
    make: (root) => writeFileSync(join(root, 'page.html'), `${NEW}${NEW}`),
    status: 200,
    body: `${NEW}${NEW}`,
  },
  {
    name: 'written in place, of the same size',
    make: (root) => writeFileSync(join(root, 'page.html'), NEW),
    status: 200,
    body: NEW,
  },
  {
    name: 'written in place, of the same size, with its old time put back',
    make: (root) => {
      const { atime, mtime } = statSync(join(root, 'page.html'));
      writeFileSync(join(root, 'page.html'), NEW);
      utimesSync(join(root, 'page.html'), atime, mtime);
    },
    status: 200,
    body: NEW,
  },
  {
    name: 'replaced by a rename',
    make: (root) => {
      writeFileSync(join(root, 'new'), NEW);
      renameSync(join(root, 'new'), join(root, 'page.html'));
    },
    status: 200,
    body: NEW,
  },
  { name: 'removed', make: (root) => rmSync(join(root, 'page.html')), status: 404 },
  {
    name: 'replaced by a link that leads out',
    make: (root, outside) => {
      renameSync(join(root, 'page.html'), join(outside, 'page.html'));
      symlinkSync(join(outside, 'page.html'), join(root, 'page.html'));
    },
    status: 404,
  },
  {
    name: 'replaced by a FIFO',
    make: (root) => {
      rmSync(join(root, 'page.html'));
      execFileSync('mkfifo', [join(root, 'page.html')]);
    },
    status: 404,
  },
  {
    name: 'replaced by a folder',
    make: (root) => {
      rmSync(join(root, 'page.html'));
      mkdirSync(join(root, 'page.html'));
    },
    status: 301,
  },
  {
    name: 'in a folder that was moved out and left a link to itself',
    target: '/deep/er/page.html',
    make: (root, outside) => {
      renameSync(join(root, 'deep'), join(outside, 'deep'));
      symlinkSync(join(outside, 'deep'), join(root, 'deep'));
    },
    status: 404,
  },
  {
    name: 'in a folder whose inner folder became a link out',
    target: '/deep/er/page.html',
    make: (root, outside) => {
      renameSync(join(root, 'deep/er'), join(outside, 'er'));
      symlinkSync(join(outside, 'er'), join(root, 'deep/er'));
    },
    status: 404,
  },
  {
    name: 'in a folder that was replaced by another',
    target: '/deep/er/page.html',
    make: (root) => {
      renameSync(join(root, 'deep'), join(root, 'gone'));
      mkdirSync(join(root, 'deep/er'), { recursive: true });
      writeFileSync(join(root, 'deep/er/page.html'), NEW);
    },
    status: 200,
    body: NEW,
  },
  {
    name: 'in a folder that is gone',
    target: '/deep/er/page.html',
    make: (root) => rmSync(join(root, 'deep'), { recursive: true }),
    status: 404,
  },
];

function get(target: string): string {
  return `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
}

/** Asks until no worker is needed for the page, and as often again as plans and heads need. */
async function warm(server: TestServer, client: RawClient, target: string): Promise<void> {
  const asked = async (): Promise<string> => {
    client.send(get(target));
    return (await client.next()).body;
  };
  const cached = (): boolean => server.log.at(-1)?.endsWith(' ms, cached') === true;
  const atOnce = (): boolean => server.log.at(-1)?.endsWith(' ms') === true;
  const known = server.config.dispatchLimits.cacheBytesMax > 0 ? cached : atOnce;
  for (let tries = 0; tries < 1_000 && !known(); tries += 1) {
    const { length } = server.log;
    expect(await asked()).toBe(OLD);
    await until('the line of the log', () => server.log.length > length);
    if (!known()) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(known()).toBe(true);
  for (let again = 0; again < 4; again += 1) expect(await asked()).toBe(OLD);
}

const ways = [
  { name: 'by statx' },
  { name: 'by the portable calls', portable: true },
  { name: 'on a disk, where it is read at once', onDisk: true },
  { name: 'on a disk, with nothing kept', onDisk: true, dispatchLimits: { cacheBytesMax: 0 } },
];

for (const { name: way, portable = false, onDisk = false, dispatchLimits = {} } of ways) {
  describe(`${way}, a page`, () => {
    for (const { name, make, target = '/page.html', status, body } of changes) {
      test(name, async () => {
        using root = new TestRoot({ 'page.html': OLD, 'deep/er/page.html': OLD }, onDisk);
        using outside = new TestRoot({}, onDisk);
        for (const page of ['page.html', 'deep/er/page.html']) {
          utimesSync(join(root.path, page), 1_700_000_000, 1_700_000_000);
        }
        await using server = await startTestServer({ root, seams: { portable }, dispatchLimits });
        await using client = await RawClient.open(server.port);
        await using other = await RawClient.open(server.port);
        await warm(server, client, target);
        await warm(server, other, target);
        make(root.path, outside.path);
        // Begun after the change: each of a batch is right, on a connection that knows the head.
        client.send(get(target).repeat(3));
        for (let index = 0; index < 3; index += 1) {
          const response = await client.next();
          expect([index, response.status]).toEqual([index, status]);
          if (body !== undefined) expect(response.body).toBe(body);
        }
        other.send(get(target));
        expect((await other.next()).status).toBe(status);
      });
    }
  });
}

const stores = [
  { name: 'in memory', onDisk: false, dispatchLimits: {} },
  { name: 'on a disk', onDisk: true, dispatchLimits: {} },
  { name: 'on a disk, with nothing kept', onDisk: true, dispatchLimits: { cacheBytesMax: 0 } },
];

test.each(stores)(
  'an acknowledged edit is seen at once by everyone, a hundred times: %p',
  async ({ onDisk, dispatchLimits }) => {
    using root = new TestRoot({ 'page.html': '<body>\n</body>' }, onDisk);
    await using server = await startTestServer({ root, dispatchLimits });
    await using writer = await RawClient.open(server.port);
    await using reader = await RawClient.open(server.port);
    for (let edit = 1; edit <= 100; edit += 1) {
      reader.send(get('/page.html').repeat(2));
      writer.send(
        `PUT /page.html HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${String(edit).length}\r\n\r\n${edit}`,
      );
      const { body } = await writer.next();
      await reader.next();
      await reader.next();
      reader.send(get('/page.html').repeat(2));
      expect((await reader.next()).body).toBe(body);
      expect((await reader.next()).body).toBe(body);
    }
  },
);

test('a client reads its own writes in one batch, with the page in memory', async () => {
  await using server = await startTestServer({ files: { 'page.html': OLD } });
  await using client = await RawClient.open(server.port);
  await warm(server, client, '/page.html');
  const post = 'POST /page.html HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nnew';
  client.send(get('/page.html') + post + get('/page.html'));
  expect((await client.next()).body).toBe(OLD);
  expect((await client.next()).status).toBe(201);
  expect((await client.next()).body).toBe('new');
});

test('a known head waits for what is under way before it', async () => {
  await using server = await startTestServer({ files: { 'page.html': OLD } });
  await using client = await RawClient.open(server.port);
  await warm(server, client, '/page.html');
  const post = 'POST /page.html HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nnew';
  for (const piece of [post.slice(0, -1), 'w', get('/page.html')]) {
    client.send(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect((await client.next()).status).toBe(201);
  expect((await client.next()).body).toBe('new');
});

test('a known head inside another head is none', async () => {
  await using server = await startTestServer({ files: { 'page.html': OLD } });
  await using client = await RawClient.open(server.port);
  await warm(server, client, '/page.html');
  const { length } = server.log;
  client.send('HEAD /missing.html HTTP/1.1\r\nX: ');
  await client.sent();
  await new Promise((resolve) => setImmediate(resolve));
  client.send(get('/page.html'));
  expect((await client.next('HEAD')).status).toBe(400);
  await until('the line of the log', () => server.log.length > length);
  expect(server.log.length).toBe(length + 1);
});
