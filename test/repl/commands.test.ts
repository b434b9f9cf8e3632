/** What the commands show and change, in a session without a terminal. */

import { afterEach, beforeEach, expect, test } from 'bun:test';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { parseEndpoint } from '../../src/client/endpoint.ts';
import { commands } from '../../src/repl/commands.ts';
import { History } from '../../src/repl/history.ts';
import { Session } from '../../src/repl/session.ts';
import { startServer, type TestServer } from './support/server.ts';

let server: TestServer;
let session: Session;
let history: History;
let shown: string[] = [];

beforeEach(() => {
  server = startServer();
  shown = [];
  history = new History(undefined, systemClock, () => {});
  history.add('GET /old');
  const endpoint = parseEndpoint(server.url);
  if (typeof endpoint === 'string') throw new Error(endpoint);
  session = new Session({
    endpoint,
    clock: systemClock,
    random: systemRandom,
    timeoutMs: 2_000,
    fail: false,
    output: {
      terminal: false,
      colour: false,
      interactive: false,
      write: async (data) => {
        shown.push(Buffer.from(data).toString());
        return true;
      },
      complain: async (line) => void shown.push(`! ${line}`),
      columns: () => 80,
    },
    history,
  });
});

afterEach(() => {
  session.close();
  server[Symbol.dispose]();
});

/** What `lines` show, the last one's alone. */
async function last(...lines: readonly string[]): Promise<string> {
  for (const line of lines) {
    shown = [];
    await session.run(line);
  }
  return shown.join('');
}

const none = '(none; set one with :headers Name: value)\n';

const rows: readonly (readonly [want: string | RegExp, ...lines: string[]])[] = [
  [none, ':headers'],
  ['A: b\n', ':headers A: b', ':headers'],
  ['A: b c\n', ":headers 'A: b c'", ':headers'],
  ['B: 1\na: 2\n', ':headers A: 1', ':headers B: 1', ':headers a: 2', ':headers'],
  ['A: 한\\x9b\n', ':headers A: 한\u009b', ':headers'],
  [none, ':headers A: b', ':headers -a', ':headers'],
  ['(there was no header "A")\n', ':headers -A'],
  [/^! "A" is no header field; expected Name: value; :headers -Name removes one$/, ':headers A'],
  [/^http:\/\/127\.0\.0\.1:\d+\n$/, ':open'],
  ['http://127.0.0.1:1\n', ':open 127.0.0.1:1', ':open'],
  [/^! https is not spoken yet/, ':open https://a.test'],
  ['1  GET /old\n', ':history'],
  ['1  GET /old\n', ':history 5'],
  [/^! "0" is no number of lines; expected :history/, ':history 0'],
  [/^A request: METHOD(?:.|\n)*:repeat \[COUNT\]/, ':help'],
  [
    /^:repeat \[COUNT\] \[options\] REQUEST\n {2}sends it(?:.|\n)* -c, --connections N/,
    ':help :repeat',
  ],
  [/^! no command "x"; :help lists them$/, ':help x'],
  [/^! :quit takes nothing; found "now"$/, ':quit now'],
  ['', '# nothing'],
];

test.each(rows)('%p after %j', async (want, ...lines) => {
  const found = await last(...lines);
  if (typeof want === 'string') expect(found).toBe(want);
  else expect(found).toMatch(want);
});

test('every command is in the help, within 80 columns', async () => {
  const text = await last(':help');
  for (const command of commands) expect(text).toContain(command.usage);
  for (const line of text.split('\n')) expect(line.length).toBeLessThan(80);
});

test('standing headers go with requests and loads; names are learnt from both', async () => {
  await last(':headers X-A: 1', 'GET made', ':repeat 2 GET x', "GET -H 'x-a: 2' y", 'GET missing');
  const sent = server.requests.map((request) => /x-a: \d/i.exec(request)?.[0]);
  expect(sent).toEqual(['X-A: 1', 'X-A: 1', 'X-A: 1', 'x-a: 2', 'X-A: 1']);
  expect(session.vocabulary.names).toEqual(['/y', '/x', '/created.html', '/made', '/old']);
});

test('outcomes', async () => {
  expect(await session.run(':quit')).toBe('quit');
  expect(await session.run('GTE /')).toBe('refused');
  expect(await session.run('GET drop')).toBe('failed');
  expect(await session.run('GET /')).toBe('completed');
  expect(session.interrupt()).toBe(false);
});
