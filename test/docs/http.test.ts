/** docs/HTTP.md: its tables are the code's, and what it says of requests holds of a real server. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { linkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { defaultServerLimits, INLINE_BYTES_MAX } from '../../src/config/limits.ts';
import { defaultHeadLimits } from '../../src/http/limits.ts';
import {
  ProtocolError,
  type ProtocolErrorCode,
  protocolErrorCodes,
} from '../../src/http/protocol-error.ts';
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE } from '../support/root.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { claims } from './http-claims.ts';
import { answerCodes, httpTables } from './http-tables.ts';
import { fileMarkedPart } from './marked.ts';

// Made anew by `bun test/docs/http-tables.ts --write`.
test.each(Object.entries(httpTables()))('the table of %s is what the code has', (marker, table) => {
  expect(fileMarkedPart('docs/HTTP.md', marker)).toBe(table);
});

const HEAD = 'GET / HTTP/1.1\r\nHost: h\r\n';
const CHUNKED = 'PUT /a.html HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n';
const { targetBytesMax, methodBytesMax, fieldBytesMax, fieldsMax, chunkExtensionBytesMax } =
  defaultHeadLimits;

/** Bytes that a server refuses for each reason; what only a client can meet has none. */
const refused: Readonly<Record<ProtocolErrorCode, string | undefined>> = {
  'bad-method': 'G@T / HTTP/1.1\r\n',
  'method-too-long': `${'M'.repeat(methodBytesMax + 1)} / HTTP/1.1\r\n`,
  'bad-request-line': 'GET  / HTTP/1.1\r\n',
  'bad-target': 'GET /a#b HTTP/1.1\r\n',
  'target-too-long': `GET /${'a'.repeat(targetBytesMax)} HTTP/1.1\r\n`,
  'bad-version': 'GET / HTTP/x\r\n',
  'unsupported-version': 'PRI * HTTP/2.0\r\n',
  'bad-status-line': undefined,
  'bare-cr': `${HEAD}A: b\rc\r\n\r\n`,
  'bare-lf': `${HEAD}A: b\n\r\n`,
  'leading-blank': 'GET / HTTP/1.1\r\n Host: h\r\n\r\n',
  'obs-fold': `${HEAD} folded\r\n\r\n`,
  'bad-field-name': `${HEAD}A@: b\r\n\r\n`,
  'blank-before-colon': `${HEAD}A : b\r\n\r\n`,
  'bad-field-value': `${HEAD}A: \x01\r\n\r\n`,
  'field-too-long': `${HEAD}A: ${'b'.repeat(fieldBytesMax)}\r\n\r\n`,
  'section-too-long': `${HEAD}${`A: ${'b'.repeat(fieldBytesMax - 100)}\r\n`.repeat(3)}\r\n`,
  'too-many-fields': `${HEAD}${'A: b\r\n'.repeat(fieldsMax)}\r\n`,
  'host-missing': 'GET / HTTP/1.1\r\n\r\n',
  'host-repeated': `${HEAD}Host: h\r\n\r\n`,
  'bad-host': 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n',
  'bad-content-length': `${HEAD}Content-Length: 1x\r\n\r\n`,
  'length-with-coding': `${HEAD}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
  'coding-in-http-1.0': 'GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n',
  'coding-not-chunked': `${HEAD}Transfer-Encoding: gzip\r\n\r\n`,
  'unknown-coding': `${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n`,
  'bad-chunk-size': `${CHUNKED}x\r\n`,
  'chunk-too-large': `${CHUNKED}${'f'.repeat(20)}\r\n`,
  'bad-chunk-extension': `${CHUNKED}1;\x01\r\n`,
  'chunk-extensions-too-long': `${CHUNKED}1;${'x'.repeat(chunkExtensionBytesMax)}\r\n`,
  'bad-chunk-end': `${CHUNKED}1\r\naXX`,
  'ended-early': 'GET / HTTP/1.1\r\nHo',
  'unexpected-bytes': undefined,
};

describe('each protocol error, on the wire', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  test.each([...protocolErrorCodes])('%s', async (code) => {
    const raw = refused[code];
    expect(raw === undefined).toBe(answerCodes.includes(code));
    if (raw === undefined) return;
    await using client = await RawClient.open(server.port);
    client.send(raw);
    if (code === 'ended-early') client.shutdown();
    const answer = await client.next();
    const { status, message } = new ProtocolError(code);
    expect([answer.status, answer.fields.get('connection')]).toEqual([status, 'close']);
    expect(answer.body).toContain(`<p>${message}</p>`);
    expect(await client.end()).toBe('');
  });
});

for (const semantics of ['classic', 'standard'] as const) {
  describe(`claims, ${semantics}`, () => {
    let server: TestServer;

    beforeAll(async () => {
      server = await startTestServer({
        config: { semantics },
        files: {
          'a.html': '<!DOCTYPE html>\n<body>\n</body>\n',
          'notes.txt': 'notes',
          'korean.html': '<p>한국어',
          'frames.html': '<frameset></frameset>',
          'wide.html': Buffer.from('\ufeff<body></body>', 'utf16le'),
          'folder/index.html': '<body></body>',
          'empty/notes.txt': 'notes',
          '.well-known/a.txt': 'a',
          '.hidden/a.txt': 'a',
          'large.html': `<body>${' '.repeat(INLINE_BYTES_MAX)}`,
          'linked.html': '<body>',
        },
      });
      symlinkSync('a.html', join(server.root.path, 'inside.html'));
      symlinkSync('/etc/hostname', join(server.root.path, 'outside.txt'));
      linkSync(join(server.root.path, 'linked.html'), join(server.root.path, 'twin.html'));
    });

    afterAll(async () => {
      await server[Symbol.asyncDispose]();
    });

    test.each(claims.map((claim) => [claim.says, claim] as const))('%s', async (_, claim) => {
      await using client = await RawClient.open(server.port);
      const { method, target, status, fields, body } = claim;
      const raw = claim.raw ?? request(method, target, claim.options);
      const answer = await client.ask(raw);
      expect(answer.status).toBe(typeof status === 'number' ? status : status[semantics]);
      for (const [name, value] of Object.entries(fields ?? {})) {
        expect([name, answer.fields.get(name)]).toEqual([name, value]);
      }
      if (body !== undefined) expect(answer.body).toBe(body);
    });
  });
}

test('content past its limit is 413, at it is taken', async () => {
  await using server = await startTestServer();
  const { contentBytesMax } = defaultServerLimits;
  await using client = await RawClient.open(server.port);
  const content = 'x'.repeat(contentBytesMax);
  const options = { content, fields: ['Prefer: return=minimal'] };
  expect((await client.ask(request('POST', '/x.txt', options))).status).toBe(201);
  // The length alone is enough to refuse it.
  const head = `POST /x.txt HTTP/1.1\r\nHost: h\r\nContent-Length: ${contentBytesMax + 1}\r\n\r\n`;
  const refusal = await client.ask(head);
  expect(refusal.status).toBe(413);
  expect(refusal.body).toContain(`larger than the ${contentBytesMax} bytes taken here`);
  client.shutdown();
});

test('an inserted page is guarded by its tag: the second of two equal requests is 412', async () => {
  await using server = await startTestServer();
  await using client = await RawClient.open(server.port);
  const { fields } = await client.ask(request('GET', '/test.html'));
  const guard = { content: 'once', fields: [`If-Match: ${fields.get('etag')}`] };
  expect((await client.ask(request('PUT', '/test.html', guard))).status).toBe(200);
  expect((await client.ask(request('PUT', '/test.html', guard))).status).toBe(412);
  expect(server.root.read('test.html')?.match(/once/g)).toHaveLength(1);
});

test('the sample has 286 bytes, and 314 after the insert', async () => {
  await using server = await startTestServer();
  await using client = await RawClient.open(server.port);
  expect(SAMPLE).toHaveLength(286);
  const put = await client.ask(request('PUT', '/test.html', { content: 'This is test' }));
  expect(put.body).toHaveLength(314);
  expect(put.body).toContain('<body>\n    <h2> This is test </h2>\n');
});
