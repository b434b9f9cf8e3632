/** A received field section: the bytes of a head and where in them each field line stands. */

import { latin1Text } from '../base/bytes.ts';
import type { FieldLine, Fields } from './message.ts';

/** Offsets a field line takes in `marks`: name start, name end, value start, value end. */
export const MARKS_PER_FIELD = 4;

/**
 * Names that are looked for in every request: whether a head has one is then known from a look at
 * its lines as bytes. All others are looked for as texts. At most 31, for each is a bit.
 */
const knownNames = [
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'expect',
  'origin',
  'range',
  'if-range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'prefer',
  'content-type',
  'content-encoding',
  'content-range',
  'idempotency-key',
  'sec-fetch-site',
  'referer',
  'user-agent',
  'access-control-request-method',
] as const;

const bitOf: ReadonlyMap<string, number> = new Map(
  knownNames.map((name, index) => [name, 1 << index]),
);

/** The bits of some of the known names, given in lower case. */
export function fieldBits(names: readonly (typeof knownNames)[number][]): number {
  return names.reduce((bits, name) => bits | (bitOf.get(name) ?? 0), 0);
}

interface KnownName {
  readonly bytes: Uint8Array;
  readonly bit: number;
}

/** By length: few names have the same. */
const namesByLength: readonly (readonly KnownName[])[] = Array.from({ length: 32 }, (_, length) =>
  knownNames
    .filter((name) => name.length === length)
    .map((name) => ({ bytes: Buffer.from(name, 'latin1'), bit: bitOf.get(name) ?? 0 })),
);

/** Makes a letter of a name lower-case; what else may stand in one stays, or matches no name. */
const LOWER_CASE = 0x20;

/** The bit of the field name in `bytes[start, end)`; 0 for one that is not known. */
export function knownBit(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  const candidates = namesByLength[length];
  if (candidates === undefined) return 0;
  for (let at = 0; at < candidates.length; at += 1) {
    const candidate = candidates[at];
    if (candidate === undefined) return 0;
    let index = 0;
    while (index < length && sameLetter(bytes[start + index], candidate.bytes[index])) index += 1;
    if (index === length) return candidate.bit;
  }
  return 0;
}

export class FieldSection implements Fields {
  readonly #bytes: Uint8Array;
  readonly #base: number;
  readonly #marks: readonly number[];
  /** The bit of each line's name, 0 for one that is not known, and all of them together. */
  #bits: readonly number[] | undefined;
  #allBits = 0;
  /** Names in lower case, made when one is asked for that is not known. */
  #names: string[] | undefined;

  /**
   * @param bytes holds the head; never changed afterwards
   * @param marks offsets from `base`, {@link MARKS_PER_FIELD} for each field line
   */
  constructor(bytes: Uint8Array, marks: readonly number[], base = 0) {
    this.#bytes = bytes;
    this.#marks = marks;
    this.#base = base;
  }

  get count(): number {
    return this.#marks.length / MARKS_PER_FIELD;
  }

  countOf(name: string): number {
    let count = 0;
    for (let line = this.#find(name, 0); line !== -1; line = this.#find(name, line + 1)) count += 1;
    return count;
  }

  only(name: string): string | undefined {
    const line = this.#find(name, 0);
    return line === -1 || this.#find(name, line + 1) !== -1 ? undefined : this.#value(line);
  }

  combined(name: string): string | undefined {
    let line = this.#find(name, 0);
    if (line === -1) return undefined;
    let value = this.#value(line);
    for (;;) {
      line = this.#find(name, line + 1);
      if (line === -1) return value;
      value = `${value}, ${this.#value(line)}`;
    }
  }

  tokens(name: string): string[] {
    const value = this.combined(name);
    if (value === undefined) return [];
    return value
      .split(',')
      .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, '').toLowerCase())
      .filter((member) => member !== '');
  }

  lines(): FieldLine[] {
    return Array.from({ length: this.count }, (_, index) => [
      this.#text(index * MARKS_PER_FIELD),
      this.#value(index),
    ]);
  }

  /** The first line from `start` on with this name; -1 when there is none. */
  #find(name: string, start: number): number {
    const bit = bitOf.get(name);
    if (bit === undefined) return this.#lowerNames().indexOf(name, start);
    const bits = this.#bits ?? this.#classify();
    return (this.#allBits & bit) === 0 ? -1 : bits.indexOf(bit, start);
  }

  #classify(): readonly number[] {
    const bits: number[] = [];
    const marks = this.#marks;
    for (let mark = 0; mark < marks.length; mark += MARKS_PER_FIELD) {
      const base = this.#base;
      const bit = knownBit(this.#bytes, base + (marks[mark] ?? 0), base + (marks[mark + 1] ?? 0));
      bits.push(bit);
      this.#allBits |= bit;
    }
    this.#bits = bits;
    return bits;
  }

  #lowerNames(): string[] {
    this.#names ??= Array.from({ length: this.count }, (_, index) =>
      this.#text(index * MARKS_PER_FIELD).toLowerCase(),
    );
    return this.#names;
  }

  #value(index: number): string {
    return this.#text(index * MARKS_PER_FIELD + 2);
  }

  #text(mark: number): string {
    const base = this.#base;
    return latin1Text(
      this.#bytes,
      base + (this.#marks[mark] ?? 0),
      base + (this.#marks[mark + 1] ?? 0),
    );
  }
}

/**
 * Whether a byte of a token is this letter in either case, or this hyphen. A hyphen has the bit of
 * lower case itself, and what it would be without is no byte of a token.
 */
function sameLetter(byte: number | undefined, lower: number | undefined): boolean {
  return byte !== undefined && (byte | LOWER_CASE) === lower;
}
