/** Bytes and text: what is converted comes back, and what cannot be is said. */

import { describe, expect, test } from 'bun:test';
import {
  concatBytes,
  equalBytes,
  latin1Bytes,
  latin1Text,
  ownBytes,
  sameBytesAt,
  takeUtf8,
  utf8Bytes,
} from '../../src/base/bytes.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('UTF-8', () => {
  const valid: readonly [text: string, bytes: Uint8Array][] = [
    ['', bytes()],
    ['a', bytes(0x61)],
    ['é', bytes(0xc3, 0xa9)],
    ['한', bytes(0xed, 0x95, 0x9c)],
    ['😀', bytes(0xf0, 0x9f, 0x98, 0x80)],
    ['\0', bytes(0)],
    // Whoever drops a byte order mark does so on purpose.
    ['\ufeffa', bytes(0xef, 0xbb, 0xbf, 0x61)],
  ];
  for (const [text, encoded] of valid) {
    test(`${JSON.stringify(text)} goes there and back`, () => {
      expect(utf8Bytes(text)).toEqual(encoded);
      expect(takeUtf8(encoded)).toBe(text);
    });
  }

  const invalid: readonly [name: string, bytes: Uint8Array][] = [
    ['a lone continuation', bytes(0x80)],
    ['cut off', bytes(0x61, 0xe2, 0x82)],
    ['an overlong slash', bytes(0xc0, 0xaf)],
    ['an overlong slash of three', bytes(0xe0, 0x80, 0xaf)],
    ['a surrogate', bytes(0xed, 0xa0, 0x80)],
    ['above U+10FFFF', bytes(0xf4, 0x90, 0x80, 0x80)],
    ['0xff', bytes(0xff)],
  ];
  for (const [name, malformed] of invalid) {
    test(`${name} is none`, () => expect(takeUtf8(malformed)).toBeUndefined());
  }

  test('a refusal leaves nothing behind for the next text', () => {
    takeUtf8(bytes(0xe2, 0x82));
    expect(takeUtf8(bytes(0x61))).toBe('a');
  });
});

describe('Latin-1', () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);

  test('each byte is the character of its number, there and back', () => {
    expect([...latin1Text(all)].map((character) => character.charCodeAt(0))).toEqual([...all]);
    expect(latin1Bytes(latin1Text(all))).toEqual(all);
  });

  test('a part, also of a view into a larger buffer', () => {
    const view = new Uint8Array(all.buffer, 0x40, 0x20);
    expect(latin1Text(view, 1, 4)).toBe('ABC');
    expect(latin1Text(view, 4)).toBe(latin1Text(view).slice(4));
    expect(latin1Text(view, 2, 2)).toBe('');
  });

  test('its bytes have a buffer of their own', () => {
    const made = latin1Bytes('ab');
    expect(made.buffer.byteLength).toBe(2);
  });
});

describe('arrays', () => {
  test('parts are joined in order, into an array of their own', () => {
    const part = bytes(1, 2);
    const whole = concatBytes([part, bytes(), bytes(3)]);
    expect(whole).toEqual(bytes(1, 2, 3));
    part[0] = 9;
    expect(whole[0]).toBe(1);
    expect(concatBytes([])).toEqual(bytes());
  });

  test('equal is equal in length and in every byte', () => {
    expect(equalBytes(bytes(), bytes())).toBe(true);
    expect(equalBytes(bytes(1, 2), bytes(1, 2))).toBe(true);
    expect(equalBytes(bytes(1, 2), bytes(1, 3))).toBe(false);
    expect(equalBytes(bytes(1, 2), bytes(1))).toBe(false);
  });

  test('parts are compared where they stand, and none reaches past an end', () => {
    const [a, b] = [bytes(1, 2, 3, 4), bytes(0, 2, 3, 5).subarray(1)];
    expect(sameBytesAt(a, 1, b, 0, 2)).toBe(true);
    expect(sameBytesAt(a, 1, b, 0, 3)).toBe(false);
    expect(sameBytesAt(a, 4, b, 3, 0)).toBe(true);
    expect(sameBytesAt(a, 3, a, 3, 2)).toBe(false);
    expect(sameBytesAt(a, 1, b, 2, 2)).toBe(false);
  });

  test('own bytes pin nothing else, and are copied only where they would', () => {
    const whole = bytes(1, 2, 3);
    expect(ownBytes(whole)).toBe(whole);
    const part = ownBytes(whole.subarray(1));
    expect(part).toEqual(bytes(2, 3));
    expect(part.buffer.byteLength).toBe(2);
  });
});
