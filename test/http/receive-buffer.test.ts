/** The receive buffer against plain concatenation, and what memory it keeps. */

import { describe, expect, test } from 'bun:test';
import { ReceiveBuffer } from '../../src/http/receive-buffer.ts';
import { Seeded, seedOfRun } from '../store/seeded.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

function unread(buffer: ReceiveBuffer): number[] {
  return [...buffer.bytes.subarray(buffer.start, buffer.end)];
}

describe('ReceiveBuffer', () => {
  test('a lone read is parsed where it lies', () => {
    const buffer = new ReceiveBuffer();
    const read = bytes(1, 2, 3);
    buffer.push(read);
    expect(buffer.bytes).toBe(read);
    buffer.consume(3);
    expect([buffer.length, buffer.bytes.length]).toEqual([0, 0]);
  });

  test('a read that was kept as it came is never written to', () => {
    const buffer = new ReceiveBuffer();
    const large = bytes(1, 2, 3, 4, 5, 6, 7, 8);
    buffer.push(large.subarray(0, 4));
    buffer.push(bytes(9, 9));
    expect(unread(buffer)).toEqual([1, 2, 3, 4, 9, 9]);
    expect([...large]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('a small rest lets go of a large read', () => {
    const buffer = new ReceiveBuffer();
    buffer.push(new Uint8Array(500_000));
    buffer.consume(499_990);
    buffer.detach();
    expect(buffer.length).toBe(10);
    expect(buffer.bytes.buffer.byteLength).toBe(10);
  });

  test('a head that comes byte by byte is not copied each time', () => {
    const buffer = new ReceiveBuffer();
    let copies = 0;
    let before = buffer.bytes;
    for (let at = 0; at < 32_768; at += 1) {
      buffer.push(bytes(at & 255));
      buffer.detach();
      if (buffer.bytes !== before) copies += 1;
      before = buffer.bytes;
    }
    expect(buffer.length).toBe(32_768);
    expect(copies).toBeLessThan(20);
  });

  test('any order of calls leaves what concatenation would', () => {
    const random = new Seeded(seedOfRun());
    console.log(`receive buffer: INKWIRE_SEED=${random.seed}`);
    const buffer = new ReceiveBuffer();
    let model: number[] = [];
    for (let step = 0; step < 3_000; step += 1) {
      const roll = random.below(10);
      if (roll < 5) {
        const values = Array.from({ length: random.below(40) }, () => random.below(256));
        buffer.push(Uint8Array.from(values));
        model.push(...values);
      } else if (roll < 8) {
        const count = random.below(model.length + 1);
        buffer.consume(count);
        model = model.slice(count);
      } else if (roll === 8) buffer.detach();
      else if (random.below(30) === 0) {
        buffer.clear();
        model = [];
      }
      if (buffer.length !== model.length) throw new Error(`length at step ${step}`);
      expect(unread(buffer)).toEqual(model);
    }
  });
});
