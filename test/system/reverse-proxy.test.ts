/**
 * nginx in front of a real server, as docs/HTTP.md says: kept connections, an edit, a long
 * download, a large header, and a client that is gone in the middle.
 */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type MeasuredServer, nginx, startNginxWith } from '../../bench/servers.ts';
import { counted } from '../clients/program.ts';
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE, TestRoot } from '../support/root.ts';
import { startTestServer, type TestServer, until } from '../support/server.ts';
import { missing as lackOf, named } from '../support/system.ts';

const LARGE_BYTES = 20_000_000;
/** What the proxy keeps open when nobody asks. */
const KEPT_MAX = 4;

const missing = lackOf({}) ?? (nginx === null ? 'nginx' : undefined);
const large = counted(LARGE_BYTES);

function proxyConfig(upstreamPort: number): (port: number) => string {
  // Without buffering, a client that is gone is felt by the server behind at once.
  return (port) => `
  upstream inkwire { server 127.0.0.1:${upstreamPort}; keepalive ${KEPT_MAX}; }
  server {
    listen 127.0.0.1:${port};
    large_client_header_buffers 4 16k;
    location / {
      proxy_pass http://inkwire;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_next_upstream off;
      proxy_buffering off;
    }
  }`;
}

/** How often this process, the server's, holds the file open. */
function timesOpen(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false; // Closed since it was listed.
    }
  }).length;
}

describe.skipIf(missing !== undefined)(named('behind nginx', missing), () => {
  let server: TestServer;
  let proxy: MeasuredServer | undefined;
  let port = 0;
  const folder = new TestRoot();

  beforeAll(async () => {
    server = await startTestServer({ files: { 'test.html': SAMPLE, 'large.bin': large } });
    proxy = await startNginxWith(proxyConfig(server.port), join(folder.path, 'nginx'));
    port = proxy?.port ?? 0;
  });
  afterAll(async () => {
    await proxy?.[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  test('requests of many connections share the kept ones', async () => {
    const opened = new Set<string>();
    for (let n = 0; n < 20; n += 1) {
      await using client = await RawClient.open(port);
      expect((await client.ask(request('GET', '/test.html'))).body).toBe(SAMPLE);
    }
    for (const line of server.log) {
      if (line.startsWith('Connected by ')) opened.add(line);
    }
    expect([opened.size, server.connections]).toEqual([1, 1]);
  });

  test('a PUT through it inserts once, and its answer comes back whole', async () => {
    await using client = await RawClient.open(port);
    const put = await client.ask(request('PUT', '/test.html', { content: 'This is test' }));
    const inserted = SAMPLE.replace('<body>\n', '<body>\n    <h2> This is test </h2>\n');
    expect([put.status, put.body]).toEqual([200, inserted]);
    expect(server.root.read('test.html')).toBe(inserted);
    server.root.write('test.html', SAMPLE);
  });

  test('content in chunks, and HEAD and 304 on the same connection', async () => {
    await using client = await RawClient.open(port);
    const chunked = 'POST /chunked.html HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect((await client.ask(`${chunked}3\r\n<p>\r\n4\r\n</p>\r\n0\r\n\r\n`)).status).toBe(201);
    const head = await client.ask(request('HEAD', '/chunked.html'));
    expect([head.status, head.fields.get('content-length')]).toEqual([200, '7']);
    const fields = [`If-None-Match: ${head.fields.get('etag')}`];
    expect((await client.ask(request('GET', '/chunked.html', { fields }))).status).toBe(304);
    expect((await client.ask(request('GET', '/test.html'))).body).toBe(SAMPLE);
  });

  test('a download of 20 MB, and a range of it', async () => {
    const url = `http://127.0.0.1:${port}/large.bin`;
    expect((await (await fetch(url)).text()) === large).toBe(true);
    const part = await fetch(url, { headers: { Range: 'bytes=19999984-' } });
    expect([part.status, await part.text()]).toEqual([206, large.slice(-16)]);
  });

  test('a header of 12 KB passes; one of 20 KB the proxy refuses by itself', async () => {
    await using client = await RawClient.open(port);
    const fields = (bytes: number): string[] => [`Cookie: ${'c'.repeat(bytes)}`];
    const ask = (bytes: number) => request('GET', '/test.html', { fields: fields(bytes) });
    expect((await client.ask(ask(12_000))).status).toBe(200);
    expect((await client.ask(ask(20_000))).status).toBe(400);
  });

  test('clients that are gone in the middle of an answer or a request leave nothing behind', async () => {
    const served = join(server.root.path, 'large.bin');
    const clients = await Promise.all(Array.from({ length: 10 }, () => RawClient.open(port)));
    for (const client of clients) {
      client.send(request('GET', '/large.bin'));
    }
    await until('a part of each answer', () => clients.every((c) => c.received.length > 100_000));
    expect(timesOpen(served)).toBe(clients.length);
    for (const client of clients) client.reset();
    const half = await RawClient.open(port);
    half.send('POST /half.html HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf');
    half.reset();
    await until(
      'the end of their connections',
      () => server.connections <= KEPT_MAX && timesOpen(served) === 0,
    );
    await using client = await RawClient.open(port);
    expect((await client.ask(request('GET', '/test.html'))).body).toBe(SAMPLE);
    expect(server.root.read('half.html')).toBeUndefined();
  });
});
