/** Durations and sizes as people write them. */

import { describe, expect, test } from 'bun:test';
import { takeDurationMs, takeSizeBytes } from '../../src/config/units.ts';

const durations: readonly [text: string, ms: number | undefined][] = [
  ['500ms', 500],
  ['10s', 10_000],
  ['2m', 120_000],
  ['24h', 86_400_000],
  ['0s', 0],
  ['1.5s', 1_500],
  ['0.001s', 1],
  [' 10S ', 10_000],
  ['10', undefined],
  ['', undefined],
  ['s', undefined],
  ['-1s', undefined],
  ['+1s', undefined],
  ['1e3s', undefined],
  ['10 s', undefined],
  ['.5s', undefined],
  ['1.s', undefined],
  ['1.2345s', undefined],
  ['10d', undefined],
  ['10kb', undefined],
  ['1s1s', undefined],
  ['9999999999999s', undefined],
  ['constructors', undefined],
  ['1constructor', undefined],
];

const sizes: readonly [text: string, bytes: number | undefined][] = [
  ['0', 0],
  ['286', 286],
  ['286b', 286],
  ['64kb', 65_536],
  ['16mb', 16_777_216],
  ['1GB', 1_073_741_824],
  ['1.5kb', 1_536],
  ['', undefined],
  ['kb', undefined],
  ['-1', undefined],
  ['1k', undefined],
  ['1kib', undefined],
  ['1 kb', undefined],
  ['10s', undefined],
  ['0x10', undefined],
];

describe('a duration', () => {
  for (const [text, want] of durations) {
    test(`${JSON.stringify(text)}: ${want ?? 'none'}`, () => {
      expect(takeDurationMs(text)).toBe(want);
    });
  }
});

describe('a size', () => {
  for (const [text, want] of sizes) {
    test(`${JSON.stringify(text)}: ${want ?? 'none'}`, () => {
      expect(takeSizeBytes(text)).toBe(want);
    });
  }
});
