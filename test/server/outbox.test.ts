/** The outbox under short writes of every size: each byte once, in order, and never a loop. */

import { describe, expect, test } from 'bun:test';
import { Outbox } from '../../src/server/outbox.ts';
import { ReadyReply } from '../../src/server/ready-reply.ts';
import { Seeded, seedOfRun } from '../store/seeded.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** A kernel with so much room; what it took is kept. */
class Kernel {
  readonly taken: number[] = [];
  /** Bytes for the next calls; then nothing more is taken. */
  room: number[] = [];
  calls = 0;
  gone = false;

  readonly write = (bytes: Uint8Array): number => {
    this.calls += 1;
    if (this.calls > 100_000) throw new Error('the outbox loops');
    expect(bytes.length).toBeGreaterThan(0);
    if (this.gone) return -1;
    const count = Math.min(this.room.shift() ?? 0, bytes.length);
    this.taken.push(...bytes.subarray(0, count));
    return count;
  };
}

function piece(bytes: number, start: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, n) => (start + n) % 251);
}

const ALL = Number.MAX_SAFE_INTEGER;

describe('short writes', () => {
  for (let size = 0; size <= 20; size += 1) {
    test(`of ${size} bytes at a time`, () => {
      const kernel = new Kernel();
      const outbox = new Outbox(kernel.write, new ManualClock());
      const pieces = [piece(7, 0), piece(1, 7), piece(0, 0), piece(12, 8)];
      for (const bytes of pieces) outbox.push(bytes);
      for (let left = 20; left > 0; left -= Math.max(size, 1)) {
        expect(outbox.size).toBe(left);
        kernel.room = [size === 0 ? 1 : size];
        expect(outbox.flush()).toBe(true);
      }
      expect(outbox.size).toBe(0);
      expect(kernel.taken).toEqual([...piece(20, 0)]);
      const { calls } = kernel;
      expect(outbox.flush()).toBe(true);
      expect(kernel.calls).toBe(calls);
    });
  }

  const seed = seedOfRun();
  test(`at random: INKWIRE_SEED=${seed}`, () => {
    const random = new Seeded(seed);
    for (let round = 0; round < 60; round += 1) {
      const kernel = new Kernel();
      const outbox = new Outbox(kernel.write, new ManualClock());
      let pushed = 0;
      for (let step = 0; step < 40; step += 1) {
        const bytes = random.pick([0, 1, 2, 100, 3_000, 70_000 * random.below(2)]);
        outbox.push(piece(bytes, pushed));
        pushed += bytes;
        kernel.room = Array.from({ length: random.below(4) }, () =>
          random.pick([0, 1, 99, 4_096, 65_536, ALL]),
        );
        expect(outbox.flush()).toBe(true);
        expect(outbox.size).toBe(pushed - kernel.taken.length);
        if (kernel.taken.length > 200_000) break;
      }
      kernel.room = Array.from({ length: 1_000 }, () => ALL);
      outbox.flush();
      expect(outbox.size).toBe(0);
      expect(Buffer.from(kernel.taken).equals(Buffer.from(piece(pushed, 0)))).toBe(true);
    }
  });

  test('small pieces are joined, large ones are not copied', () => {
    const kernel = new Kernel();
    const sizes: number[] = [];
    const outbox = new Outbox((bytes) => {
      sizes.push(bytes.length);
      return kernel.write(bytes);
    }, new ManualClock());
    for (const bytes of [100, 60_000, 6_000, 200_000, 5]) outbox.push(piece(bytes, 0));
    kernel.room = [ALL, ALL, ALL, ALL];
    outbox.flush();
    expect(sizes).toEqual([60_100, 6_000, 200_000, 5]);
  });
});

describe('a reply in the memory for replies', () => {
  const SIZE = 20;

  /** Sends and writes take so much; the memory is written over as soon as they have ended. */
  function sendPlaced(sent: number, taken: number, between: (outbox: Outbox) => void): number[] {
    const kernel = new Kernel();
    const memory = piece(100, 0);
    const outbox = new Outbox(kernel.write, new ManualClock(), undefined, (start, end) => {
      expect([start, end]).toEqual([7, 7 + SIZE]);
      kernel.taken.push(...memory.subarray(start, start + sent));
      return sent;
    });
    outbox.pushPlaced(memory, 7, 7 + SIZE);
    between(outbox);
    kernel.room = [taken];
    expect(outbox.flush()).toBe(true);
    memory.fill(255);
    kernel.room = [1, 2, 3, ALL, ALL];
    while (outbox.size > 0) outbox.flush();
    return kernel.taken;
  }

  test.each(Array.from({ length: SIZE + 1 }, (_, sent) => [sent]))('%i bytes sent', (sent) => {
    for (let taken = 0; taken <= SIZE - sent; taken += 1) {
      expect(sendPlaced(sent, taken, () => {})).toEqual([...piece(SIZE, 7)]);
    }
  });

  const more = piece(5, 7 + SIZE);
  const others: readonly (readonly [name: string, push: (outbox: Outbox) => void])[] = [
    ['bytes', (outbox) => outbox.push(more)],
    ['a ready reply', (outbox) => outbox.pushReady({ bytes: more, headBytes: 2 })],
    ['another one', (outbox) => outbox.pushPlaced(more, 0, more.length)],
  ];
  test.each(others)('and %s behind it', (_, push) => {
    expect(sendPlaced(SIZE, 3, push)).toEqual([...piece(SIZE + 5, 7)]);
  });

  test('nothing goes out when the connection is gone', () => {
    const kernel = new Kernel();
    kernel.gone = true;
    const outbox = new Outbox(kernel.write, new ManualClock());
    outbox.pushPlaced(piece(9, 0), 0, 9);
    expect(outbox.flush()).toBe(false);
    expect([outbox.size, kernel.taken.length]).toEqual([0, 0]);
  });
});

describe('a connection that is gone', () => {
  for (const before of [0, 1, 3]) {
    test(`after ${before} more writes ends the flush, and all later ones`, () => {
      const kernel = new Kernel();
      let left = before;
      const outbox = new Outbox((bytes) => {
        kernel.gone = left === 0;
        left -= 1;
        return kernel.write(bytes);
      }, new ManualClock());
      for (let n = 0; n < 10; n += 1) outbox.push(piece(70_000, 0));
      kernel.room = Array.from({ length: 10 }, () => ALL);
      expect(outbox.flush()).toBe(false);
      expect(kernel.calls).toBe(before + 1);
      expect(outbox.size).toBe(0);
      expect(outbox.waiting).toBeUndefined();
      outbox.push(piece(10, 0));
      expect(outbox.size).toBe(0);
      expect(outbox.flush()).toBe(false);
      expect(kernel.calls).toBe(before + 1);
    });
  }
});

test('it says since when bytes wait, when some last went, and how many did', () => {
  const clock = new ManualClock();
  const kernel = new Kernel();
  const outbox = new Outbox(kernel.write, clock);
  expect(outbox.waiting).toBeUndefined();
  clock.advance(10);
  outbox.push(piece(100, 0));
  expect(outbox.waiting).toEqual({ sinceMs: 10, progressMs: 10, bytes: 0 });
  clock.advance(10);
  outbox.flush();
  outbox.push(piece(100, 0));
  expect(outbox.waiting).toEqual({ sinceMs: 10, progressMs: 10, bytes: 0 });
  clock.advance(10);
  kernel.room = [30];
  outbox.flush();
  expect(outbox.waiting).toEqual({ sinceMs: 10, progressMs: 30, bytes: 30 });
  kernel.room = [ALL, ALL];
  outbox.flush();
  expect(outbox.waiting).toBeUndefined();
  clock.advance(10);
  outbox.push(piece(1, 0));
  expect(outbox.waiting).toEqual({ sinceMs: 40, progressMs: 40, bytes: 0 });
  outbox.clear();
  expect(outbox.waiting).toBeUndefined();
});

describe('ready replies', () => {
  const seed = seedOfRun();
  test(`among other pieces, changed after each call: INKWIRE_SEED=${seed}`, () => {
    const random = new Seeded(seed);
    for (let round = 0; round < 60; round += 1) {
      const clock = new ManualClock();
      const boxes = Array.from({ length: 2 }, () => {
        const kernel = new Kernel();
        return { kernel, outbox: new Outbox(kernel.write, clock), pushed: [] as number[] };
      });
      for (let call = 0; call < 12; call += 1) {
        const replies: ReadyReply[] = [];
        for (let count = random.below(6); count > 0; count -= 1) {
          const { outbox, pushed } = random.pick(boxes);
          const bytes = piece(1 + random.below(round % 12 === 0 ? 40_000 : 40), random.below(251));
          pushed.push(...bytes);
          if (random.below(3) === 0) outbox.push(bytes.slice());
          else {
            const reply = new ReadyReply(bytes, 1 + random.below(bytes.length), 0, 0);
            replies.push(reply);
            outbox.pushReady(reply);
          }
        }
        for (const { kernel, outbox, pushed } of boxes) {
          kernel.room = Array.from({ length: random.below(3) }, () => random.below(60_000));
          expect(outbox.flush()).toBe(true);
          expect(outbox.size).toBe(pushed.length - kernel.taken.length);
          expect(outbox.waiting === undefined).toBe(outbox.size === 0);
        }
        // What the date does to them once the call is over.
        for (const reply of replies) reply.bytes.fill(255, 0, reply.headBytes);
        clock.advance(1);
      }
      for (const { kernel, outbox, pushed } of boxes) {
        kernel.room = Array.from({ length: 1_000 }, () => ALL);
        expect(outbox.flush()).toBe(true);
        expect(Buffer.compare(Buffer.from(kernel.taken), Buffer.from(pushed))).toBe(0);
      }
    }
  });

  test('wait from the moment in which they could not be sent', () => {
    const clock = new ManualClock();
    const kernel = new Kernel();
    const outbox = new Outbox(kernel.write, clock);
    clock.advance(1_000);
    outbox.pushReady(new ReadyReply(piece(10, 0), 5, 0, 0));
    kernel.room = [4];
    outbox.flush();
    expect(outbox.waiting).toEqual({ sinceMs: 1_000, progressMs: 1_000, bytes: 4 });
  });
});
