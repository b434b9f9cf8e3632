/** `:undo` against a real server in both semantics, and at servers that tell too little. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { type Peer, rawServer } from '../client/raw-server.ts';
import { SAMPLE } from '../support/root.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSession } from './support/session.ts';

describe.each(['classic', 'standard'] as const)('in %s semantics', (semantics) => {
  let server: TestServer;
  let session: TestSession;

  beforeAll(async () => {
    server = await startTestServer({ config: { semantics } });
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  beforeEach(() => {
    server.root.write('test.html', SAMPLE);
    session = new TestSession(server.url);
  });

  afterEach(() => session[Symbol.dispose]());

  const page = (name = 'test.html') => server.root.read(name);

  /** Another program, or somebody else, writes. */
  async function elsewhere(...lines: readonly string[]): Promise<void> {
    using other = new TestSession(server.url);
    await other.say(...lines);
  }

  const writes = ['PUT test.html oops', 'PATCH test.html <p>oops</p>', 'POST test.html oops'];

  test.each(writes)('%s is taken back, and that again', async (write) => {
    await session.say('GET test.html', write);
    const written = page();
    expect(written).not.toBe(SAMPLE);
    const undone = await session.say(':undo');
    expect(undone.outcome).toBe('completed');
    expect(undone.notes).toMatch(/^note: POST \/test\.html as it was before P.*, 286 bytes, If-M/);
    expect(page()).toBe(SAMPLE);
    expect(await session.say(':undo test.html')).toMatchObject({ outcome: 'completed' });
    expect(page()).toBe(written);
    await session.say(':undo');
    expect(page()).toBe(SAMPLE);
  });

  test('a text that is escaped', async () => {
    await session.say('GET /test.html', "PATCH -H 'Content-Type: text/plain' test.html 1 < 2 & 한");
    expect(await session.say(':undo')).toMatchObject({ outcome: 'completed' });
    expect(page()).toBe(SAMPLE);
  });

  test('the last of several writes', async () => {
    await session.say('PATCH test.html <p>one</p>');
    const one = page();
    await session.say('PATCH test.html <p>two</p>', ':undo');
    expect(page()).toBe(one);
  });

  test('a page that was made is removed, and made again', async () => {
    await session.say('GET new.html', 'POST new.html made');
    const removed = await session.say(':undo');
    expect(removed).toMatchObject({ outcome: 'completed', status: 204 });
    expect(removed.notes).toMatch(
      /^note: DELETE \/new\.html, which was not there before, If-Match: "/,
    );
    expect(page('new.html')).toBeUndefined();
    expect(await session.say(':undo')).toMatchObject({ outcome: 'completed', status: 201 });
    expect(page('new.html')).toBe('made');
    await session.say(':undo');
    expect(page('new.html')).toBeUndefined();
  });

  test('a page that was removed is there again', async () => {
    await session.say('GET test.html', 'DELETE test.html');
    const undone = await session.say(':undo');
    expect(undone).toMatchObject({ outcome: 'completed', status: 201 });
    expect(page()).toBe(SAMPLE);
    expect(undone.notes).toContain('If-None-Match: *');
  });

  test('each page has its own', async () => {
    await session.say('POST a.html 1', 'POST b.html 1', 'POST a.html 2', 'POST b.html 2');
    await session.say(':undo a.html');
    expect([page('a.html'), page('b.html')]).toEqual(['1', '2']);
  });

  test('an index page, by the name of its folder', async () => {
    await session.say('POST dir/index.html <body></body>', 'GET dir/', 'PATCH dir/ <p>x</p>');
    expect(page('dir/index.html')).toContain('<p>x</p>');
    expect(await session.say(':undo')).toMatchObject({ outcome: 'completed' });
    expect(page('dir/index.html')).toBe('<body></body>');
  });

  const others: readonly (readonly [said: RegExp, ...lines: string[]])[] = [
    [/^not undone: somebody else has changed \/test\.html since its PATCH$/, 'PATCH test.html x'],
    [/^not undone: somebody else has changed \/test\.html/, 'POST test.html x'],
    [
      /^not undone: \/test\.html is not as PATCH left it: GET was answered 404$/,
      'DELETE test.html',
    ],
  ];

  test.each(others)('what others do after it stays: %p', async (said, line) => {
    await session.say('GET test.html', 'PATCH test.html mine');
    await elsewhere(line);
    const before = page();
    const undone = await session.say(':undo');
    expect(undone.outcome).toBe('failed');
    expect(undone.notes).toMatch(said);
    expect(page()).toBe(before);
  });

  test.each(['PATCH test.html theirs', 'POST test.html <body>theirs</body>'])(
    'what others did before it stays: %s',
    async (line) => {
      await session.say('GET test.html');
      await elsewhere(line);
      await session.say('PATCH test.html mine');
      const before = page();
      expect(before).toContain('theirs');
      const undone = await session.say(':undo');
      expect(undone.notes).toMatch(/was changed between what this session saw and its PATCH/);
      expect(page()).toBe(before);
    },
  );

  test('a page that somebody else has made is not removed', async () => {
    await session.say('GET theirs.html');
    await elsewhere('POST theirs.html <body>theirs</body>');
    await session.say('PATCH theirs.html mine');
    expect(await session.say(':undo')).toMatchObject({ outcome: 'failed' });
    expect(page('theirs.html')).toContain('theirs');
  });

  test('a page that somebody else has made again is left as it is', async () => {
    await session.say('GET test.html', 'DELETE test.html');
    await elsewhere('POST test.html theirs');
    const undone = await session.say(':undo');
    expect(undone).toMatchObject({ outcome: 'failed', status: 412 });
    expect(undone.notes).toContain('not undone: somebody else has changed the page');
    expect(page()).toBe('theirs');
  });

  test('a minimal answer with an entity tag is enough', async () => {
    const minimal = "PATCH -H 'Prefer: return=minimal' test.html <p>x</p>";
    await session.say('GET test.html', minimal);
    expect(await session.say(':undo')).toMatchObject({ outcome: 'completed' });
    expect(page()).toBe(SAMPLE);
    await session.say('GET test.html', minimal);
    await elsewhere('PATCH test.html theirs');
    expect((await session.say(':undo')).notes).toMatch(/somebody else has changed/);
  });

  const unknowns: readonly (readonly [said: string, ...lines: string[]])[] = [
    ['this session remembers no write', ':undo'],
    ['this session remembers no write', 'GET test.html', ':undo'],
    ['this session remembers no write to /a.html', 'POST test.html x', ':undo a.html'],
    ['this session had not seen /test.html before its POST', 'POST test.html x', ':undo'],
    ['this session had not seen /test.html before its DELETE', 'DELETE test.html', ':undo'],
    ['this session remembers no write', 'POST test.html x', ':repeat 1 PUT test.html y', ':undo'],
    ['this session remembers no write', 'POST test.html x', ':verify -n 2 test.html', ':undo'],
    ['this session remembers no write', 'POST test.html x', ':open 127.0.0.1:1', ':undo'],
  ];

  test.each(unknowns)('%s: after %j', async (said, ...lines) => {
    const undone = await session.say(...lines);
    expect(undone).toMatchObject({ outcome: 'failed', notes: `not undone: ${said}` });
  });

  test('a load that only reads takes nothing away', async () => {
    await session.say('GET test.html', 'POST test.html x', ':repeat 2 GET /', ':undo');
    expect(page()).toBe(SAMPLE);
  });
});

test('a classic PUT with a minimal answer tells nothing', async () => {
  await using server = await startTestServer();
  const session = new TestSession(server.url);
  const undone = await session.say(
    'GET test.html',
    "PUT -H 'Prefer: return=minimal' test.html x",
    ':undo',
  );
  expect(undone.notes).toMatch(
    /^not undone: the answer to PUT \/test\.html showed neither the page/,
  );
});

/** Answers the requests in turn. */
function scripted(...texts: readonly string[]) {
  let at = 0;
  return rawServer({
    request(peer: Peer) {
      const text = texts[at];
      at += 1;
      if (text === undefined) peer.socket.end();
      else peer.socket.write(text);
    },
  });
}

function answerOf(status: number, content: string, fields = ''): string {
  const head = `HTTP/1.1 ${status} x\r\n${fields}Content-Length: ${content.length}\r\n`;
  return `${head}\r\n${content}`;
}

const location = 'Content-Location: /p\r\n';

test('without a strong entity tag nothing is done', async () => {
  const weak = 'ETag: W/"1"\r\n';
  using server = scripted(
    answerOf(200, 'old'),
    answerOf(200, 'new', location),
    answerOf(200, 'new', weak),
  );
  using session = new TestSession(`127.0.0.1:${server.port}`);
  const undone = await session.say('GET p', 'PUT p new', ':undo');
  expect(undone.notes).toMatch(/^not undone: \/p has no strong entity tag/);
  expect(server.requests).toHaveLength(3);
});

test('an unknown outcome, and a look that fails', async () => {
  using server = scripted(answerOf(200, 'old'));
  using session = new TestSession(`127.0.0.1:${server.port}`);
  const unknown = await session.say('GET p', 'PUT p new', ':undo');
  expect(unknown.notes).toBe(
    'not undone: it is not known whether PUT /p was done; look at the page',
  );
  using other = scripted(answerOf(200, 'old'), answerOf(200, 'new', location));
  await session.say(`:open 127.0.0.1:${other.port}`, 'GET p', 'PUT p new');
  const unread = await session.say(':undo');
  expect(unread).toMatchObject({
    outcome: 'failed',
    notes: 'connection closed before the answer (GET /p)',
  });
});

test('a page that was made is removed under a condition', async () => {
  const tag = 'ETag: "1"\r\n';
  using server = scripted(
    answerOf(404, ''),
    answerOf(201, 'new', location),
    answerOf(200, 'new', tag),
    answerOf(204, ''),
  );
  using session = new TestSession(`127.0.0.1:${server.port}`);
  await session.say('GET p', 'POST p new', ':undo');
  expect(server.requests.at(-1)).toMatch(/^DELETE \/p HTTP\/1\.1\r\n(?:.*\r\n)*If-Match: "1"\r\n/);
});

test('what is sent: the page, its type, a condition, and a key of its own', async () => {
  const tag = 'ETag: "1"\r\nContent-Type: text/css\r\n';
  using server = scripted(
    answerOf(200, 'old', tag),
    answerOf(200, 'new', location),
    answerOf(200, 'new', tag),
    answerOf(201, 'old', location),
  );
  using session = new TestSession(`127.0.0.1:${server.port}`);
  await session.say('GET p', "PUT -H 'Host: b' p new");
  // Another host's page is another page.
  expect((await session.say(':undo')).notes).toMatch(/had not seen/);
  using again = new TestSession(`127.0.0.1:${server.port}`);
  using fresh = scripted(
    answerOf(200, 'old', tag),
    answerOf(200, 'new', location),
    answerOf(200, 'new', tag),
    answerOf(201, 'old', location),
  );
  await again.say(`:open 127.0.0.1:${fresh.port}`, ':headers Host: b', ':headers A: 1');
  await again.say('GET p', 'PUT p new', ':headers -Host', ':undo');
  const [, put = '', look = '', post = ''] = fresh.requests;
  expect(look).toMatch(/^GET \/p HTTP\/1\.1\r\n/);
  expect(look).toContain('Host: b\r\n');
  expect(look).toContain('Accept-Encoding: identity\r\n');
  for (const line of ['Host: b', 'A: 1', 'Content-Type: text/css', 'If-Match: "1"']) {
    expect(post).toContain(`${line}\r\n`);
  }
  expect(post).toMatch(/^POST \/p HTTP\/1\.1\r\n(?:.*\r\n)+\r\nold$/);
  const keys = [put, post].map((text) => /Idempotency-Key: ("[0-9a-f-]{36}")/.exec(text)?.[1]);
  expect(new Set(keys).size).toBe(2);
  expect(keys).not.toContain(undefined);
});
