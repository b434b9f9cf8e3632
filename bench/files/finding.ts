/** What a row of the benchmark finds, and whether that is what it is to be. */

import type { Spread } from '../figures.ts';

/** A floor or a ceiling of a median. */
export interface Goal {
  readonly kind: 'at least' | 'at most' | 'under';
  readonly value: number;
  /** `×`: a ratio to nginx, or to what the row says. */
  readonly unit: '×' | 'KiB' | 'MiB' | 'ms';
}

export interface Finding {
  /** The row, as `--only` names it. */
  readonly row: string;
  readonly work: string;
  readonly goal: Goal;
  /** Absolute figures in words, which change with the machine. */
  readonly inkwire: string;
  readonly nginx: string;
  /** In the goal's unit; what it was not measured for, where it was not. */
  readonly measured: Spread | string;
  readonly note?: string;
}

/** NaN reaches nothing. */
export function isReached({ kind, value }: Goal, measured: number): boolean {
  switch (kind) {
    case 'at least':
      return measured >= value;
    case 'at most':
      return measured <= value;
    case 'under':
      return measured < value;
  }
}

/** A figure that was taken once. */
export function single(value: number): Spread {
  return { median: value, lower: value, upper: value };
}

export function atLeast(value: number): Goal {
  return { kind: 'at least', value, unit: '×' };
}
