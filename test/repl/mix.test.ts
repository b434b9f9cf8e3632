/** Mix files: what their lines mean, and where they are wrong. */

import { expect, test } from 'bun:test';
import { commandNames } from '../../src/repl/commands.ts';
import { type MixLine, mixRequestsMax, parseMix } from '../../src/repl/mix.ts';
import { isProblem } from '../../src/repl/options.ts';

function lines(text: string): readonly MixLine[] {
  const read = parseMix(text, 'mix.txt', commandNames);
  if (isProblem(read)) throw new Error(read.message);
  return read;
}

test('weights, expectations, requests, comments and blank lines', () => {
  const found = lines(
    [
      '# readers come nine times as often',
      '9 GET /',
      '  \t',
      '  1 --expect 200,412 PUT -H \'If-Match: "x"\' page.html  text {{n}} ',
      '--expect=404 7 GET missing',
      'DELETE {{n}}.html',
      'POST a.html @page.html',
    ].join('\n'),
  );
  expect(
    found.map(({ weight, expects, request: { method, target } }) => [
      weight,
      expects,
      method,
      target,
    ]),
  ).toEqual([
    [9, undefined, 'GET', '/'],
    [
      1,
      [
        [200, 200],
        [412, 412],
      ],
      'PUT',
      '/page.html',
    ],
    [7, [[404, 404]], 'GET', '/missing'],
    [1, undefined, 'DELETE', '/{{n}}.html'],
    [1, undefined, 'POST', '/a.html'],
  ]);
  expect(found[1]?.request.content).toEqual({ kind: 'text', text: ' text {{n}} ' });
  expect(found[4]?.request.content).toEqual({ kind: 'file', path: 'page.html' });
});

test('the ends of lines, and a byte order mark, are no part of them', () => {
  for (const text of [
    'PUT a b\r\nPUT a b\r\n',
    '\ufeffPUT a b\nPUT a b',
    '\nPUT a b\nPUT a b\n\n',
  ]) {
    expect(lines(text).map(({ request }) => request.content)).toEqual([
      { kind: 'text', text: 'b' },
      { kind: 'text', text: 'b' },
    ]);
  }
});

const refused: readonly (readonly [text: string, said: string])[] = [
  ['', 'mix.txt has no request'],
  ['# nothing\n\n', 'mix.txt has no request'],
  ['GET /\nGTE /', 'mix.txt:2: unknown method "GTE"; did you mean GET?'],
  ['\n\r\n0 GET /', 'mix.txt:3: the weight "0": expected a whole number from 1 to 1000'],
  ['1001 GET /', 'mix.txt:1: the weight "1001": expected a whole number from 1 to 1000'],
  ['1.5 GET /', 'mix.txt:1: the weight "1.5": expected a whole number from 1 to 1000'],
  ['-1 GET /', 'mix.txt:1: the weight "-1": expected a whole number from 1 to 1000'],
  ['2 3 GET /', 'mix.txt:1: the weight is there twice; expected it once'],
  ['5', 'mix.txt:1: no request; expected [WEIGHT] [--expect LIST] REQUEST'],
  ['5 :quit', 'mix.txt:1: commands cannot be in a mix, only requests'],
  ['--rate 5 GET /', 'mix.txt:1: unknown option "--rate"; expected --expect'],
  [
    '--expect x GET /',
    'mix.txt:1: --expect "x": expected statuses from 200 to 599, as 200, 200,201, 2xx or 200-299',
  ],
];

test.each(refused)('%j is refused', (text, said) => {
  expect(parseMix(text, 'mix.txt', commandNames)).toEqual({ kind: 'problem', message: said });
});

test('at most so many requests', () => {
  const most = 'GET /\n'.repeat(mixRequestsMax);
  expect(lines(most)).toHaveLength(mixRequestsMax);
  expect(parseMix(`${most}\n# one more\nGET /`, 'mix.txt', commandNames)).toEqual({
    kind: 'problem',
    message: `mix.txt:${mixRequestsMax + 3}: a mix has at most ${mixRequestsMax} requests`,
  });
});

test('the name of the file cannot drive the terminal', () => {
  expect(parseMix('', 'a\x1b[2J', commandNames)).toMatchObject({
    message: 'a\\x1b[2J has no request',
  });
});
