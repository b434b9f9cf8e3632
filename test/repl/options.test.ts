/** How options of commands are written, and what is said of those that are not right. */

import { expect, test } from 'bun:test';
import { problem } from '../../src/repl/language.ts';
import {
  anyText,
  duration,
  flag,
  isProblem,
  type OptionRow,
  option,
  optionUsage,
  type Positional,
  positional,
  positiveNumber,
  takeOptions,
  wholeNumber,
} from '../../src/repl/options.ts';

interface Options {
  readonly count: number;
  readonly connections: number;
  readonly rate: number;
  readonly durationMs: number;
  readonly json: boolean;
  readonly file: string;
  readonly colour: string;
}

const colour = {
  expected: 'red or blue',
  take: (text: string) =>
    text === 'green'
      ? problem('green is sold out')
      : ['red', 'blue'].includes(text)
        ? text
        : undefined,
};

const rows: readonly OptionRow<Options>[] = [
  option(
    { names: ['-c', '--connections'], placeholder: 'N', summary: '' },
    wholeNumber(1, 64),
    (connections) => ({ connections }),
  ),
  option({ names: ['--rate'], placeholder: 'N', summary: '' }, positiveNumber(1_000), (rate) => ({
    rate,
  })),
  option(
    { names: ['-d', '--duration'], placeholder: 'T', summary: '' },
    duration(3_600_000),
    (durationMs) => ({ durationMs }),
  ),
  option({ names: ['--file'], placeholder: 'FILE', summary: '' }, anyText('a name'), (file) => ({
    file,
  })),
  option({ names: ['--colour'], placeholder: 'C', summary: '' }, colour, (name) => ({
    colour: name,
  })),
  flag({ names: ['-j', '--json'], summary: '' }, { json: true }),
];

const count: readonly Positional<Options>[] = [
  positional('COUNT', /^-?\d/, wholeNumber(1, 100), (value) => ({ count: value })),
];

const taken: readonly (readonly [text: string, values: Partial<Options>, rest: string])[] = [
  ['', {}, ''],
  ['   ', {}, ''],
  ['GET /', {}, 'GET /'],
  ['  GET /  -c 5 ', {}, 'GET /  -c 5 '],
  ['-c 50 GET /', { connections: 50 }, 'GET /'],
  ['-c50 GET /', { connections: 50 }, 'GET /'],
  ['-c=50 GET /', { connections: 50 }, 'GET /'],
  ['-c \t 50 GET /', { connections: 50 }, 'GET /'],
  ['--connections 50', { connections: 50 }, ''],
  ['--connections=50 PUT a  b ', { connections: 50 }, 'PUT a  b '],
  ['-c "50" GET /', { connections: 50 }, 'GET /'],
  ["--connections='50' GET /", { connections: 50 }, 'GET /'],
  ["-c'50' GET /", { connections: 50 }, 'GET /'],
  ['-c 1', { connections: 1 }, ''],
  ['-c 64', { connections: 64 }, ''],
  ['--rate 0.5', { rate: 0.5 }, ''],
  ['--rate=1000', { rate: 1_000 }, ''],
  ['-d 10s', { durationMs: 10_000 }, ''],
  ['--duration=1.5s', { durationMs: 1_500 }, ''],
  ['-d 1h', { durationMs: 3_600_000 }, ''],
  ['--json GET /', { json: true }, 'GET /'],
  ['-j -c 2 GET /', { json: true, connections: 2 }, 'GET /'],
  ['10 -c 2 GET /', { count: 10, connections: 2 }, 'GET /'],
  ['-c 2 10 GET /', { count: 10, connections: 2 }, 'GET /'],
  ['--json 10 GET 5', { count: 10, json: true }, 'GET 5'],
  ["--file 'a b.txt' x", { file: 'a b.txt' }, 'x'],
  ['--file "a \\"b\\".txt"  x', { file: 'a "b".txt' }, 'x'],
  ['--file=a=b x', { file: 'a=b' }, 'x'],
  ['--file -c x', { file: '-c' }, 'x'],
  ['--colour blue', { colour: 'blue' }, ''],
];

test.each(taken)('%j', (text, values, rest) => {
  expect(takeOptions(text, rows, count)).toEqual({ kind: 'options', values, rest });
});

const refused: readonly (readonly [text: string, said: string])[] = [
  ['-c', '-c has no value; expected a whole number from 1 to 64'],
  ['--rate=', '--rate has no value; expected a number above 0, up to 1000'],
  ['--rate= 5', '--rate has no value; expected a number above 0, up to 1000'],
  ['-c 0 x', '-c "0": expected a whole number from 1 to 64'],
  ['-c 65 x', '-c "65": expected a whole number from 1 to 64'],
  ['-c 1e1 x', '-c "1e1": expected a whole number from 1 to 64'],
  ['-c GET /', '-c "GET": expected a whole number from 1 to 64'],
  ['--rate 0', '--rate "0": expected a number above 0, up to 1000'],
  ['--rate 1000.1', '--rate "1000.1": expected a number above 0, up to 1000'],
  ['--rate -5', '--rate "-5": expected a number above 0, up to 1000'],
  ['-d 10', '-d "10": expected a duration with its unit, as 500ms, 10s or 2m'],
  ['-d 0s', '-d: "0s" is no time at all'],
  ['-d 2h', '-d: "2h" is too long; at most 1h'],
  ["--file ''", '--file "": expected a name'],
  ["--file 'a", "the value of --file is not closed; expected another '"],
  ["--file 'a'b", 'expected a blank after the closing \' of --file, found "b"'],
  ['--colour pink', '--colour "pink": expected red or blue'],
  ['--colour green', '--colour: green is sold out'],
  ['--json=1', '--json takes no value'],
  ['-jc 5', 'unknown option "-jc"; did you mean -c?'],
  ['--conections 5', 'unknown option "--conections"; did you mean --connections?'],
  ['--raet=5', 'unknown option "--raet"; did you mean --rate?'],
  [
    '--nothing 5',
    'unknown option "--nothing"; expected -c, --connections, --rate, -d, --duration, --file, ' +
      '--colour, -j, --json',
  ],
  ['-c 5 --connections 6', '--connections is there twice; expected it once'],
  ['--json --json', '--json is there twice; expected it once'],
  ['10 20', 'COUNT is there twice; expected it once'],
  ['101', 'COUNT "101": expected a whole number from 1 to 100'],
  ['-5', 'COUNT "-5": expected a whole number from 1 to 100'],
  ['10x GET', 'COUNT "10x": expected a whole number from 1 to 100'],
];

test.each(refused)('%j is refused', (text, said) => {
  expect(takeOptions(text, rows, count)).toEqual(problem(said));
});

test('a word that looks like a positional ends the options where none is asked for', () => {
  expect(takeOptions('-c 5 10', rows)).toEqual({
    kind: 'options',
    values: { connections: 5 },
    rest: '10',
  });
});

test('whatever stands behind the options stays as it was typed', () => {
  const content = 'PUT t.html  a\t -c 7 "x" \\@ \'';
  for (const before of ['', ' ', '-c 5 ', '--rate=5   ', "--file 'a b'\t", '10 --json ']) {
    const found = takeOptions(before + content, rows, count);
    expect(isProblem(found) ? found : found.rest).toBe(content);
  }
});

test('usage', () => {
  expect(rows.map(optionUsage)).toEqual([
    '-c, --connections N',
    '--rate N',
    '-d, --duration T',
    '--file FILE',
    '--colour C',
    '-j, --json',
  ]);
});
