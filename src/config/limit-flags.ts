/** The flags of the limits: what the command line says of them, and their values checked. */

import { type DispatchLimits, defaultDispatchLimits } from '../dispatch/limits.ts';
import { defaultHeadLimits, type HeadLimits } from '../http/limits.ts';
import {
  dispatchRows,
  headRows,
  type LimitRow,
  type LimitUnit,
  serverRows,
  storeRows,
} from './limit-table.ts';
import {
  defaultServerLimits,
  defaultStoreLimits,
  type ServerLimits,
  type StoreLimits,
} from './limits.ts';
import { durationText, sizeText, takeDurationMs, takeSizeBytes } from './units.ts';

type Options<Rows extends Readonly<Record<string, LimitRow>>> = Rows[keyof Rows]['option'];

export type LimitOption =
  | Options<typeof headRows>
  | Options<typeof serverRows>
  | Options<typeof dispatchRows>
  | Options<typeof storeRows>;

/** The flags as the command line gives them, by Commander's names. */
export type LimitFlags = { readonly [Option in LimitOption]?: string | undefined };

export interface Limits {
  readonly head: HeadLimits;
  readonly server: ServerLimits;
  readonly dispatch: DispatchLimits;
  readonly store: StoreLimits;
}

export interface DescribedLimit extends LimitRow {
  /** `--header-timeout` */
  readonly flag: string;
  /** Milliseconds, bytes, bytes per second or a number. */
  readonly defaultValue: number;
}

/** All limits that have a flag, in the order of the documents, by what they limit. */
export const describedLimits: Readonly<Record<keyof Limits, readonly DescribedLimit[]>> = {
  head: described(headRows, defaultHeadLimits),
  server: described(serverRows, defaultServerLimits),
  dispatch: described(dispatchRows, defaultDispatchLimits),
  store: described(storeRows, defaultStoreLimits),
};

/** What stands behind the flag in the help. */
export const placeholders: Readonly<Record<LimitUnit, string>> = {
  duration: '<duration>',
  size: '<size>',
  count: '<number>',
  rate: '<size>',
};

/** A value as the flag takes it. */
export function limitText(unit: LimitUnit, value: number): string {
  switch (unit) {
    case 'duration':
      return durationText(value);
    case 'count':
      return String(value);
    default:
      return sizeText(value);
  }
}

/** @returns all limits, the given ones in place of their defaults; or the sentence for a bad one */
export function takeLimits(flags: Readonly<Record<string, unknown>>): Limits | string {
  const head = changes(headRows, flags);
  if (typeof head === 'string') return head;
  const server = changes(serverRows, flags);
  if (typeof server === 'string') return server;
  const dispatch = changes(dispatchRows, flags);
  if (typeof dispatch === 'string') return dispatch;
  const store = changes(storeRows, flags);
  if (typeof store === 'string') return store;
  return {
    head: { ...defaultHeadLimits, ...head },
    server: { ...defaultServerLimits, ...server },
    dispatch: { ...defaultDispatchLimits, ...dispatch },
    store: { ...defaultStoreLimits, ...store },
  };
}

function changes<Key extends string>(
  rows: Readonly<Record<Key, LimitRow>>,
  flags: Readonly<Record<string, unknown>>,
): Record<string, number> | string {
  const changed: Record<string, number> = {};
  for (const [key, row] of Object.entries<LimitRow>(rows)) {
    const text = flags[row.option];
    if (text === undefined) continue;
    const value = typeof text === 'string' ? takeValue(row.unit, text) : undefined;
    if (value === undefined || value < row.min || value > row.max) return expectation(row);
    changed[key] = value;
  }
  return changed;
}

function takeValue(unit: LimitUnit, text: string): number | undefined {
  switch (unit) {
    case 'duration':
      return takeDurationMs(text);
    case 'count':
      return /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
    default:
      return takeSizeBytes(text);
  }
}

/** The sentence for a value that is none, or out of bounds. */
function expectation({ option, unit, min, max }: LimitRow): string {
  const bounds = `from ${limitText(unit, min)} to ${limitText(unit, max)}`;
  switch (unit) {
    case 'duration':
      return `${flagOf(option)} takes a duration ${bounds}, such as 10s or 500ms`;
    case 'count':
      return `${flagOf(option)} takes a whole number ${bounds}`;
    case 'size':
      return `${flagOf(option)} takes a size ${bounds}, such as 8000 or 64kb`;
    case 'rate':
      return `${flagOf(option)} takes bytes per second ${bounds}, such as 500 or 2kb`;
  }
}

function described<Key extends string>(
  rows: Readonly<Record<Key, LimitRow>>,
  defaults: Readonly<Record<NoInfer<Key>, number>>,
): DescribedLimit[] {
  return keysOf(rows).map((key) => ({
    ...rows[key],
    flag: flagOf(rows[key].option),
    defaultValue: defaults[key],
  }));
}

function keysOf<Key extends string>(rows: Readonly<Record<Key, unknown>>): Key[] {
  const keys: Key[] = [];
  for (const key in rows) keys.push(key);
  return keys;
}

function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
