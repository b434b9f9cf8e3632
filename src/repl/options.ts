/**
 * The options of a command, read by a table: a row for each, in any order, up to the first word
 * that is none. What follows that word is not looked at, for it may be content. Pure.
 */

import { takeDurationMs } from '../config/units.ts';
import { quoted } from './display.ts';
import { type Problem, problem, takeQuoted } from './language.ts';
import { closestWord } from './suggest.ts';

/** How the text of a value is understood. */
export interface ValueReader<Value> {
  /** What it takes, for messages: `expected …`. */
  readonly expected: string;
  /** Absent: the text is nothing of the kind; a problem says more than `expected` would. */
  readonly take: (text: string) => Value | Problem | undefined;
}

/** What the text of a value adds to what was said before. */
interface ValueSetter<Options> {
  readonly expected: string;
  readonly take: (text: string, before: Partial<Options>) => Partial<Options> | Problem | undefined;
}

/** What an option looks like, for usage texts and completion. */
export interface OptionShape {
  /** With their hyphens, the short one first. */
  readonly names: readonly string[];
  /** What stands for the value in usage texts; absent when it takes none. */
  readonly placeholder?: string;
  /** What it does, in a few words, for `:help`. */
  readonly summary: string;
  /** Whether it may be given more than once. */
  readonly repeats?: boolean;
}

/** One row of the table; `Options` is what all rows together can say. */
export interface OptionRow<Options> extends OptionShape {
  readonly gives:
    | { readonly kind: 'value'; readonly reader: ValueSetter<Options> }
    /** With a reader it may have a value, behind an equals sign. */
    | {
        readonly kind: 'flag';
        readonly meaning: Partial<Options>;
        readonly reader?: ValueSetter<Options>;
      };
}

/** A word without a hyphen that may stand anywhere between the options, once. */
export interface Positional<Options> {
  /** As it is called in usage texts. */
  readonly name: string;
  /** Which words are meant for it, also those that are wrong. */
  readonly looks: RegExp;
  readonly value: ValueSetter<Options>;
}

export interface TakenOptions<Options> {
  readonly kind: 'options';
  readonly values: Partial<Options>;
  /** What follows, from the first character that is no blank on, as it was typed. */
  readonly rest: string;
}

/**
 * A row for an option with a value.
 *
 * @param set puts the value in its place: `(connections) => ({ connections })`; one that repeats
 *   adds it to those `before`
 */
export function option<Options, Value>(
  shape: OptionShape & { readonly placeholder: string },
  reader: ValueReader<Value>,
  set: (value: Value, before: Partial<Options>) => Partial<Options>,
): OptionRow<Options> {
  return { ...shape, gives: { kind: 'value', reader: mapped(reader, set) } };
}

/** A row for an option without a value. */
export function flag<Options>(shape: OptionShape, meaning: Partial<Options>): OptionRow<Options> {
  return { ...shape, gives: { kind: 'flag', meaning } };
}

/** A row for an option that may have a value: `--swap` means something, `--swap=POST` more. */
export function flagOrValue<Options, Value>(
  shape: OptionShape,
  meaning: Partial<Options>,
  reader: ValueReader<Value>,
  set: (value: Value) => Partial<Options>,
): OptionRow<Options> {
  return { ...shape, gives: { kind: 'flag', meaning, reader: mapped(reader, set) } };
}

export function positional<Options, Value>(
  name: string,
  looks: RegExp,
  reader: ValueReader<Value>,
  set: (value: Value) => Partial<Options>,
): Positional<Options> {
  return { name, looks, value: mapped(reader, set) };
}

function mapped<Options, Value>(
  { expected, take }: ValueReader<Value>,
  set: (value: Value, before: Partial<Options>) => Partial<Options>,
): ValueSetter<Options> {
  return {
    expected,
    take(text, before) {
      const value = take(text);
      if (value === undefined) return undefined;
      return isProblem(value) ? value : set(value, before);
    },
  };
}

/**
 * Takes the options from the front of `text`: `-c 50`, `-c50`, `--rate 100`, `--rate=100`, each
 * value quoted or not. It ends before the first word that is neither an option nor a positional.
 */
export function takeOptions<Options>(
  text: string,
  rows: readonly OptionRow<Options>[],
  words: readonly Positional<Options>[] = [],
): TakenOptions<Options> | Problem {
  const seen = new Set<object>();
  let values: Partial<Options> = {};
  let rest = text.replace(/^[ \t]+/, '');
  while (rest !== '') {
    const found = takePositional(rest, words) ?? takeNamed(rest, rows);
    if (found === undefined) break;
    if (found.kind === 'problem') return found;
    if (seen.has(found.row) && !found.repeats)
      return problem(`${found.name} is there twice; expected it once`);
    seen.add(found.row);
    const taken = readFound(found, values);
    if (taken.kind === 'problem') return taken;
    values = { ...values, ...taken.values };
    rest = taken.rest;
  }
  return { kind: 'options', values, rest };
}

/** An option or a positional, before its value was read. */
interface Found<Options> {
  readonly kind: 'found';
  /** Tells it from the others. */
  readonly row: object;
  readonly name: string;
  readonly repeats: boolean;
  readonly gives: OptionRow<Options>['gives'];
  /** What stands behind the name. */
  readonly after: string;
}

function takePositional<Options>(
  text: string,
  words: readonly Positional<Options>[],
): Found<Options> | undefined {
  const row = words.find(({ looks }) => looks.test(firstWord(text)));
  if (row === undefined) return undefined;
  const gives = { kind: 'value', reader: row.value } as const;
  return { kind: 'found', row, name: row.name, repeats: false, gives, after: text };
}

function takeNamed<Options>(
  text: string,
  rows: readonly OptionRow<Options>[],
): Found<Options> | Problem | undefined {
  if (!text.startsWith('-')) return undefined;
  const word = firstWord(text);
  const long = word.startsWith('--');
  const whole = long ? word.replace(/=.*/, '') : word;
  for (const row of rows) {
    const { gives, names, repeats = false } = row;
    // Only a letter with a value can have it glued on: `-jc` is no bundle of flags.
    const name = long || gives.kind === 'flag' ? whole : word.slice(0, 2);
    const after = text.slice(name.length);
    if (names.includes(name)) return { kind: 'found', row, name, repeats, gives, after };
  }
  const names = rows.flatMap((row) => row.names);
  const near = closestWord(whole, names);
  const advice = near === undefined ? `expected ${names.join(', ')}` : `did you mean ${near}?`;
  return problem(`unknown option ${quoted(whole)}; ${advice}`);
}

function firstWord(text: string): string {
  return /^[^ \t]*/.exec(text)?.[0] ?? '';
}

function readFound<Options>(
  { name, gives, after }: Found<Options>,
  before: Partial<Options>,
): TakenOptions<Options> | Problem {
  if (gives.kind === 'value') {
    return readValue(name, gives.reader, after.replace(/^(?:=|[ \t]+)/, ''), before);
  }
  if (after.startsWith('=')) {
    const { reader } = gives;
    if (reader === undefined) return problem(`${name} takes no value`);
    return readValue(name, reader, after.slice(1), before);
  }
  return { kind: 'options', values: gives.meaning, rest: after.replace(/^[ \t]+/, '') };
}

/** Reads the value that stands at the front of `text`. */
function readValue<Options>(
  name: string,
  reader: ValueSetter<Options>,
  text: string,
  before: Partial<Options>,
): TakenOptions<Options> | Problem {
  const { expected } = reader;
  const found = takeQuoted(text, name, expected);
  if (found.kind === 'problem') return found;
  const values = reader.take(found.text, before);
  if (values === undefined) return problem(`${name} ${quoted(found.text)}: expected ${expected}`);
  if (isProblem(values)) return problem(`${name}: ${values.message}`);
  return { kind: 'options', values, rest: found.rest };
}

export function isProblem<Value>(value: Value | Problem): value is Problem {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'problem';
}

/** `-c, --connections N`, as usage texts have it. */
export function optionUsage({ names, placeholder }: OptionShape): string {
  return placeholder === undefined ? names.join(', ') : `${names.join(', ')} ${placeholder}`;
}

/** Whole numbers from `least` to `most`, in digits alone. */
export function wholeNumber(least: number, most: number): ValueReader<number> {
  return {
    expected: `a whole number from ${least} to ${most}`,
    take(text) {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
      return value !== undefined && value >= least && value <= most ? value : undefined;
    },
  };
}

/** Numbers above zero and up to `most`, with or without decimals. */
export function positiveNumber(most: number): ValueReader<number> {
  return {
    expected: `a number above 0, up to ${most}`,
    take(text) {
      const value = /^\d{1,15}(?:\.\d{1,6})?$/.test(text) ? Number(text) : undefined;
      return value !== undefined && value > 0 && value <= most ? value : undefined;
    },
  };
}

/** Durations above zero and up to `mostMs`, as milliseconds. */
export function duration(mostMs: number): ValueReader<number> {
  return {
    expected: 'a duration with its unit, as 500ms, 10s or 2m',
    take(text) {
      const ms = takeDurationMs(text);
      if (ms === undefined) return undefined;
      if (ms <= 0) return problem(`${quoted(text)} is no time at all`);
      return ms <= mostMs ? ms : problem(`${quoted(text)} is too long; at most ${hours(mostMs)}`);
    },
  };
}

function hours(ms: number): string {
  return `${ms / 3_600_000}h`;
}

/** Any text that is not empty. */
export function anyText(expected: string): ValueReader<string> {
  return { expected, take: (text) => (text === '' ? undefined : text) };
}
