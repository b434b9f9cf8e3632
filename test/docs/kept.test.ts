/** What the original did and Inkwire does as well or better, row by row of docs/ORIGINAL.md. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { openRepl, serve } from '../support/inkwire.ts';
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE, TestRoot } from '../support/root.ts';
import { startTestServer, type TestServer, until } from '../support/server.ts';

const INSERTED = SAMPLE.replace('<body>\n', '<body>\n    <h2> This is test </h2>\n');

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ files: { 'test.html': SAMPLE, 'notes.txt': 'notes' } });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** The answer to one request on a connection of its own. */
async function ask(text: string) {
  await using client = await RawClient.open(server.port);
  return await client.ask(text);
}

describe('statuses', () => {
  const rows = [
    { name: 'GET of a page: 200', ask: request('GET', '/test.html'), status: 200 },
    { name: 'GET of a missing page: 404', ask: request('GET', '/blank.html'), status: 404 },
    { name: 'GET of a forbidden path: 400', ask: request('GET', '/a%2fb.html'), status: 400 },
    { name: 'HEAD of a page: 200', ask: request('HEAD', '/test.html'), status: 200 },
    { name: 'HEAD of a missing page: 400', ask: request('HEAD', '/blank.html'), status: 400 },
    { name: 'HEAD of a forbidden path: 400', ask: request('HEAD', '/a%2fb.html'), status: 400 },
    {
      name: 'PUT to a missing page: 404, and none is made',
      ask: request('PUT', '/blank.html', { content: 'x' }),
      status: 404,
    },
    {
      name: 'PUT to what takes no insert: 400',
      ask: request('PUT', '/notes.txt', { content: 'x' }),
      status: 400,
    },
    { name: 'PUT of nothing: 400', ask: request('PUT', '/test.html'), status: 400 },
    {
      name: 'POST below a file: 400',
      ask: request('POST', '/notes.txt/x.html', { content: 'x' }),
      status: 400,
    },
    {
      name: 'POST to a forbidden path: 400',
      ask: request('POST', '/a%2fb.html', { content: 'x' }),
      status: 400,
    },
  ];

  test.each(rows)('$name', async (row) => {
    expect((await ask(row.ask)).status).toBe(row.status);
    expect(server.root.read('test.html')).toBe(SAMPLE);
    expect(server.root.read('notes.txt')).toBe('notes');
    expect(server.root.read('blank.html')).toBeUndefined();
  });

  test('PUT inserts a heading and answers with the whole new page: 200', async () => {
    await using fresh = await startTestServer();
    await using client = await RawClient.open(fresh.port);
    const put = await client.ask(request('PUT', '/test.html', { content: 'This is test' }));
    expect([put.status, put.fields.get('content-length'), put.body]).toEqual([
      200,
      '314',
      INSERTED,
    ]);
    expect(fresh.root.read('test.html')).toBe(INSERTED);
  });

  test('POST makes a page, then replaces it: 201 both times', async () => {
    await using fresh = await startTestServer();
    await using client = await RawClient.open(fresh.port);
    for (const content of ['<h1> This is HTML </h1>', 'other']) {
      const posted = await client.ask(request('POST', '/index.html', { content }));
      expect([posted.status, posted.body]).toEqual([201, content]);
      expect(fresh.root.read('index.html')).toBe(content);
    }
  });
});

describe('messages', () => {
  test('a request line without a version is refused: 400', async () => {
    await using client = await RawClient.open(server.port);
    client.send('GET test.html\r\n\r\n');
    expect((await client.next()).status).toBe(400);
    expect(await client.end()).toBe('');
  });

  test('a request without Host is refused: 400', async () => {
    expect((await ask('GET /test.html HTTP/1.1\r\n\r\n')).status).toBe(400);
  });

  test('a request whose lines end in LF alone is refused: 400', async () => {
    expect((await ask('GET /test.html HTTP/1.1\nHost: localhost\n\n')).status).toBe(400);
  });

  test('every line of an answer ends in CR LF', async () => {
    // The raw client takes no head and no field line that ends otherwise.
    const { lines } = await ask(request('GET', '/test.html'));
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines) expect(line).not.toMatch(/[\r\n]/);
  });

  test('Date is in GMT', async () => {
    const { fields } = await ask(request('GET', '/test.html'));
    const date = fields.get('date') ?? '';
    expect(date).toMatch(/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/);
    expect(Math.abs(Date.parse(date) - Date.now())).toBeLessThan(10_000);
  });

  test('an answer names the server, and no Host', async () => {
    const { fields } = await ask(request('GET', '/test.html'));
    expect(fields.get('server')).toBe('Inkwire');
    expect(fields.has('host')).toBe(false);
  });

  test('the type of a page is text/html, that of others their own', async () => {
    const page = await ask(request('GET', '/test.html'));
    expect(page.fields.get('content-type')).toBe('text/html');
    const text = await ask(request('GET', '/notes.txt'));
    expect(text.fields.get('content-type')).toBe('text/plain; charset=utf-8');
  });

  test('an error has a page, and its exact length', async () => {
    const missing = await ask(request('GET', '/blank.html'));
    expect(missing.fields.get('content-length')).toBe(String(missing.body.length));
    expect(missing.body).toContain('<p>There is no such page.</p>');
  });

  test('an error to HEAD has neither content nor length', async () => {
    await using client = await RawClient.open(server.port);
    const missing = await client.ask(request('HEAD', '/blank.html'));
    expect(missing.fields.has('content-length')).toBe(false);
    // What would follow the head would be taken for the start of this answer.
    expect((await client.ask(request('GET', '/test.html'))).body).toBe(SAMPLE);
  });
});

describe('the client', () => {
  test('sends a request line with a version, and Host', async () => {
    let received = '';
    using listener = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: {
        data(socket, bytes) {
          received += bytes.toString('latin1');
          if (received.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 204 No Content\r\n\r\n');
        },
      },
    });
    await using repl = await openRepl(`http://127.0.0.1:${listener.port}/`);
    expect(await repl.ask('GET test.html')).toBe('HTTP/1.1 204 No Content\r\n\r\n');
    expect(received).toBe(`GET /test.html HTTP/1.1\r\nHost: 127.0.0.1:${listener.port}\r\n\r\n`);
  });
});

describe('the log', () => {
  test('says first that the server is running, and where', async () => {
    using root = new TestRoot();
    await using running = await serve(root.path, '--fresh', '--workers', '2');
    expect(running.log).toStartWith(
      `The server is running at http://127.0.0.1:${running.port}/ (root htdocs, 2 workers)\n`,
    );
  });

  test('who connected, what was asked, and why it failed', async () => {
    await using fresh = await startTestServer();
    await using client = await RawClient.open(fresh.port);
    for (const method of ['GET', 'HEAD']) {
      await client.ask(request(method, '/test.html'));
      await client.ask(request(method, '/blank.html'));
    }
    await client.ask(request('PUT', '/test.html', { content: 'This is test' }));
    await client.ask(request('POST', '/index.html', { content: '<h1> This is HTML </h1>' }));
    await until('seven lines', () => fresh.log.length >= 7);
    const lines = fresh.log.map((line) =>
      line
        .replace(/:[0-9]+$/, ':PORT')
        .replace(/, [0-9]+\.[0-9] ms, (?:worker [12]|commit worker|cached)$/, ', TIME'),
    );
    expect(lines).toEqual([
      'Connected by 127.0.0.1:PORT',
      'Perform a GET request: /test.html → 200, 286 bytes, TIME',
      'Perform a GET request: /blank.html → 404, no such file: blank.html, TIME',
      'Perform a HEAD request: /test.html → 200, 0 bytes, TIME',
      'Perform a HEAD request: /blank.html → 400, no such file: blank.html, TIME',
      'Perform a PUT request: /test.html → 200, 314 bytes, TIME',
      'Perform a POST request: /index.html → 201, 23 bytes, TIME',
    ]);
  });
});
