/** A page's content on its way to a server, over connections that break. */

import { describe, expect, test } from 'bun:test';
import { utf8Bytes } from '../../src/base/bytes.ts';
import { postPage } from '../../src/cli/post-page.ts';
import { freePort, type Peer, type RawServer, rawServer } from '../client/raw-server.ts';

const posted = {
  urlPath: '/notes/a%20b.html',
  content: utf8Bytes('content'),
  replaces: { opaque: 'abc' },
} as const;

function post(server: Pick<RawServer, 'port'>) {
  return postPage(`http://127.0.0.1:${server.port}/`, posted);
}

/** Breaks the first connections, and answers with this from then on. */
function breaking(count: number, answer: string): RawServer {
  return rawServer({
    request({ socket, number }: Peer) {
      if (number <= count) socket.terminate();
      else socket.write(answer);
    },
  });
}

const created = 'HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n';

describe('a request', () => {
  test('is a POST under a condition and a key of its own', async () => {
    using server = breaking(0, created);
    expect(await post(server)).toEqual({ kind: 'done' });
    const [head, content] = server.requests[0]?.split('\r\n\r\n') ?? [];
    expect(content).toBe('content');
    const [line, ...fields] = head?.split('\r\n') ?? [];
    expect(line).toBe('POST /notes/a%20b.html HTTP/1.1');
    expect(fields.map((field) => field.replace(/"[0-9a-f-]{36}"/, 'KEY'))).toEqual([
      `Host: 127.0.0.1:${server.port}`,
      'Content-Type: application/octet-stream',
      'If-Match: "abc"',
      'Idempotency-Key: KEY',
      'Prefer: return=minimal',
      'Content-Length: 7',
    ]);
  });

  test('for a page that is missing makes one only', async () => {
    using server = breaking(0, created);
    await postPage(`http://127.0.0.1:${server.port}/`, { ...posted, replaces: 'missing' });
    expect(server.requests[0]).toContain('\r\nIf-None-Match: *\r\n');
  });

  test('that may have been done is sent again, under the same key', async () => {
    using server = breaking(2, created);
    expect(await post(server)).toEqual({ kind: 'done' });
    const keys = server.requests.map((text) => /Idempotency-Key: (.*)\r/.exec(text)?.[1]);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
  });

  test('that is never answered leaves it open, and says so', async () => {
    using server = breaking(3, created);
    const end = await post(server);
    expect(end).toMatchObject({ kind: 'failed' });
    expect(server.requests).toHaveLength(3);
    expect('sentence' in end && end.sentence).toStartWith(
      `whether the server at http://127.0.0.1:${server.port}/ has done it is not known: `,
    );
  });

  test('to nobody was not sent', async () => {
    expect(await post({ port: freePort() })).toMatchObject({ kind: 'unreachable' });
  });
});

describe('an answer', () => {
  test.each([
    ['200 OK', '', { kind: 'done' }],
    ['204 No Content', '', { kind: 'done' }],
    [
      '412 Precondition Failed',
      '',
      { kind: 'failed', sentence: 'it was edited meanwhile; try again' },
    ],
  ])('%s', async (status, content, want) => {
    const length = status.startsWith('204') ? '' : `Content-Length: ${content.length}\r\n`;
    using server = breaking(0, `HTTP/1.1 ${status}\r\n${length}\r\n${content}`);
    expect(await post(server)).toMatchObject(want);
  });

  test.each([
    [
      'with its sentence',
      '<h1>x</h1>\n<p>No &lt;room&gt; &amp; no air.</p>',
      ': No <room> & no air.',
    ],
    ['without one', 'plain', ''],
  ])('507 %s', async (_, content, said) => {
    const head = `HTTP/1.1 507 Insufficient Storage\r\nContent-Length: ${content.length}\r\n\r\n`;
    using server = breaking(0, `${head}${content}`);
    expect(await post(server)).toEqual({
      kind: 'failed',
      sentence: `the server at http://127.0.0.1:${server.port}/ answered 507${said}`,
    });
  });
});
