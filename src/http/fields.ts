/** A received field section: the bytes of a head and where in them each field line stands. */

import { latin1Text } from '../base/bytes.ts';
import type { FieldLine, Fields } from './message.ts';

/** Offsets a field line takes in `marks`: name start, name end, value start, value end. */
export const MARKS_PER_FIELD = 4;

export class FieldSection implements Fields {
  readonly #bytes: Uint8Array;
  readonly #marks: readonly number[];
  /** Names in lower case, made at the first look-up: most heads are asked for several. */
  #names: string[] | undefined;

  /**
   * @param bytes the head, never changed afterwards
   * @param marks offsets into `bytes`, {@link MARKS_PER_FIELD} for each field line
   */
  constructor(bytes: Uint8Array, marks: readonly number[]) {
    this.#bytes = bytes;
    this.#marks = marks;
  }

  get count(): number {
    return this.#marks.length / MARKS_PER_FIELD;
  }

  countOf(name: string): number {
    let count = 0;
    for (const candidate of this.#lowerNames()) if (candidate === name) count += 1;
    return count;
  }

  only(name: string): string | undefined {
    const names = this.#lowerNames();
    const index = names.indexOf(name);
    if (index === -1 || names.indexOf(name, index + 1) !== -1) return undefined;
    return this.#value(index);
  }

  combined(name: string): string | undefined {
    let value: string | undefined;
    this.#lowerNames().forEach((candidate, index) => {
      if (candidate !== name) return;
      value = value === undefined ? this.#value(index) : `${value}, ${this.#value(index)}`;
    });
    return value;
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
    return latin1Text(this.#bytes, this.#marks[mark], this.#marks[mark + 1]);
  }
}
