/** Contents that the kernel keeps: what leaves is what was kept, whatever comes into its place. */

import { describe, expect, test } from 'bun:test';
import type { Socket } from 'bun';
import { descriptorOf } from '../../src/server/kernel-content.ts';
import { type KernelMemory, openKernelMemory } from '../../src/store/kernel-memory.ts';
import { RawClient } from '../support/raw-client.ts';
import { until } from '../support/server.ts';

const memory = openKernelMemory();
const missing = memory === undefined;
memory?.close();
if (missing) console.warn('skipped: the kernel keeps no contents for sockets here');

function opened(): KernelMemory & Disposable {
  const one = openKernelMemory();
  if (one === undefined) throw new Error('looked at before');
  return Object.assign(one, { [Symbol.dispose]: () => one.close() });
}

/** A client and the server's end of its connection. */
async function connected() {
  const sockets: Socket[] = [];
  const listener = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      open: (socket) => {
        sockets.push(socket);
      },
      data() {},
    },
  });
  const client = await RawClient.open(listener.port);
  await until('the connection is open', () => sockets.length === 1);
  const [socket] = sockets;
  if (socket === undefined) throw new Error('just seen');
  return {
    client,
    socket,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      listener.stop(true);
    },
  };
}

const head = Buffer.from('HEAD ');
const filled = (letter: string, bytes: number): Uint8Array => Buffer.alloc(bytes, letter);

// It is Linux's own.
describe.skipIf(missing)('a content that the kernel keeps', () => {
  for (const bytes of [1, 4_095, 4_096, 4_097, 65_536]) {
    test(`leaves behind its head: ${bytes}`, async () => {
      using memory = opened();
      await using pair = await connected();
      const kept = memory.keep(filled('a', bytes));
      expect(kept?.send(descriptorOf(pair.socket), head)).toBe(head.length + bytes);
      await until('all has come', () => pair.client.received.length === head.length + bytes);
      expect(pair.client.received).toBe(`HEAD ${'a'.repeat(bytes)}`);
    });
  }

  test('what is on its way stays what it was, though its place holds another by then', async () => {
    using memory = opened();
    await using pair = await connected();
    pair.client.pause();
    const descriptor = descriptorOf(pair.socket);
    const old = memory.keep(filled('o', 100_000));
    let sent = 0;
    // Until the kernel has no room: what it holds are the pages themselves.
    for (let last = 1; last > 0; sent += last) last = old?.send(descriptor, head) ?? 0;
    expect(sent).toBeGreaterThan(100_000);
    old?.letGo();
    const young = memory.keep(filled('y', 100_000));
    expect(memory.places).toBe(1);
    pair.client.resume();
    await until('all has come', () => pair.client.received.length === sent);
    expect(pair.client.received.replaceAll('HEAD ', '').replace(/H?E?A?D?$/, '')).toMatch(/^o+$/);
    await using other = await connected();
    young?.send(descriptorOf(other.socket), head);
    await until('the young one has come', () => other.client.received.length === 100_005);
    expect(other.client.received).toBe(`HEAD ${'y'.repeat(100_000)}`);
  });

  test('a shorter one in its place ends where it ends', async () => {
    using memory = opened();
    await using pair = await connected();
    memory.keep(filled('o', 60_000))?.letGo();
    memory.keep(filled('y', 10))?.send(descriptorOf(pair.socket), head);
    await until('it has come', () => pair.client.received.length >= 15);
    expect(pair.client.received).toBe('HEAD yyyyyyyyyy');
  });

  test('nothing leaves after it was given back, nor to nobody', async () => {
    using memory = opened();
    await using pair = await connected();
    const kept = memory.keep(filled('a', 100));
    expect(kept?.send(-1, head)).toBe(0);
    expect(kept?.send(descriptorOf(pair.socket), new Uint8Array(100_000))).toBe(0);
    kept?.letGo();
    kept?.letGo();
    expect(kept?.send(descriptorOf(pair.socket), head)).toBe(0);
    const [one, two] = [memory.keep(filled('b', 1)), memory.keep(filled('c', 1))];
    expect([one === undefined, two === undefined, memory.places]).toEqual([false, false, 2]);
    memory.close();
    expect(two?.send(descriptorOf(pair.socket), head)).toBe(0);
    expect(memory.keep(filled('d', 1))).toBeUndefined();
    two?.letGo();
    pair.socket.end();
    expect(descriptorOf(pair.socket)).toBe(-1);
    expect(await pair.client.end()).toBe('');
  });

  test('one that is larger than a place is not kept', () => {
    using memory = opened();
    expect(memory.keep(new Uint8Array(2 * 1024 ** 2))).toBeDefined();
    expect(memory.keep(new Uint8Array(2 * 1024 ** 2 + 1))).toBeUndefined();
  });
});
