/** What may be moved to another thread, and what is copied. */

import { describe, expect, test } from 'bun:test';
import { emptyBytes } from '../../src/base/bytes.ts';
import { TransferList } from '../../src/store/transfer.ts';

describe('TransferList', () => {
  test('a buffer that is given twice is moved once, and both values arrive', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const list = new TransferList();
    const message = [list.give(bytes), list.give(bytes)];
    expect(list.buffers.length).toBe(1);
    const arrived = structuredClone(message, { transfer: list.buffers });
    expect(arrived).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 3)]);
    expect(bytes.length).toBe(0);
  });

  test('a small view takes along a copy, and leaves its buffer where it is', () => {
    const whole = new Uint8Array(1_000).fill(7);
    const list = new TransferList();
    const given = list.give(whole.subarray(3, 5));
    expect(list.buffers.map((buffer) => buffer.byteLength)).toEqual([2]);
    structuredClone(given, { transfer: list.buffers });
    expect(whole.length).toBe(1_000);
  });

  test('nothing is not moved, for others may share it', () => {
    const list = new TransferList();
    expect(list.give(emptyBytes).length).toBe(0);
    expect(list.buffers).toEqual([]);
  });

  test('the bytes of a pack are given, a large one that stands in it twice once', () => {
    const large = Uint8Array.of(2);
    const list = new TransferList();
    const pack = { text: '[]', slab: Uint8Array.of(1), large: [large, large] };
    expect(structuredClone(list.givePack(pack), { transfer: list.buffers })).toEqual({
      ...{ text: '[]', slab: Uint8Array.of(1) },
      large: [Uint8Array.of(2), Uint8Array.of(2)],
    });
    expect(pack.slab.length + large.length).toBe(0);
  });
});
