/** Plain reads: who takes the straight way, and that nobody can tell it from the usual one. */

import { afterAll, afterEach, beforeAll, describe, expect, spyOn, test } from 'bun:test';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { JointSends } from '../../src/server/joint-sends.ts';
import { LoopTurn } from '../../src/server/loop-turn.ts';
import { PlainReads } from '../../src/server/plain-reads.ts';
import { RawClient } from '../support/raw-client.ts';
import { SAMPLE, TestRoot } from '../support/root.ts';
import { startTestServer, type TestServer, until } from '../support/server.ts';

const LONG = 'l'.repeat(120);

const files = {
  'test.html': SAMPLE,
  'empty.html': '',
  'ü.html': '<p>ü</p>',
  'label.html': '<p>ü, and no word of what that is</p>',
  'said.htm': '<meta charset="utf-8"><p>ü</p>',
  'style.css': 'p { color: red }',
  none: 'of no type',
  no: 'of another name',
  'odd.type-that-nobody-knows': 'x',
  'deep/er/page-1_2.3~4.html': 'deep',
  'deep/index.html': 'index',
  '.well-known/page.txt': 'hidden',
  'full.bin': new Uint8Array(16 * 1024).fill(7),
  'large.bin': new Uint8Array(16 * 1024 + 1).fill(7),
  'future.html': 'written tomorrow',
  'old.html': 'written before all',
  [LONG]: 'long',
  [LONG.slice(1)]: 'long',
};

/** Later than the files, so that they are old; and the same for both servers. */
const later: Clock = { ...systemClock, wallMs: () => systemClock.wallMs() + 10_000 };

const LINES = ['Host: localhost', 'User-Agent: one/1.0', 'Accept: */*'];

function get(path: string, lines: readonly string[] = LINES, version = '1.1'): string {
  return [`GET ${path} HTTP/${version}`, ...lines, '', ''].join('\r\n');
}

/** The last of three requests on a connection, and how many replies it has the straight way. */
const rows: readonly (readonly [name: string, text: string, straight: number])[] = [
  ['the same page', get('/test.html'), 1],
  ['an empty page', get('/empty.html'), 1],
  ['a page that needs a label', get('/label.html'), 1],
  ['a page that has one', get('/said.htm'), 1],
  ['a style sheet', get('/style.css'), 1],
  ['a name without a type', get('/none'), 1],
  ['a type that is not known', get('/odd.type-that-nobody-knows'), 1],
  ['a page in folders', get('/deep/er/page-1_2.3~4.html'), 1],
  ['the largest page', get('/full.bin'), 1],
  ['a page with a later date', get('/future.html'), 1],
  ['a page with an early date', get('/old.html'), 1],
  ['a page that is too large', get('/large.bin'), 0],
  ['no page', get('/missing.html'), 0],
  ['a folder', get('/deep'), 0],
  ['the index of a folder', get('/deep/'), 0],
  ['the index of all', get('/'), 0],
  ['a page that is read only', get('/.well-known/page.txt'), 0],
  ['a hidden name', get('/.inkwire/ledger.db'), 0],
  ['dot segments', get('/deep/../test.html'), 0],
  ['an empty segment', get('//test.html'), 0],
  ['a folder that is a page', get('/test.html/'), 0],
  ['a coded name', get('/%C3%BC.html'), 0],
  ['a coded letter', get('/%74est.html'), 0],
  ['a query', get('/test.html?a=b'), 0],
  ['the longest path', get(`/${LONG.slice(1)}`), 1],
  ['one that is too long', get(`/${LONG}`), 0],
  ['no path', get(''), 0],
  ['a space in the path', get('/test .html'), 0],
  ['an absolute target', get('http://localhost/test.html'), 0],
  ['a method in small letters', get('/test.html').replace('GET', 'get'), 0],
  ['HEAD', get('/test.html').replace('GET', 'HEAD'), 0],
  ['HTTP/1.0', get('/test.html', LINES, '1.0'), 0],
  ['HTTP/1.2', get('/test.html', LINES, '1.2'), 0],
  ['a host that is not ours', get('/test.html', ['Host: evil.com']), 0],
  ['no host', get('/test.html', LINES.slice(1)), 0],
  ['two hosts', get('/test.html', [...LINES, 'Host: localhost']), 0],
  ['a last request', get('/test.html', [...LINES, 'Connection: close']), 0],
  ['a condition', get('/test.html', [...LINES, 'If-None-Match: *']), 0],
  ['a condition in time', get('/test.html', [...LINES, 'If-Modified-Since: now']), 0],
  ['a range', get('/test.html', [...LINES, 'Range: bytes=1-2']), 0],
  ['an origin', get('/test.html', [...LINES, 'Origin: http://allowed.example']), 0],
  ['an expectation', get('/test.html', [...LINES, 'Expect: 100-continue']), 0],
  ['content', `${get('/test.html', [...LINES, 'Content-Length: 3'])}abc`, 0],
  ['content of no length', get('/test.html', [...LINES, 'Content-Length: 0']), 0],
  ['a line that is none', get('/test.html', [...LINES, 'Bad Name: x']), 0],
  ['two at once', get('/test.html') + get('/style.css'), 0],
  ['a blank line before it', `\r\n${get('/test.html')}`, 0],
  ['half a request', get('/test.html').slice(0, -5), 0],
];

let spies: { mockRestore(): void }[] = [];

afterEach(() => {
  for (const spy of spies) spy.mockRestore();
  spies = [];
});

/** How many replies went out the straight way. */
function countStraight(): () => number {
  const spy = spyOn(PlainReads.prototype, 'take');
  spies.push(spy);
  return () => spy.mock.results.filter(({ value }) => value === true).length;
}

function oldFiles(): TestRoot {
  const root = new TestRoot(files, true);
  for (const name of Object.keys(files)) {
    const seconds = { 'future.html': 4_000_000_000, 'old.html': -1.5 }[name] ?? 1_700_000_000;
    utimesSync(join(root.path, name), seconds, seconds);
  }
  return root;
}

function start(root: TestRoot, portable: boolean): Promise<TestServer> {
  return startTestServer({
    root,
    dispatchLimits: { cacheBytesMax: 0 },
    headLimits: { targetBytesMax: LONG.length },
    seams: { portable, clock: later },
    config: {
      allowedOrigins: ['http://allowed.example'],
      cacheRules: [{ pattern: '/deep/*', value: 'max-age=60' }],
    },
  });
}

/** What a connection is answered to each text, once the text before is answered. */
async function play(port: number, texts: readonly string[]): Promise<string> {
  await using client = await RawClient.open(port);
  const last = texts.at(-1) ?? '';
  for (const text of texts.slice(0, -1)) await client.ask(text);
  client.send(last);
  client.shutdown();
  await until('the end of the connection', () => client.ended);
  return client.received.replace(/(?<=\r\n(?:Date|Last-Modified): )[^\r]*/g, (date) =>
    // Of the page from tomorrow the server tells its own time.
    / (?:1969|2023|2096) /.test(date) ? date : 'now',
  );
}

// Elsewhere nothing is read at once: no other system tells what lies in memory.
describe.skipIf(process.platform !== 'linux')('both ways', () => {
  const stack = new AsyncDisposableStack();
  let straight: TestServer;
  let usual: TestServer;

  beforeAll(async () => {
    straight = stack.use(await start(stack.use(oldFiles()), false));
    usual = stack.use(await start(stack.use(oldFiles()), true));
  });

  afterAll(() => stack.disposeAsync());

  test.each(rows)('%s', async (_, text, want) => {
    const count = countStraight();
    const texts = [get('/style.css'), get('/test.html'), text];
    const answer = await play(straight.port, texts);
    expect(count()).toBe(want + 1);
    expect(answer).toBe(await play(usual.port, texts));
    expect(count()).toBe(want + 1);
    // And the connections' logs are told alike, but for who read.
    const told = ({ log }: TestServer) =>
      log
        .filter((line) => line.startsWith('Perform'))
        .map((line) => line.replace(/, [^,]* ms.*/, ''));
    await until('all lines of the log', () => told(straight).length === told(usual).length);
    expect(told(straight)).toEqual(told(usual));
  });

  test('what is taken for an example was answered, and is plain', async () => {
    using root = oldFiles();
    await using server = await start(root, false);
    const count = countStraight();
    const lines: readonly (readonly string[])[] = [
      ['Host: evil.com'],
      [...LINES, 'If-None-Match: "a"'],
      [...LINES, 'Connection: keep-alive'],
      [...LINES, `X-Long: ${'x'.repeat(2_048)}`],
      [...LINES, 'Content-Length: 0'],
    ];
    for (const each of lines)
      await play(server.port, [get('/test.html', each), get('/none', each)]);
    expect(count()).toBe(0);
  });

  test('no request is taken for an example by the bytes of another', async () => {
    using root = oldFiles();
    await using server = await start(root, false);
    const empty = get('/no', [...LINES, 'Content-Length: 0']);
    const answer = await play(server.port, [get('/none'), empty, get('/none')]);
    expect(answer).toEndWith('of no type');
  });

  test('content that looks like a request is content', async () => {
    using root = oldFiles();
    await using server = await start(root, false);
    await using client = await RawClient.open(server.port);
    await client.ask(get('/test.html'));
    const content = get('/style.css');
    const { length } = content;
    client.send(`PUT /test.html HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n`);
    await until('the head is read', () => client.unsent === 0);
    for (let turn = 0; turn < 10; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    client.send(content);
    expect((await client.next()).status).toBe(200);
    expect(root.read('test.html')).toContain('GET /style.css');
  });

  test('an answer waits for those before it', async () => {
    using root = oldFiles();
    await using server = await start(root, false);
    await using client = await RawClient.open(server.port);
    await client.ask(get('/test.html'));
    for (let edit = 1; edit <= 20; edit += 1) {
      client.send(
        `PUT /test.html HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n${edit % 10}`,
      );
      await new Promise((resolve) => setImmediate(resolve));
      client.send(get('/test.html'));
      const { body } = await client.next();
      expect((await client.next()).body).toBe(body);
    }
  });

  test('replies that wait for the end of a turn stay as they are', async () => {
    using root = oldFiles();
    await using server = await start(root, false);
    await using stack = new AsyncDisposableStack();
    const clients: RawClient[] = [];
    for (let n = 0; n < 6; n += 1) clients.push(stack.use(await RawClient.open(server.port)));
    for (const client of clients) await client.ask(get('/style.css'));
    const count = countStraight();
    const head = get('/full.bin').replace('GET', 'HEAD');
    const texts = [get('/test.html'), get('/no'), head, get('/none'), head, get('/style.css')];
    const want = [SAMPLE, files.no, '', files.none, '', files['style.css']];
    for (let round = 0; round < 20; round += 1) {
      for (const [n, client] of clients.entries()) client.send(texts[n] ?? '');
      for (const [n, client] of clients.entries()) {
        const { body } = await client.next(texts[n] === head ? 'HEAD' : 'GET');
        expect([round, n, body]).toEqual([round, n, want[n] ?? '']);
      }
    }
    expect(count()).toBe(4 * 20);
  });

  test('more replies than the memory holds are made in one turn', async () => {
    using root = oldFiles();
    await using server = await start(root, false);
    await using stack = new AsyncDisposableStack();
    const clients: RawClient[] = [];
    // Each has 16 KiB, and all have a megabyte.
    const contents = Array.from({ length: 150 }, (_, n) => `${n} `.repeat(4_096).slice(-16_384));
    for (const [n, content] of contents.entries()) {
      writeFileSync(join(root.path, `${n}.bin`), content);
      clients.push(stack.use(await RawClient.open(server.port)));
    }
    for (const [n, client] of clients.entries()) await client.ask(get(`/${n}.bin`));
    const count = countStraight();
    for (const [n, client] of clients.entries()) client.send(get(`/${n}.bin`));
    for (const [n, client] of clients.entries()) {
      expect([n, (await client.next()).body === contents[n]]).toEqual([n, true]);
    }
    expect(count()).toBe(clients.length);
  });

  test('what was written is read, at each of fifty edits', async () => {
    using root = oldFiles();
    await using server = await start(root, false);
    await using reader = await RawClient.open(server.port);
    await using writer = await RawClient.open(server.port);
    const count = countStraight();
    for (let edit = 1; edit <= 50; edit += 1) {
      await reader.ask(get('/test.html'));
      const text = `<p>${edit}</p>`;
      const { body } = await writer.ask(
        `PUT /test.html HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
      );
      expect((await reader.ask(get('/test.html'))).body).toBe(body);
    }
    expect(count()).toBeGreaterThan(50);
  });
});

test('the first of a turn is sent at once, the others at its end, in order', async () => {
  const sends = new JointSends(new LoopTurn(systemClock));
  const sent: number[] = [];
  for (const n of [1, 2, 3]) sends.add(() => sent.push(n));
  expect(sent).toEqual([1]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toEqual([1, 2, 3]);
  for (const n of [4, 5]) sends.add(() => sent.push(n));
  expect(sent).toEqual([1, 2, 3, 4]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toEqual([1, 2, 3, 4, 5]);
});
