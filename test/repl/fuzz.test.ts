/**
 * No line ends the REPL: random ones are parsed, checked, run, edited and completed without a
 * throw.
 */

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { parseEndpoint } from '../../src/client/endpoint.ts';
import { commandNames } from '../../src/repl/commands.ts';
import { complete } from '../../src/repl/completion.ts';
import { KeyDecoder } from '../../src/repl/editor/keys.ts';
import { layOut } from '../../src/repl/editor/screen.ts';
import { emptyState, step } from '../../src/repl/editor/state.ts';
import { History } from '../../src/repl/history.ts';
import { parseLine } from '../../src/repl/language.ts';
import { Session } from '../../src/repl/session.ts';
import { startServer, type TestServer } from './support/server.ts';

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
let server: TestServer;
beforeAll(() => {
  console.log(`seed ${seed}`);
  server = startServer();
});
afterAll(() => server[Symbol.dispose]());

/** A linear congruential generator: the same seed gives the same lines. */
function generator(start: number): (below: number) => number {
  let state = start >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const pieces = [
  ...['GET', 'put', 'POST', 'PATCH', 'OPTIONS', 'BREW', 'GTE', ':', ':help', ':history', ':open'],
  ...[
    ':headers',
    ':repeat',
    ':undo',
    '--retry',
    '--no-key',
    '2',
    '-c',
    '-H',
    "'A: b'",
    '"A: b',
    "'",
    '"',
    '\\',
    '@',
    '\\@',
    '#',
  ],
  ...['/', '*', 'test.html', 'http://', 'http://a.test/x', '%', '?', '{{n}}', '{{', '-', '--', '='],
  ...[
    ' ',
    ' ',
    ' ',
    '\t',
    '\r',
    '\n',
    '\0',
    '\x1b',
    '\x1b[A',
    '\x1b[200~',
    '\x07',
    '\x7f',
    '\u009b',
  ],
  ...[
    '한국어',
    '😀',
    '👨‍👩‍👧',
    'e\u0301',
    '\u202e',
    '\ud800',
    '\udc00',
    '\ufeff',
    '\u00a0',
    '\u2028',
  ],
];

function randomLine(random: (below: number) => number): string {
  const huge = random(200) === 0;
  const count = huge ? 5_000 : random(12);
  let line = '';
  for (let index = 0; index < count; index += 1) line += pieces[random(pieces.length)] ?? '';
  return line;
}

const vocabulary = { commands: [], names: ['/a'], servers: [], standing: [] };

test('parsing, completing and editing', () => {
  const random = generator(seed);
  for (let round = 0; round < 3_000; round += 1) {
    const line = randomLine(random);
    const parsed = parseLine(line, commandNames);
    if (parsed.kind === 'problem') {
      // A message is one line that is safe to show.
      expect(parsed.message).not.toMatch(/\p{Cc}/u);
      expect(parsed.message.length).toBeLessThan(500);
    }
    complete(line, random(line.length + 1), vocabulary);
    if (line.length > 2_000) continue;
    let state = emptyState(2);
    for (const key of new KeyDecoder().push(line)) state = step(state, key, ['GET /a', 'é']).state;
    const columns = 1 + random(20);
    const layout = layOut({ prompt: '> ', text: state.text, cursor: state.cursor }, columns);
    expect(layout.cursorColumn).toBeLessThan(Math.max(columns, 2));
    expect(layout.cursorRow).toBeLessThan(layout.rows.length);
    expect(layout.rows.join('')).not.toMatch(/\p{Cc}/u);
  }
});

test('running', async () => {
  const random = generator(seed + 1);
  const endpoint = parseEndpoint(server.url);
  if (typeof endpoint === 'string') throw new Error(endpoint);
  const complaints: string[] = [];
  const session = new Session({
    endpoint,
    clock: systemClock,
    random: systemRandom,
    timeoutMs: 2_000,
    fail: false,
    output: {
      terminal: true,
      colour: true,
      interactive: false,
      write: async () => true,
      complain: async (line) => void complaints.push(line),
      columns: () => 80,
    },
    history: new History(undefined, systemClock, () => {}),
  });
  for (let round = 0; round < 400; round += 1) {
    // Lines that leave for another server, or a load of many, would only take time.
    const line = randomLine(random)
      .replace(/:open/g, ':headers')
      .replace(/\d{2,}/g, '2');
    await session.run(line);
    if (round % 7 === 0) await session.run(`PUT /x ${line}`);
  }
  expect(await session.run('GET /still-there')).toBe('completed');
  session.close();
  expect(complaints.filter((line) => line.includes('a fault of inkwire'))).toEqual([]);
  expect(complaints.filter((line) => /\p{Cc}/u.test(line))).toEqual([]);
});
