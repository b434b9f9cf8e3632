/** A segment's header and records: what is read is what was written, and nothing else. */

import { describe, expect, test } from 'bun:test';
import {
  decodeHeader,
  decodeRecord,
  encodeHeader,
  encodeRecord,
  headerBytes,
  recordBytes,
} from '../../../src/store/journal/format.ts';

const mark = 0xfedc_ba98_7654_3210n;

describe('a header', () => {
  const header = { sequence: 2 ** 40, mark, first: 2 ** 52, settled: 7 };
  const bytes = new Uint8Array(headerBytes);
  encodeHeader(bytes, header);

  test('is read as it was written', () => {
    expect(decodeHeader(bytes)).toEqual(header);
    expect(decodeHeader(new Uint8Array([...bytes, 1]))).toEqual(header);
  });

  test('of something else is none, though its checksum is right', () => {
    const other = bytes.slice();
    other[0] = 0;
    const sum = Bun.hash.xxHash3(other.subarray(0, headerBytes - 8));
    new DataView(other.buffer).setBigUint64(headerBytes - 8, sum, true);
    expect(decodeHeader(other)).toBeUndefined();
  });
});

describe('a record', () => {
  for (let length = 0; length < 18; length += 1) {
    test(`of ${length} bytes is read as it was written`, () => {
      const payload = new Uint8Array(length).fill(length);
      const record = { number: 2 ** 50, settled: 2 ** 49, payload };
      const bytes = new Uint8Array(recordBytes(length) + 1).fill(0x55);
      encodeRecord(bytes, mark, record);
      expect(recordBytes(length) % 8).toBe(0);
      expect(bytes.at(-1)).toBe(0x55);
      expect(decodeRecord(bytes, mark, record.number)).toEqual(record);
      expect(decodeRecord(bytes.subarray(0, -1), mark, record.number)).toEqual(record);
      expect(decodeRecord(bytes.subarray(0, -2), mark, record.number)).toBeUndefined();
      expect(decodeRecord(bytes, mark, record.number + 1)).toBeUndefined();
      expect(decodeRecord(bytes, mark ^ 1n, record.number)).toBeUndefined();
    });
  }
});
