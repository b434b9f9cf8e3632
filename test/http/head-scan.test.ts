/**
 * The quick reader of whole heads against the parser: it takes nothing that one refuses, and reads
 * what it takes as that one does.
 */

import { describe, expect, test } from 'bun:test';
import { compareRows } from '../../bench/compare/table.ts';
import { browserFields } from '../../bench/files/browser-head.ts';
import { latin1Bytes } from '../../src/base/bytes.ts';
import { HeadParser } from '../../src/http/head-parser.ts';
import { HeadScan } from '../../src/http/head-scan.ts';
import { defaultHeadLimits, type HeadLimits } from '../../src/http/limits.ts';
import type { RequestHead } from '../../src/http/message.ts';
import { ProtocolError } from '../../src/http/protocol-error.ts';
import { ReceiveBuffer } from '../../src/http/receive-buffer.ts';
import { Seeded, seedOfRun } from '../store/seeded.ts';
import { mutate, noise, requests } from './mutations.ts';
import { HOST, refused } from './refused.ts';

/** Random heads of each kind; `bun run fuzz` gives many more. */
const count = Number(process.env['INKWIRE_FUZZ_COUNT'] ?? 4_000);
const timeoutMs = 20_000 + count * 10;

function textOf({ method, target, minorVersion, fields }: RequestHead, bytes: number): string {
  return JSON.stringify([method, target, minorVersion, fields.lines(), bytes]);
}

/** What the parser makes of the head that `raw` begins with; `undefined` when that is no head. */
function parsed(raw: Uint8Array, limits: HeadLimits): string | undefined {
  const buffer = new ReceiveBuffer();
  buffer.push(raw);
  try {
    const head = new HeadParser('request', limits).parse(buffer);
    return head && textOf(head, raw.length - buffer.length);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

/** The same by the scan; `undefined` when it leaves the head to the parser. */
function scanned(raw: Uint8Array, limits: HeadLimits): string | undefined {
  const scan = new HeadScan(limits);
  // In the middle of other memory, whose bytes must not matter.
  const around = new Uint8Array(raw.length + 20).fill(0x0d);
  around.set(raw, 7);
  const end = 7 + raw.length;
  if (!scan.read(around, 7, end)) return undefined;
  return textOf(scan.headIn(around), scan.end - 7);
}

/** Whether the scan has taken `text`. Throws when it did, and the parser disagrees. */
function taken(text: string, limits: HeadLimits = defaultHeadLimits): boolean {
  const raw = latin1Bytes(text);
  const mine = scanned(raw, limits);
  const want = mine === undefined ? undefined : parsed(raw, limits);
  if (mine !== want) throw new Error(`${JSON.stringify(text)}: ${mine}, the parser: ${want}`);
  return mine !== undefined;
}

const browser = browserFields.map(([name, value]) => `${name}: ${value}\r\n`).join('');

const plain = [
  ...requests,
  `GET / HTTP/1.1\r\n${HOST}${browser}\r\n`,
  `GET / HTTP/1.9\r\nA:\t b\t \r\nB:\r\nC: \t \r\nD: \xe9\t\xff\r\n\r\n`,
  'M-SEARCH * HTTP/1.0\r\n\r\n',
];

describe('the scan takes', () => {
  test.each(plain)('%j', (text) => {
    expect(taken(text)).toBe(true);
    expect(taken(`${text}GET / HTTP/1.1\r\n`)).toBe(true);
  });
});

test('the scan leaves every part of a head to the parser', () => {
  for (const text of plain) {
    const head = text.slice(0, text.indexOf('\r\n\r\n') + 4);
    for (let length = 0; length < head.length; length += 1) {
      expect(taken(head.slice(0, length))).toBe(false);
    }
  }
});

test('the scan and the parser agree on heads that are refused, and on odd ones', () => {
  for (const [, raw] of refused) taken(raw);
  for (const { raw } of compareRows) taken(raw);
});

test('the scan and the parser agree on every byte in every place', () => {
  const head = `GET /a?b HTTP/1.1\r\nHost: h\r\nA: bcdefghij \r\n\r\n`;
  for (let at = 0; at < head.length; at += 1) {
    for (let byte = 0; byte < 256; byte += 1) {
      taken(head.slice(0, at) + String.fromCharCode(byte) + head.slice(at + 1));
      taken(head.slice(0, at) + String.fromCharCode(byte) + head.slice(at));
    }
  }
});

describe('each limit, at it and one past it', () => {
  const limits = {
    ...defaultHeadLimits,
    methodBytesMax: 6,
    targetBytesMax: 12,
    fieldBytesMax: 28,
    sectionBytesMax: 53,
    fieldsMax: 3,
  };
  const of = (bytes: number): string => `A: ${'b'.repeat(bytes - 5)}\r\n`;
  const head = (fields: string): string => `GET / HTTP/1.1\r\n${fields}\r\n`;
  const rows: readonly (readonly [name: string, at: string, past: string])[] = [
    ['method', `ABCDEF / HTTP/1.1\r\n\r\n`, `ABCDEFG / HTTP/1.1\r\n\r\n`],
    ['target', `GET ${'a'.repeat(12)} HTTP/1.1\r\n\r\n`, `GET ${'a'.repeat(13)} HTTP/1.1\r\n\r\n`],
    ['field', head(of(30)), head(of(31))],
    ['field, in its name', head(`${'b'.repeat(27)}:\r\n`), head(`${'b'.repeat(28)}:\r\n`)],
    ['field, in its blanks', head(`A:${' '.repeat(26)}\r\n`), head(`A:${' '.repeat(27)}\r\n`)],
    ['fields', head('A:\r\nA:\r\nA:\r\n'), head('A:\r\nA:\r\nA:\r\nA:\r\n')],
    ['section', head(of(30) + of(21)), head(of(30) + of(22))],
  ];
  test.each(rows)('%s', (_, at, past) => {
    expect([taken(at, limits), taken(past, limits)]).toEqual([true, false]);
    expect([at, past].map((text) => parsed(latin1Bytes(text), limits) !== undefined)).toEqual([
      true,
      false,
    ]);
  });
});

const random = new Seeded(seedOfRun());
console.log(`head scan: INKWIRE_SEED=${random.seed} INKWIRE_FUZZ_COUNT=${count}`);

test(
  'the scan and the parser agree on mutated heads, and on any bytes',
  () => {
    let took = 0;
    for (let left = count; left > 0; left -= 1) {
      if (taken(mutate(random, random.pick(plain)))) took += 1;
      taken(noise(random));
    }
    // Inputs that are all left to the parser, or all taken, would prove nothing.
    expect(took).toBeGreaterThan(count / 10);
    expect(took).toBeLessThan(count * 0.9);
  },
  timeoutMs,
);
