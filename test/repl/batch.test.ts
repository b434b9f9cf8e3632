/** The REPL without a terminal, as a child process: what it prints, and its exit status. */

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rawServer, until } from '../client/raw-server.ts';
import { startServer, type TestServer } from './support/server.ts';

const main = join(import.meta.dir, 'support', 'main.ts');
let server: TestServer;
let folder = '';

beforeAll(() => {
  server = startServer();
  folder = mkdtempSync(join(tmpdir(), 'inkwire-batch-'));
});

afterAll(() => {
  server[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

function spawn(args: readonly string[], stdin = '') {
  return Bun.spawn([process.execPath, main, 'repl', ...args], {
    cwd: folder,
    env: { ...process.env, XDG_STATE_HOME: join(folder, 'state') },
    stdin: new Blob([stdin]),
    stdout: 'pipe',
    stderr: 'pipe',
  });
}

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

async function repl(args: readonly string[], stdin = ''): Promise<Ran> {
  const child = spawn(args, stdin);
  const [out, err, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { status, out, err };
}

const okHead = (length: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;

test('-e shows answers as they came, one after the other, over one connection', async () => {
  const before = server.connections;
  const ran = await repl([
    server.url,
    '-e',
    'get a.html',
    '-e',
    'PUT --no-key a.html This is test',
  ]);
  expect(ran).toEqual({
    status: 0,
    out: `${okHead(12)}GET /a.html \n${okHead(24)}PUT /a.html This is test\n`,
    err: '',
  });
  expect(server.connections - before).toBe(1);
  expect(server.requests.at(-1)).toBe(
    `PUT /a.html HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n` +
      'Content-Type: text/html; charset=utf-8\r\nContent-Length: 12\r\n\r\nThis is test',
  );
});

test('standard input, a file, and - give the same', async () => {
  const lines =
    '\ufeff# two requests\r\n\r\nGET /a\r\n:headers X-A: b\nPUT /b  c \n:quit\nGET /never';
  const want = { status: 0, out: `${okHead(7)}GET /a \n${okHead(10)}PUT /b  c \n`, err: '' };
  expect(await repl([server.url], lines)).toEqual(want);
  writeFileSync(join(folder, 'requests.txt'), lines);
  expect(await repl([server.url, '-f', 'requests.txt'])).toEqual(want);
  expect(await repl([server.url, '-f', '-'], lines)).toEqual(want);
  expect(server.requests.at(-1)).toContain('X-A: b\r\n');
  expect(existsSync(join(folder, 'state'))).toBe(false);
});

test('a connection that the server closes is replaced without a word', async () => {
  const before = server.connections;
  const ran = await repl([server.url, '-e', 'GET /close', '-e', 'PUT /b x']);
  expect(ran.status).toBe(0);
  expect(ran.err).toBe('');
  expect(server.connections - before).toBe(2);
});

interface Row {
  readonly name: string;
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly status: number;
  readonly err: RegExp;
}

const rows: readonly Row[] = [
  { name: '404', args: ['-e', 'GET missing'], status: 0, err: /^$/ },
  { name: '404 --fail', args: ['--fail', '-e', 'GET missing'], status: 1, err: /^$/ },
  {
    name: '500 --fail, then 200',
    args: ['--fail', '-e', 'GET broken', '-e', 'GET /'],
    status: 1,
    err: /^$/,
  },
  { name: '200 --fail', args: ['--fail', '-e', 'GET /'], status: 0, err: /^$/ },
  {
    name: 'a write whose connection ends',
    args: ['-e', 'PUT drop x', '-e', 'GET /'],
    status: 1,
    err: /^connection closed before the answer: outcome unknown, not repeated \(PUT \/drop\)\nnote: .*\n$/,
  },
  {
    name: 'a write whose answer is cut off',
    args: ['-e', 'POST half x'],
    status: 1,
    err: /^connection closed before the answer: outcome unknown, not repeated \(POST \/half\)\nnote: .*\n$/,
  },
  {
    name: 'a read whose connection ends',
    args: ['-e', 'GET drop'],
    status: 1,
    err: /^connection closed before the answer \(GET \/drop\)\n$/,
  },
  {
    name: 'no HTTP',
    args: ['-e', 'GET junk'],
    status: 1,
    err: /^the server's bytes are no HTTP.*\(GET \/junk\)\n$/,
  },
  {
    name: 'no answer in time',
    args: ['--timeout', '100ms', '-e', 'PUT hang x'],
    status: 1,
    err: /^no whole response within 0.1 s: outcome unknown, not repeated \(PUT \/hang\)\nnote: .*\n$/,
  },
  {
    name: 'a typo sends nothing',
    args: ['-e', 'GET /', '-e', 'GTE /'],
    status: 2,
    err: /^-e: unknown method "GTE"; did you mean GET\?\n$/,
  },
  {
    name: 'a typo in a pipe',
    args: [],
    stdin: 'GET /\n:hlep\nGET /',
    status: 2,
    err: /^standard input:2: .*:help\?\n$/,
  },
  {
    name: 'a missing content file',
    args: ['-e', 'PUT a @none'],
    status: 2,
    err: /^there is no file "none"/,
  },
  {
    name: 'bytes that are no text',
    args: ['-f', 'latin1.txt'],
    status: 2,
    err: /^latin1.txt:2: is no valid UTF-8/,
  },
  {
    name: 'a missing file',
    args: ['-f', 'none.txt'],
    status: 2,
    err: /^cannot read none.txt \(ENOENT\); expected/,
  },
  { name: 'an unknown option', args: ['--fial'], status: 2, err: /unknown option '--fial'/ },
  {
    name: 'a bad duration',
    args: ['--timeout', '5x'],
    status: 2,
    err: /^error: "5x" is no duration; expected 1ms to 60m/,
  },
  {
    name: 'a command of repeat',
    args: ['-e', ':repeat 2 :quit'],
    status: 2,
    err: /^-e: commands cannot be repeated/,
  },
  {
    name: 'a bad count',
    args: ['-e', ':repeat x GET /'],
    status: 2,
    err: /"x" is no count from 1 to/,
  },
  {
    name: 'too many connections',
    args: ['-e', ':repeat 1 -c 4097 GET /'],
    status: 2,
    err: /-c "4097": expected/,
  },
  { name: 'a load that fails', args: ['-e', ':repeat 2 PUT drop {{n}}'], status: 1, err: /^$/ },
  {
    name: 'a load of 404 --fail',
    args: ['--fail', '-e', ':repeat 2 GET missing'],
    status: 1,
    err: /^$/,
  },
];

test.each(rows)('$name: $status', async ({ args, stdin, status, err }) => {
  writeFileSync(join(folder, 'latin1.txt'), Buffer.from('GET /\nPUT a \xe9\n', 'latin1'));
  const ran = await repl([server.url, ...args], stdin);
  expect(ran.err).toMatch(err);
  expect(ran.status).toBe(status);
});

test('a bad address is a usage error', async () => {
  const ran = await repl(['http://127.0.0.1:99999', '-e', 'GET /']);
  expect(ran).toEqual({
    status: 2,
    out: '',
    err: 'error: 99999 is no port: expected 1 to 65535\n',
  });
});

test('nothing listens', async () => {
  const gone = startServer();
  gone[Symbol.dispose]();
  const at = `http://127.0.0.1:${gone.port}; start it with: bun run serve --port ${gone.port}\n`;
  const ran = await repl([gone.url, '-e', 'GET /']);
  expect(ran).toEqual({ status: 1, out: '', err: `nothing listens at ${at}` });
  const load = await repl([gone.url, '-e', ':repeat 3 GET /']);
  expect(load.status).toBe(1);
  expect(load.err).toBe(`nothing listens at ${at}`);
});

test('a load numbers its requests and reports', async () => {
  const before = server.requests.length;
  const ran = await repl([server.url, '-e', ':repeat 20 -c 4 PUT item-{{n}} item {{n}} {{other}}']);
  expect(ran.status).toBe(0);
  expect(ran.err).toBe('');
  expect(ran.out).toMatch(/20/);
  expect(ran.out).toMatch(/200/);
  expect(ran.out).toMatch(/p50.*p90.*p99.*max/s);
  expect(ran.out).not.toContain('\x1b');
  const sent = server.requests
    .slice(before)
    .map((request) => /item-(\d+) .*item (\d+) {{other}}$/s.exec(request));
  const numbers = sent.map((found) => [Number(found?.[1]), Number(found?.[2])]);
  numbers.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
  expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => [index + 1, index + 1]));
});

test('lines of a pipe run as they arrive', async () => {
  const child = Bun.spawn([process.execPath, main, 'repl', server.url], {
    stdin: 'pipe',
    stdout: 'pipe',
  });
  const reader = child.stdout.getReader();
  child.stdin.write('GET /first\n');
  child.stdin.flush();
  // The answer comes although the input is still open.
  const { value } = await reader.read();
  expect(Buffer.from(value ?? []).toString()).toContain('GET /first');
  child.stdin.end();
  expect(await child.exited).toBe(0);
});

test('SIGINT stops the request and the batch', async () => {
  const child = spawn([server.url, '-e', 'PUT hang x', '-e', 'GET /never']);
  const before = server.requests.length;
  while (server.requests.length === before) await Bun.sleep(5);
  child.kill('SIGINT');
  expect(await new Response(child.stderr).text()).toMatch(
    /^stopped: outcome unknown, not repeated \(PUT \/hang\)\nnote: .*\n$/,
  );
  expect(await child.exited).toBe(1);
  expect(server.requests.at(-1)).not.toContain('/never');
});

test('a reader that goes away ends it without a trace', async () => {
  const child = spawn([
    server.url,
    ...Array.from({ length: 50 }, () => ['-e', ':repeat 1 GET /']).flat(),
  ]);
  await child.stdout.cancel();
  expect(await new Response(child.stderr).text()).toBe('');
  expect(await child.exited).toBe(0);
});

// Only Linux has a device that is always full.
test.skipIf(process.platform !== 'linux')(
  'answers that cannot be written are a failure',
  async () => {
    const full = Bun.file('/dev/full');
    const command = [process.execPath, main, 'repl', server.url, '-e', 'GET /'];
    const child = Bun.spawn(command, { stdout: full, stderr: 'pipe', stdin: 'ignore' });
    const [err, status] = await Promise.all([new Response(child.stderr).text(), child.exited]);
    expect([status, err]).toEqual([1, 'the answers could not be written (ENOSPC)\n']);
  },
);

test('content that looks like options of a load is sent, and doubted', async () => {
  const ran = await repl([server.url, '-e', ':repeat 3 GET / -c 5']);
  expect(ran.status).toBe(0);
  expect(ran.err).toBe('note: "-c" is sent as content; options stand before GET\n');
  expect((await repl([server.url, '-e', ':repeat 3 PUT / -c 5'])).err).toBe('');
});

test('a second signal drops what the first one waits for, and the report still comes', async () => {
  using silent = rawServer({});
  const line = ':verify --timeout 60s -n 10 -c 2 a.html';
  const child = spawn([`127.0.0.1:${silent.port}`, '-e', line]);
  await until(() => silent.requests.length > 0, 'it has asked');
  child.kill('SIGTERM');
  await new Promise((resolve) => setImmediate(resolve));
  child.kill('SIGINT');
  expect(await child.exited).toBe(1);
  expect(child.signalCode).toBeNull();
});

test('a third signal ends a batch that nobody reads', async () => {
  using big = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response(content) });
  const content = 'x'.repeat(1_000_000);
  const child = spawn([`127.0.0.1:${big.port}`, '-e', 'GET /', '-e', 'GET /never']);
  // The first bytes are there: the others do not fit into the pipe.
  const reader = child.stdout.getReader();
  await reader.read();
  let sent = 0;
  await until(() => {
    child.kill(sent++ % 2 === 0 ? 'SIGTERM' : 'SIGINT');
    return child.signalCode !== null || child.exitCode !== null;
  }, 'its end');
  expect(child.exitCode).toBeNull();
  expect(sent).toBeGreaterThan(2);
});

test('bytes that follow an answer and belong to none are told', async () => {
  using server = rawServer({
    request: (peer) => void peer.socket.write(`${okHead(5)}hello and more`),
  });
  const ran = await repl([`127.0.0.1:${server.port}`, '-e', 'GET /', '-e', 'HEAD /']);
  expect(ran.status).toBe(0);
  expect(ran.err).toBe(
    'note: bytes followed that belong to no response; the connection was left\n'.repeat(2),
  );
  expect(server.accepted).toBe(2);
});
