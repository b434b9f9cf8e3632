/** Content that crosses in chunks, by credit. */

import { describe, expect, test } from 'bun:test';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { concatBytes, equalBytes } from '../../src/base/bytes.ts';
import type { StreamHandle } from '../../src/dispatch/dispatcher.ts';
import type { StreamId } from '../../src/model/operation.ts';
import { Bench, losses, ManualClock, openBelow, until, word } from './harness.ts';

const chunkBytes = 1 << 14;
const chunksInAll = 20;
// The last chunk is not a whole one.
const content = Uint8Array.from(
  { length: chunkBytes * (chunksInAll - 1) + 100 },
  (_, index) => (index * 31) >> 4,
);

async function openedStream(bench: Bench, name: string): Promise<StreamId> {
  bench.write(name, content);
  const { result } = await bench.read(name);
  if (result.kind !== 'found' || result.content.kind !== 'chunks') throw new Error(result.kind);
  expect(result.state.size).toBe(content.length);
  return result.content.stream;
}

/** Takes chunks, and asks for `creditFor` more after each. */
class Receiver {
  readonly chunks: Uint8Array[] = [];
  isEnded = false;
  failures = 0;
  handle: StreamHandle | undefined;

  constructor(readonly creditEach = 0) {}

  chunk(bytes: Uint8Array, last: boolean): void {
    this.chunks.push(bytes);
    this.isEnded = last;
    if (!last && this.creditEach > 0) this.handle?.credit(this.creditEach);
  }

  failed(): void {
    this.failures += 1;
  }
}

function open(bench: Bench, stream: StreamId, creditEach = 0): Receiver & { handle: StreamHandle } {
  const receiver = new Receiver(creditEach);
  const handle = bench.dispatcher.openStream(stream, receiver);
  return Object.assign(receiver, { handle });
}

/** How often the process has the file open; `undefined` where the system does not tell. */
function openCount(bench: Bench, name: string): number | undefined {
  const path = join(bench.root, name);
  return openBelow(bench.root)?.filter((open) => open === path).length;
}

/** When this has come back, the one worker has done all that it was told before. */
async function roundTrip(bench: Bench): Promise<void> {
  expect(word(await bench.read('missing.html'))).toBe('not-found');
}

describe('streams', () => {
  for (const creditEach of [1, 4]) {
    test(`the content arrives whole and in order, ${creditEach} a credit`, async () => {
      await using bench = await Bench.open();
      const receiver = open(bench, await openedStream(bench, 'large.bin'), creditEach);
      receiver.handle.credit(creditEach);
      await until(() => receiver.isEnded);
      expect(receiver.chunks.length).toBe(chunksInAll);
      expect(equalBytes(concatBytes(receiver.chunks), content)).toBe(true);
      await roundTrip(bench);
      expect(openCount(bench, 'large.bin') ?? 0).toBe(0);
    });
  }

  test('a receiver that never credits costs nothing, one that credits three gets three', async () => {
    await using bench = await Bench.open({ workers: 1 });
    const idle = open(bench, await openedStream(bench, 'a.bin'));
    const three = open(bench, await openedStream(bench, 'b.bin'));
    three.handle.credit(2);
    three.handle.credit(1);
    await roundTrip(bench);
    await roundTrip(bench);
    expect([idle.chunks.length, three.chunks.length]).toEqual([0, 3]);
    expect(openCount(bench, 'a.bin') ?? 1).toBe(1);
  });

  test('cancel closes the file, and nothing follows', async () => {
    await using bench = await Bench.open({ workers: 1 });
    const receiver = open(bench, await openedStream(bench, 'a.bin'));
    receiver.handle.credit(5);
    receiver.handle.cancel();
    receiver.handle.cancel();
    receiver.handle.credit(5);
    await roundTrip(bench);
    expect([receiver.chunks.length, receiver.failures]).toEqual([0, 0]);
    expect(openCount(bench, 'a.bin') ?? 0).toBe(0);
  });

  test('an outcome that comes after the deadline leaves no file open', async () => {
    const clock = new ManualClock();
    await using bench = await Bench.open({ workers: 1, clock, limits: { jobDeadlineMs: 1_000 } });
    bench.write('gated-1.html', 'x');
    bench.write('gated-2.html', content);
    const first = bench.read('gated-1.html');
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const second = bench.read('gated-2.html');
    clock.nowMs = 600;
    bench.write('gated-1.html.gate', '');
    expect(word(await first)).toBe('x');
    // The second is sent now, so its own deadline comes long before that of its batch.
    clock.nowMs = 1_100;
    clock.tick();
    expect(word(await second)).toBe('deadline');
    bench.openGate();
    await roundTrip(bench);
    expect(bench.events).toEqual([]);
    await roundTrip(bench);
    expect(openCount(bench, 'gated-2.html') ?? 0).toBe(0);
  });

  test('a file that shrinks fails the stream', async () => {
    await using bench = await Bench.open({ workers: 1 });
    const receiver = open(bench, await openedStream(bench, 'a.bin'));
    receiver.handle.credit(1);
    await until(() => receiver.chunks.length === 1);
    truncateSync(join(bench.root, 'a.bin'), chunkBytes + 1);
    receiver.handle.credit(1);
    await until(() => receiver.failures === 1);
    await roundTrip(bench);
    expect(receiver.isEnded).toBe(false);
    expect(openCount(bench, 'a.bin') ?? 0).toBe(0);
  });

  for (const killer of ['exit.html', 'late.html']) {
    test(`${killer}: a worker’s death fails its streams, once, and closes their files`, async () => {
      await using bench = await Bench.open({ workers: 1 });
      const opened = open(bench, await openedStream(bench, 'a.bin'));
      const late = await openedStream(bench, 'b.bin');
      opened.handle.credit(1);
      bench.write(killer, '');
      await bench.read(killer);
      await until(() => losses(bench).length > 0);
      expect(opened.failures).toBe(1);
      opened.handle.credit(1);
      opened.handle.cancel();
      const receiver = open(bench, late);
      expect(receiver.failures).toBe(0);
      await until(() => receiver.failures === 1);
      expect(opened.failures).toBe(1);
      await until(() => (openCount(bench, 'a.bin') ?? 0) === 0);
    });
  }

  test('a chunk that is owed past the deadline costs the worker, and fails the stream', async () => {
    await using bench = await Bench.open({ workers: 1, limits: { jobDeadlineMs: 200 } });
    const receiver = open(bench, await openedStream(bench, 'stall.html'));
    receiver.handle.credit(1);
    await until(() => receiver.failures === 1);
    expect(bench.events).toContainEqual({
      kind: 'worker-lost',
      worker: 1,
      reason: 'stream-stalled',
    });
    await until(() => bench.events.some((event) => event.kind === 'worker-replaced'));
    await roundTrip(bench);
  });

  test('stop fails what is still open', async () => {
    await using bench = await Bench.open();
    const receiver = open(bench, await openedStream(bench, 'a.bin'));
    await bench.dispatcher.stop();
    expect(receiver.failures).toBe(1);
    expect(openCount(bench, 'a.bin') ?? 0).toBe(0);
  });
});
