/** Content over the inline size: whole and exact, or a broken connection, and no file left open. */

import { describe, expect, test } from 'bun:test';
import {
  appendFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { RawClient, request } from '../support/raw-client.ts';
import { until } from '../support/server.ts';
import { readingModes } from './large/reading-modes.ts';

const KIB = 1024;
const MIB = KIB * KIB;

/** Text in which each piece of 16 bytes says where it stands, so that a shifted one shows. */
function numbered(bytes: number, letter: string): string {
  const pieces = Array.from({ length: Math.ceil(bytes / 16) }, (_, n) =>
    `${letter}${n}`.padEnd(15, '.').concat('\n'),
  );
  return pieces.join('').slice(0, bytes);
}

const OLD = numbered(20 * MIB, 'o');
const get = request('GET', '/large.txt');

for (const mode of readingModes) {
  describe(mode.name, () => {
    test('a file arrives on 8 connections at once', async () => {
      await using server = await mode.start({ 'large.txt': OLD });
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          await using client = await RawClient.open(server.port);
          const response = await client.ask(get);
          expect(response.fields.get('content-length')).toBe(String(OLD.length));
          expect(response.body === OLD).toBe(true);
          const head = await client.ask(request('HEAD', '/large.txt'));
          expect(head.fields.get('content-length')).toBe(String(OLD.length));
          expect(head.fields.get('content-type')).toBe('text/plain; charset=utf-8');
        }),
      );
    });

    describe('sizes about those of the chunks', () => {
      const chunk = 256 * KIB;
      for (const bytes of [chunk - 1, chunk, chunk + 1, 2 * chunk - 1, 2 * chunk, 4 * chunk + 1]) {
        test(`${bytes} bytes, among other answers`, async () => {
          const text = numbered(bytes, 's');
          await using server = await mode.start({ 'large.txt': text, 'a.txt': 'a' });
          await using client = await RawClient.open(server.port);
          const small = request('GET', '/a.txt');
          client.send(small + get + get + small + request('HEAD', '/large.txt') + small);
          expect((await client.next()).body).toBe('a');
          expect((await client.next()).body === text).toBe(true);
          expect((await client.next()).body === text).toBe(true);
          expect((await client.next()).body).toBe('a');
          expect((await client.next('HEAD')).fields.get('content-length')).toBe(String(bytes));
          expect((await client.next()).body).toBe('a');
        });
      }
    });

    test('pipelined downloads and writes of one file keep their order', async () => {
      const text = numbered(MIB, 't');
      await using server = await mode.start({ 'large.txt': text });
      await using client = await RawClient.open(server.port);
      const put = (letter: string): string =>
        request('POST', '/large.txt', { content: numbered(MIB, letter) });
      client.send(get + get + put('u') + get + get + put('v') + get);
      for (const letter of ['t', 't', 'u', 'u', 'u', 'v', 'v']) {
        expect((await client.next()).body === numbered(MIB, letter), letter).toBe(true);
      }
    });

    describe('a file that changes under a download', () => {
      /** Starts a download, lets its first part arrive, changes the file, and takes the rest. */
      async function downloadWhile(change: (path: string) => void): Promise<string> {
        await using server = await mode.start({ 'large.txt': OLD });
        await using client = await RawClient.open(server.port);
        client.send(get);
        await until('the first bytes', () => client.received.length > 0);
        client.pause();
        change(join(server.root.path, 'large.txt'));
        client.resume();
        const received = await client.end();
        return received.slice(received.indexOf('\r\n\r\n') + 4);
      }

      const rows: readonly (readonly [name: string, change: (path: string) => void])[] = [
        ['shrinks', (path) => truncateSync(path, 100)],
        ['grows', (path) => writeFileSync(path, `${OLD}more`)],
        ['is appended to', (path) => appendFileSync(path, 'more')],
        ['is rewritten in place', (path) => writeFileSync(path, numbered(20 * MIB, 'n'))],
      ];
      for (const [name, change] of rows) {
        test(`${name}: the connection breaks`, async () => {
          const body = await downloadWhile(change);
          expect(body.length).toBeLessThan(OLD.length);
          expect(OLD.startsWith(body)).toBe(true);
        });
      }

      test('is replaced or removed: the old version arrives whole', async () => {
        for (const raw of [
          request('POST', '/large.txt', { content: 'new' }),
          request('DELETE', '/large.txt'),
        ]) {
          await using server = await mode.start({ 'large.txt': OLD });
          await using client = await RawClient.open(server.port);
          client.send(get);
          await until('the first bytes', () => client.received.length > 0);
          client.pause();
          await using editor = await RawClient.open(server.port);
          expect((await editor.ask(raw)).status).toBeLessThan(300);
          client.resume();
          expect((await client.next()).body === OLD).toBe(true);
          const now = await client.ask(get);
          expect(now.status === 404 || now.body === 'new').toBe(true);
        }
      });

      test('is replaced by another program: the old version arrives whole', async () => {
        await using server = await mode.start({ 'large.txt': OLD, 'new.txt': 'new' });
        await using client = await RawClient.open(server.port);
        client.send(get);
        await until('the first bytes', () => client.received.length > 0);
        client.pause();
        renameSync(join(server.root.path, 'new.txt'), join(server.root.path, 'large.txt'));
        client.resume();
        expect((await client.next()).body === OLD).toBe(true);
        expect((await client.ask(get)).body).toBe('new');
      });
    });

    describe('a client that leaves', () => {
      const open = (path: string): number =>
        readdirSync('/proc/self/fd').filter((name) => linkOf(name).startsWith(path)).length;

      const rows: readonly (readonly [name: string, leave: (client: RawClient) => void])[] = [
        ['with a reset', (client) => client.reset()],
        ['with its connection', (client) => void client[Symbol.asyncDispose]()],
      ];
      for (const [name, leave] of rows) {
        // Only there can a process list the files that it has open.
        test.skipIf(process.platform !== 'linux')(`${name} leaves no file open`, async () => {
          await using server = await mode.start({ 'large.txt': OLD });
          const file = join(server.root.path, 'large.txt');
          const clients: RawClient[] = [];
          for (let n = 0; n < 30; n += 1) {
            const client = await RawClient.open(server.port);
            client.pause();
            // Some with more downloads behind the first, whose files must not be open yet.
            client.send(get.repeat(1 + (n % 32)));
            clients.push(client);
          }
          await until('each has its file open, and no other', () => open(file) === 30);
          for (const client of clients) leave(client);
          await until('all are gone', () => server.connections === 0);
          await until('all files are closed', () => open(file) === 0);
        });
      }
    });
  });
}

function linkOf(name: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${name}`);
  } catch {
    // It was closed since the folder was read.
    return '';
  }
}
