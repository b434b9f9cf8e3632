/**
 * What a client can make the server hold, measured on a server process of its own, for a test's own
 * process holds what its clients send and receive. Linux tells a process's memory.
 */

import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { serve } from '../support/inkwire.ts';
import { RawClient, request } from '../support/raw-client.ts';
import { TestRoot } from '../support/root.ts';
import { until } from '../support/server.ts';

const MIB = 1024 * 1024;

/** Resident memory in MiB, without the pages of files. */
function residentMib(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+([0-9]+) kB$`, 'm').exec(status)?.[1]);
  return (kib('RssAnon') + kib('RssShmem')) / 1024;
}

/** Once another connection has its answer, the server has read all that was sent before. */
async function isRead(port: number): Promise<void> {
  await using other = await RawClient.open(port);
  await other.ask(request('GET', '/nothing'));
}

// Only Linux has /proc.
describe.skipIf(process.platform !== 'linux')('the memory of a server', () => {
  test.each([
    ['on a disk', true],
    ['in memory', false],
  ] as const)(
    'holds nothing of a large page %s for a client that does not read',
    async (_, onDisk) => {
      using root = new TestRoot({ 'large.bin': new Uint8Array(20 * MIB).fill(0x61) }, onDisk);
      await using server = await serve(root.path, '.', '--workers', '2', '--log', 'off');
      await isRead(server.port);
      const before = residentMib(server.pid);
      const clients: RawClient[] = [];
      for (let n = 0; n < 100; n += 1) {
        const client = await RawClient.open(server.port);
        client.pause();
        client.send(request('GET', '/large.bin'));
        clients.push(client);
      }
      for (let turn = 0; turn < 5; turn += 1) await isRead(server.port);
      // One buffer and two slabs are 4 MiB; a part of 256 KiB for each client would be 25.
      expect(residentMib(server.pid) - before).toBeLessThan(20);
      for (const client of clients) await client[Symbol.asyncDispose]();
      // And gives it back when they have gone.
      await until('memory is given back', () => residentMib(server.pid) - before < 30, 10_000);
    },
  );

  test('holds content that comes a byte at a time in about its own size', async () => {
    using root = new TestRoot();
    await using server = await serve(root.path, '.', '--workers', '2', '--log', 'off');
    await isRead(server.port);
    const before = residentMib(server.pid);
    const bytes = MIB - 1;
    const chunks = '1\r\na\r\n'.repeat(bytes);
    const clients: RawClient[] = [];
    for (let n = 0; n < 2; n += 1) {
      const client = await RawClient.open(server.port);
      client.send(request('POST', `/${n}.txt`, { fields: ['Transfer-Encoding: chunked'] }));
      client.send(chunks);
      await client.sent();
      clients.push(client);
    }
    await isRead(server.port);
    // An array for each byte would be 350 MiB.
    expect(residentMib(server.pid) - before).toBeLessThan(120);
    for (const client of clients) {
      client.send('0\r\n\r\n');
      expect((await client.next('POST')).body === 'a'.repeat(bytes)).toBe(true);
      await client[Symbol.asyncDispose]();
    }
  });
});
