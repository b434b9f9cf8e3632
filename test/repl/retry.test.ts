/** Keys and repetitions as the REPL sends and tells them, at the prompt, in batches, in loads. */

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { freePort, type RawServer, rawServer } from '../client/raw-server.ts';
import { TestSession } from './support/session.ts';

const main = join(import.meta.dir, 'support', 'main.ts');
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'inkwire-retry-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

async function repl(server: Pick<RawServer, 'port'>, ...args: readonly string[]) {
  const command = [process.execPath, main, 'repl', `127.0.0.1:${server.port}`, ...args];
  const child = Bun.spawn(command, {
    cwd: folder,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { out, err, status };
}

const fine = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const replay = 'HTTP/1.1 200 OK\r\nIdempotency-Replayed: true\r\nContent-Length: 0\r\n\r\n';
const busy = 'HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n';

/** Plays the answers in turn; an empty one ends the connection, and the last one goes on. */
function playing(...answers: readonly string[]): RawServer {
  let at = 0;
  return rawServer({
    request(peer) {
      const answer = answers[Math.min(at, answers.length - 1)] ?? '';
      at += 1;
      if (answer === '') peer.socket.end();
      else peer.socket.write(answer);
    },
  });
}

function keysOf({ requests }: Pick<RawServer, 'requests'>): (string | undefined)[] {
  return requests.map((text) => /^idempotency-key: (.*)\r$/im.exec(text)?.[1]);
}

/** Whether they are all there and all different. */
function areOwn(keys: readonly (string | undefined)[]): boolean {
  return new Set(keys).size === keys.length && !keys.includes(undefined);
}

test('each write has a key of its own: by -e, from a file, in a load and a mix', async () => {
  using server = playing(fine);
  writeFileSync(join(folder, 'lines.txt'), 'PUT a x\nDELETE a\n');
  writeFileSync(join(folder, 'mix.txt'), 'PUT a x\n2 POST b {{n}}\n');
  const ran = await repl(
    server,
    ...['-e', 'PUT a x', '-e', 'PATCH a x', '-e', ':repeat 5 -c 2 PUT a x'],
    ...['-e', ':repeat 5 --mix mix.txt', '-e', ':repeat 4 --threads 2 -c 2 PUT a x'],
    ...['-f', 'lines.txt'],
  );
  expect([ran.err, ran.status]).toEqual(['', 0]);
  const keys = keysOf(server);
  expect(keys).toHaveLength(18);
  expect(areOwn(keys)).toBe(true);
  for (const key of keys) expect(key).toMatch(/^"[0-9a-f-]{36}(?:-\d+)?"$/);
});

test('nothing else has a key, nor a write for which none is wanted', async () => {
  using server = playing(fine);
  using session = new TestSession(`127.0.0.1:${server.port}`);
  await session.say('GET a', 'HEAD a', 'OPTIONS *', ':repeat 2 GET a', 'PUT --no-key a x');
  await session.say(':repeat 2 --no-key PUT a x', ':repeat 2 PUT --no-key a x');
  await session.say(':verify --no-key -n 2 a');
  using unnamed = new TestSession(`127.0.0.1:${server.port}`, { noKeys: true });
  await unnamed.say('PUT a x', ':repeat 2 PUT a x', ':verify -n 2 a');
  await repl(
    server,
    '--no-key',
    '-e',
    'PUT a x',
    '-e',
    ':repeat 2 PUT a x',
    '-e',
    ':verify -n 2 a',
  );
  expect(new Set(keysOf(server))).toEqual(new Set([undefined]));
});

test("a campaign's writes have keys, each its own", async () => {
  using server = playing(fine);
  using session = new TestSession(`127.0.0.1:${server.port}`);
  await session.say(':verify -n 2 a');
  const reads = server.requests.filter((text) => text.startsWith('GET'));
  const writes = server.requests.filter((text) => !text.startsWith('GET'));
  expect(Math.min(reads.length, writes.length)).toBeGreaterThan(0);
  expect(new Set(keysOf({ requests: reads }))).toEqual(new Set([undefined]));
  expect(areOwn(keysOf({ requests: writes }))).toBe(true);
});

test("a person's own key is the only one", async () => {
  using server = playing(fine);
  const own = "-H 'Idempotency-Key: own'";
  using session = new TestSession(`127.0.0.1:${server.port}`);
  await session.say(`PUT ${own} a x`, `:repeat 2 PUT ${own} a x`, `:verify ${own} -n 2 a`);
  expect(new Set(keysOf(server))).toEqual(new Set(['own']));
  const fields = server.requests.join('').match(/idempotency-key/gi);
  expect(fields).toHaveLength(server.requests.length);
});

const closed = 'connection closed before the answer';
const again = 'tried again under the same key in';
const ownKey = /note: .* -H 'Idempotency-Key: "[0-9a-f-]{36}"'/;

interface Row {
  readonly name: string;
  readonly answers: readonly string[];
  readonly line: string;
  /** How often the session tries again. */
  readonly retry?: number;
  readonly noKeys?: true;
  readonly notes: string | RegExp;
  readonly fails?: true;
  /** Requests that arrive. */
  readonly sent: number;
}

const rows: readonly Row[] = [
  {
    name: 'as often as the session says',
    answers: ['', '', fine],
    retry: 3,
    line: 'PUT a x',
    notes: `${closed}; ${again} 0.1 s (1 of 3)\n${closed}; ${again} 0.2 s (2 of 3)`,
    sent: 3,
  },
  {
    name: 'as often as the line says, which goes before it',
    answers: ['', fine],
    retry: 0,
    line: 'PUT --retry 1 a x',
    notes: `${closed}; ${again} 0.1 s (1 of 1)`,
    sent: 2,
  },
  {
    name: 'a line that wants none',
    answers: ['', fine],
    retry: 3,
    line: 'PUT --retry 0 a x',
    notes: new RegExp(`^${closed}: outcome unknown, not repeated \\(PUT /a\\)\\n${ownKey.source}$`),
    fails: true,
    sent: 1,
  },
  {
    name: 'an answer of an earlier try',
    answers: ['', replay],
    line: 'PUT --retry 1 a x',
    notes:
      `${closed}; ${again} 0.1 s (1 of 1)\n` +
      'note: this is the answer of an earlier try under the same key; nothing was done now',
    sent: 2,
  },
  {
    name: 'a write without a key',
    answers: ['', fine],
    retry: 3,
    noKeys: true,
    line: 'PUT a x',
    notes: `${closed}: outcome unknown, not repeated (PUT /a)`,
    fails: true,
    sent: 1,
  },
  {
    name: 'a read',
    answers: ['', fine],
    line: 'GET --retry=2 a',
    notes: `${closed}; tried again in 0.1 s (1 of 2)`,
    sent: 2,
  },
  {
    name: '503',
    answers: [busy, fine],
    retry: 1,
    line: 'PUT a x',
    notes: `answered 503; ${again} 0.1 s (1 of 1)`,
    sent: 2,
  },
  {
    name: '503 in the end',
    answers: [busy],
    line: 'PUT a x',
    notes: new RegExp(`^${ownKey.source}$`),
    sent: 1,
  },
  {
    name: '503 to a read',
    answers: [busy],
    line: 'GET a',
    notes: '',
    sent: 1,
  },
  {
    name: 'too often',
    answers: [''],
    retry: 1,
    line: 'PUT a x',
    notes: new RegExp(
      `^${closed}; .*\\n${closed}: outcome unknown, tried 2 times under one key \\(PUT /a\\)\\n` +
        `${ownKey.source}$`,
    ),
    fails: true,
    sent: 2,
  },
  {
    name: 'a load, as often as the session says',
    answers: ['', replay],
    retry: 1,
    line: ':repeat 2 PUT a x',
    notes: '',
    sent: 3,
  },
  {
    name: 'a load, as often as it says itself',
    answers: ['', fine],
    line: ':repeat 2 --retry 1 PUT a x',
    notes: '',
    sent: 3,
  },
  {
    name: 'a load, as often as its request says',
    answers: ['', fine],
    line: ':repeat 2 --retry 0 PUT --retry 1 a x',
    notes: '',
    sent: 3,
  },
];

test.each([...rows])('$name', async ({ answers, line, notes, fails, sent, ...options }) => {
  using server = playing(...answers);
  using session = new TestSession(`127.0.0.1:${server.port}`, options);
  const said = await session.say(line);
  if (typeof notes === 'string') expect(said.notes).toBe(notes);
  else expect(said.notes).toMatch(notes);
  expect(said.outcome).toBe(fails ? 'failed' : 'completed');
  expect(server.requests.length).toBe(sent);
});

test('the program hands its options on', async () => {
  using server = playing('', fine);
  const ran = await repl(server, '--retry', '1', '-e', 'PUT a x');
  expect([ran.status, server.requests.length]).toEqual([0, 2]);
  using bare = playing('', fine);
  const refused = await repl(bare, '--no-key', '--retry', '1', '-e', 'PUT a x');
  expect([refused.status, ...keysOf(bare)]).toEqual([1, undefined]);
  const wrong = await repl(bare, '--retry', '101', '-e', 'PUT a x');
  expect(wrong).toEqual({
    status: 2,
    out: '',
    err: 'error: "101" is no count of repetitions; expected 0 to 100\n',
  });
});

test('the report of a load counts them', async () => {
  using server = playing('', replay);
  using session = new TestSession(`127.0.0.1:${server.port}`);
  const json: unknown = JSON.parse(
    (await session.say(':repeat 2 --retry 1 --json PUT a x')).answer,
  );
  expect(json).toMatchObject({ completed: 2, retried: 1, replayed: 2, errors: 0, failures: {} });
  using other = playing('', replay);
  const { answer } = await session.say(`:open ${other.port}`, ':repeat 2 --retry 1 PUT a x');
  expect(answer).toMatch(
    /^retried {4}1 time tried again; 2 answers were those of an earlier try\n? .*\(Idempotency-Re/m,
  );
});

test('nobody there, however often it is asked', async () => {
  const port = freePort();
  using session = new TestSession(`127.0.0.1:${port}`, { retry: 1 });
  const { notes, outcome } = await session.say('PUT a x');
  expect(notes).toBe(
    `nothing listens at 127.0.0.1:${port}; ${again} 0.1 s (1 of 1)\n` +
      `nothing listens at http://127.0.0.1:${port}; start it with: bun run serve --port ${port}`,
  );
  expect(outcome).toBe('failed');
});

test('a write without a key, for which a server comes and goes', async () => {
  const port = freePort();
  let server: RawServer | undefined;
  const clock: Clock = {
    ...systemClock,
    after(delayMs, task) {
      if (delayMs === 100)
        server ??= rawServer({ request: (peer) => void peer.socket.end() }, port);
      return systemClock.after(delayMs, task);
    },
  };
  using session = new TestSession(`127.0.0.1:${port}`, { retry: 3, noKeys: true, clock });
  const { notes } = await session.say('PUT a x');
  expect(notes).toBe(
    `nothing listens at 127.0.0.1:${port}; tried again in 0.1 s (1 of 3)\n` +
      `${closed}: outcome unknown, not repeated (PUT /a)`,
  );
  server?.stop();
});

test('a server that goes away after it was sent leaves the outcome unknown', async () => {
  using server = rawServer({
    request(peer) {
      server.stop();
      peer.socket.end();
    },
  });
  using session = new TestSession(`127.0.0.1:${server.port}`, { retry: 2 });
  const { notes } = await session.say('PUT a x');
  expect(notes).toContain(': outcome unknown, tried 3 times under one key (PUT /a)\nnote: ');
});
