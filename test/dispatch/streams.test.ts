/** Content that a worker holds open, and reads part by part into slots that are few. */

import { describe, expect, test } from 'bun:test';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { concatBytes, equalBytes } from '../../src/base/bytes.ts';
import type { FetchedBytes, StreamHandle } from '../../src/dispatch/dispatcher.ts';
import { slotsPerWorker } from '../../src/dispatch/limits.ts';
import type { StreamId } from '../../src/model/operation.ts';
import { Bench, losses, ManualClock, openBelow, until, word } from './harness.ts';

const partBytes = 1 << 14;
const partsInAll = 20;
// The last part is not a whole one.
const content = Uint8Array.from(
  { length: partBytes * (partsInAll - 1) + 100 },
  (_, index) => (index * 31) >> 4,
);

async function openedStream(bench: Bench, name: string): Promise<StreamId> {
  bench.write(name, content);
  const { result } = await bench.read(name);
  if (result.kind !== 'found' || result.content.kind !== 'open') throw new Error(result.kind);
  expect(result.state.size).toBe(content.length);
  return result.content.stream;
}

/** Takes parts, one after the other. */
class Receiver {
  readonly parts: Uint8Array[] = [];
  failures = 0;
  /** What came and was not given back. */
  readonly held: FetchedBytes[] = [];
  #handle: StreamHandle | undefined;
  #asked = 0;

  /** @param keeps whether it holds what comes */
  constructor(readonly keeps: boolean) {}

  get handle(): StreamHandle {
    if (this.#handle === undefined) throw new Error('not opened');
    return this.#handle;
  }

  open(bench: Bench, stream: StreamId): this {
    this.#handle = bench.dispatcher.openStream(stream, this);
    return this;
  }

  /** Asks for the next parts. */
  fetch(parts: number): void {
    for (let count = 0; count < parts; count += 1) {
      const position = this.#asked * partBytes;
      if (position >= content.length) return;
      this.#asked += 1;
      this.handle.fetch(position, Math.min(partBytes, content.length - position));
    }
  }

  fetched(piece: FetchedBytes): void {
    expect(piece.position).toBe(this.parts.length * partBytes);
    this.parts.push(piece.bytes.slice());
    if (this.keeps) this.held.push(piece);
    else piece.release();
  }

  failed(): void {
    this.failures += 1;
  }
}

function open(bench: Bench, stream: StreamId, keeps = false): Receiver {
  return new Receiver(keeps).open(bench, stream);
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
  for (const ahead of [1, 4, 40]) {
    test(`the content arrives whole and in order, ${ahead} parts asked for at once`, async () => {
      await using bench = await Bench.open();
      const receiver = open(bench, await openedStream(bench, 'large.bin'));
      for (let parts = 0; parts < partsInAll; parts += ahead) {
        receiver.fetch(ahead);
        const due = Math.min(partsInAll, parts + ahead);
        await until(() => receiver.parts.length === due);
      }
      expect(equalBytes(concatBytes(receiver.parts), content)).toBe(true);
      receiver.handle.close();
      await until(() => (openCount(bench, 'large.bin') ?? 0) === 0);
    });
  }

  test('nothing comes that was not asked for, and the file stays open', async () => {
    await using bench = await Bench.open({ workers: 1 });
    const idle = open(bench, await openedStream(bench, 'a.bin'));
    const three = open(bench, await openedStream(bench, 'b.bin'));
    three.fetch(2);
    three.fetch(1);
    await roundTrip(bench);
    await roundTrip(bench);
    expect([idle.parts.length, three.parts.length]).toEqual([0, 3]);
    expect(openCount(bench, 'a.bin') ?? 1).toBe(1);
  });

  test('who keeps slots keeps others waiting, in order, and nobody for ever', async () => {
    await using bench = await Bench.open({ workers: 1 });
    const greedy = open(bench, await openedStream(bench, 'a.bin'), true);
    const gone = open(bench, await openedStream(bench, 'b.bin'));
    const patient = open(bench, await openedStream(bench, 'c.bin'));
    greedy.fetch(slotsPerWorker);
    gone.fetch(3);
    patient.fetch(2);
    await until(() => greedy.parts.length === slotsPerWorker);
    await roundTrip(bench);
    expect([gone.parts.length, patient.parts.length]).toEqual([0, 0]);
    gone.handle.close();
    // Nobody has overwritten what it holds.
    for (const [index, { bytes }] of greedy.held.entries()) {
      expect(equalBytes(bytes, content.subarray(index * partBytes, (index + 1) * partBytes))).toBe(
        true,
      );
    }
    greedy.held.pop()?.release();
    await until(() => patient.parts.length === 2);
    expect([gone.parts.length, patient.failures]).toEqual([0, 0]);
  });

  test('close closes the file, and nothing follows', async () => {
    await using bench = await Bench.open({ workers: 1 });
    const receiver = open(bench, await openedStream(bench, 'a.bin'));
    receiver.fetch(9);
    receiver.handle.close();
    receiver.handle.close();
    receiver.fetch(5);
    await roundTrip(bench);
    expect([receiver.parts.length, receiver.failures]).toEqual([0, 0]);
    expect(openCount(bench, 'a.bin') ?? 0).toBe(0);
    // Its slots are there for others.
    const next = open(bench, await openedStream(bench, 'b.bin'));
    next.fetch(partsInAll);
    await until(() => next.parts.length === partsInAll);
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
    receiver.fetch(1);
    await until(() => receiver.parts.length === 1);
    truncateSync(join(bench.root, 'a.bin'), partBytes + 1);
    receiver.fetch(1);
    await until(() => receiver.failures === 1);
    await roundTrip(bench);
    expect(receiver.parts.length).toBe(1);
    expect(openCount(bench, 'a.bin') ?? 0).toBe(0);
  });

  for (const killer of ['exit.html', 'late.html']) {
    test(`${killer}: a worker’s death fails its streams, once, and closes their files`, async () => {
      await using bench = await Bench.open({ workers: 1 });
      const opened = open(bench, await openedStream(bench, 'a.bin'));
      const late = await openedStream(bench, 'b.bin');
      opened.fetch(1);
      bench.write(killer, '');
      await bench.read(killer);
      await until(() => losses(bench).length > 0);
      expect(opened.failures).toBe(1);
      opened.fetch(1);
      opened.handle.close();
      const receiver = open(bench, late);
      expect(receiver.failures).toBe(0);
      await until(() => receiver.failures === 1);
      expect(opened.failures).toBe(1);
      await until(() => (openCount(bench, 'a.bin') ?? 0) === 0);
    });
  }

  test('a part that is owed past the deadline costs the worker, and fails the stream', async () => {
    await using bench = await Bench.open({ workers: 1, limits: { jobDeadlineMs: 200 } });
    const receiver = open(bench, await openedStream(bench, 'stall.html'));
    receiver.fetch(1);
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
