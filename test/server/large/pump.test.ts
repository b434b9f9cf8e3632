/** The pump under every pattern of readings and writes: each byte once, and nothing left held. */

import { describe, expect, test } from 'bun:test';
import { latin1Bytes } from '../../../src/base/bytes.ts';
import { slotBytes } from '../../../src/dispatch/limits.ts';
import { PARTS_MAX, PROBE_BYTES } from '../../../src/server/stream-pump.ts';
import { StreamTurns, TURN_PARTS_MAX } from '../../../src/server/stream-turns.ts';
import { Seeded, seedOfRun } from '../../store/seeded.ts';
import { PumpBench, type PumpPlan, type Reading, wholeOf } from './pump-bench.ts';

function numbered(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => 1 + ((index * 7 + (index >> 8)) % 250));
}

const small = numbered(10);
const whole = (bytes: number): PumpPlan['pieces'] => [{ kind: 'file', start: 0, end: bytes }];
const woven: PumpPlan['pieces'] = [
  { kind: 'bytes', bytes: latin1Bytes('<a>') },
  { kind: 'file', start: 7, end: 10 },
  { kind: 'bytes', bytes: latin1Bytes('<b>') },
  { kind: 'file', start: 0, end: 9 },
  { kind: 'bytes', bytes: latin1Bytes('<end>') },
];

async function expectWhole(plan: PumpPlan): Promise<PumpBench> {
  const bench = new PumpBench(plan);
  await bench.run();
  const { worker } = bench;
  const sent = Buffer.concat(bench.sent);
  const want = wholeOf(plan.file, plan.pieces);
  expect(sent.equals(want)).toBe(true);
  const left = {
    done: bench.done,
    failed: bench.failed,
    closes: worker.closes,
    slots: worker.slots,
  };
  expect(left).toEqual({ done: 1, failed: 0, closes: 1, slots: 0 });
  return bench;
}

/** Every sequence of `length` of the items. */
function sequences<T>(items: readonly T[], length: number): T[][] {
  let all: T[][] = [[]];
  for (let step = 0; step < length; step += 1) {
    all = all.flatMap((start) => items.map((item) => [...start, item]));
  }
  return all;
}

describe('every pattern of five readings', () => {
  const kinds: readonly Reading[] = [100, 1, 3, 'absent', 'unsupported'];
  for (const [name, pieces] of [
    ['of a whole file', whole(10)],
    ['of several ranges', woven],
  ] as const) {
    test(name, async () => {
      for (const readings of sequences(kinds, 5))
        await expectWhole({ file: small, pieces, readings });
    });
  }

  test('with every pattern of three writes', async () => {
    const readingsOf: readonly Reading[] = [100, 2, 'absent', 'unsupported'];
    for (const readings of sequences(readingsOf, 3)) {
      for (const writes of sequences([0, 1, 4, 100], 3)) {
        await expectWhole({ file: small, pieces: woven, readings, writes });
      }
    }
  });
});

test('without a reader, and with writes of every size', async () => {
  for (const pieces of [whole(10), woven]) {
    for (const writes of sequences([0, 1, 2, 9, 100], 4)) {
      await expectWhole({ file: small, pieces, writes, hasReader: false });
    }
  }
});

const seed = seedOfRun();
test(`at random, over many slots: INKWIRE_SEED=${seed}`, async () => {
  const random = new Seeded(seed);
  const file = numbered(3 * slotBytes + 12_345);
  for (let round = 0; round < 40; round += 1) {
    const cut = random.below(file.length - 1);
    const pieces = random.pick([
      whole(file.length),
      [{ kind: 'file', start: cut, end: file.length }] as const,
      [
        { kind: 'file', start: 0, end: cut + 1 },
        { kind: 'bytes', bytes: small },
        { kind: 'file', start: cut, end: file.length },
      ] as const,
    ]);
    const readings = Array.from({ length: 30 }, (): Reading => {
      const kind = random.below(10);
      return kind < 4 ? 1 + random.below(1 << 19) : kind < 9 ? 'absent' : 'unsupported';
    });
    const writes = Array.from({ length: 30 }, () => random.below(1 << random.below(22)));
    await expectWhole({ file, pieces, readings, writes, hasReader: random.below(4) > 0 });
  }
});

test('a file that cannot be read here is not tried again', async () => {
  const file = numbered(3 * slotBytes);
  const pieces = whole(file.length);
  const bench = await expectWhole({ file, pieces, readings: ['unsupported'] });
  expect([bench.reads, bench.worker.fetches]).toEqual([1, 3]);
});

describe('what cannot be completed', () => {
  test('a change is told once, whenever it comes, and nothing more is sent', async () => {
    for (const before of sequences<Reading>([1, 3], 2)) {
      const readings: Reading[] = [...before, 'changed'];
      const bench = new PumpBench({ file: small, pieces: whole(10), readings });
      await bench.run();
      expect([bench.done, bench.failed, bench.worker.closes, bench.worker.slots]).toEqual([
        0, 1, 1, 0,
      ]);
      expect(Buffer.concat(bench.sent).length).toBe(Number(before[0]) + Number(before[1]));
    }
  });

  test('a connection that is gone', async () => {
    for (const hasReader of [true, false]) {
      const bench = new PumpBench({ file: small, pieces: whole(10), writes: [3, -1], hasReader });
      await bench.run();
      const { worker } = bench;
      expect([bench.done, bench.failed, worker.closes, worker.slots]).toEqual([0, 1, 1, 0]);
    }
  });

  test('a cancel while parts are on their way', async () => {
    const file = numbered(3 * slotBytes);
    const bench = new PumpBench({ file, pieces: whole(file.length), hasReader: false });
    bench.pump.feed();
    expect(bench.worker.asked.length).toBe(2);
    bench.worker.answer();
    bench.pump.cancel();
    bench.pump.cancel();
    await bench.run();
    expect([bench.done, bench.failed, bench.worker.closes, bench.worker.slots]).toEqual([
      0, 0, 1, 0,
    ]);
  });
});

describe('a client that has no room', () => {
  test('holds no slot, and nothing is read for it until it has', () => {
    const file = numbered(3 * slotBytes);
    const plan = { file, pieces: whole(file.length), writes: [5, 5, 5] };
    const fetching = new PumpBench({ ...plan, hasReader: false });
    fetching.pump.feed();
    while (fetching.worker.answer());
    expect([fetching.worker.slots, fetching.worker.fetches]).toEqual([0, 2]);
    const reading = new PumpBench(plan);
    for (let times = 0; times < 5; times += 1) reading.pump.feed();
    expect([reading.reads, reading.sent.length]).toEqual([1, 1]);
    reading.outbox.roomAgain();
    reading.pump.feed();
    expect([reading.reads, reading.sent.length]).toEqual([2, 2]);
    expect(reading.askedBytes).toBe(PROBE_BYTES);
  });

  test('is tried with little, and given much as soon as it takes that', () => {
    const file = numbered(3 * slotBytes);
    const bench = new PumpBench({ file, pieces: whole(file.length), writes: [0, 20_000, 0, 0] });
    const wishes: number[] = [];
    for (let times = 0; times < 3; times += 1) {
      bench.pump.feed();
      wishes.push(bench.askedBytes);
      bench.outbox.roomAgain();
    }
    bench.pump.cancel();
    expect(wishes).toEqual([file.length, file.length - PROBE_BYTES, PROBE_BYTES]);
  });
});

describe('a turn of the event loop', () => {
  const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const file = numbered(30 << 18);
  const plan = { file, pieces: whole(file.length) };

  test(`sends ${PARTS_MAX} parts of one download`, async () => {
    const bench = new PumpBench(plan);
    bench.pump.feed();
    for (let turn = 1; turn <= 5; turn += 1) {
      for (let again = 0; again < 3; again += 1) bench.pump.feed();
      expect(bench.sent.length).toBe(turn * PARTS_MAX);
      await nextTurn();
    }
    bench.pump.cancel();
  });

  test(`sends ${TURN_PARTS_MAX} of all together, each download in its turn`, async () => {
    const turns = new StreamTurns();
    const benches = Array.from({ length: 7 }, () => new PumpBench(plan, turns));
    for (const bench of benches) bench.pump.feed();
    const sent = (): number[] => benches.map((bench) => bench.sent.length);
    const total = (): number => sent().reduce((sum, count) => sum + count, 0);
    expect(total()).toBe(TURN_PARTS_MAX);
    for (let turn = 2; turn <= 20; turn += 1) {
      await nextTurn();
      expect(total()).toBeLessThanOrEqual(turn * TURN_PARTS_MAX);
      expect(Math.max(...sent()) - Math.min(...sent())).toBeLessThanOrEqual(2 * PARTS_MAX);
    }
    expect(total()).toBeGreaterThan(18 * TURN_PARTS_MAX);
    for (const bench of benches) bench.pump.cancel();
  });
});
