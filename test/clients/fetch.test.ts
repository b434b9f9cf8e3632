/** Bun's own fetch against a real server: connections kept, bodies streamed, conditions. */

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { SAMPLE } from '../support/root.ts';
import { startTestServer, type TestServer, until } from '../support/server.ts';
import { counted } from './program.ts';

const LARGE_BYTES = 10_000_000;
const large = counted(LARGE_BYTES);
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ files: { 'test.html': SAMPLE, 'large.bin': large } });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const at = (path: string): string => new URL(path, server.url).href;

test('one connection serves one request after another', async () => {
  await using fresh = await startTestServer();
  for (let round = 0; round < 20; round += 1) {
    expect(await (await fetch(new URL('test.html', fresh.url))).text()).toBe(SAMPLE);
  }
  expect(fresh.connections).toBe(1);
});

test('many at once', async () => {
  const texts = await Promise.all(
    Array.from({ length: 100 }, async (_, n) => await (await fetch(at(`test.html?${n}`))).text()),
  );
  expect(texts.every((text) => text === SAMPLE)).toBe(true);
});

test('a body that is a stream is stored whole', async () => {
  const pieces = ['<h1>', 'streamed', '</h1>', 'é'.repeat(50_000)];
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const piece = pieces.shift();
      // Each piece comes in a turn of its own, so that it is a chunk of its own.
      await new Promise((resolve) => setImmediate(resolve));
      if (piece === undefined) controller.close();
      else controller.enqueue(new TextEncoder().encode(piece));
    },
  });
  const answer = await fetch(at('streamed.html'), { method: 'POST', body });
  expect(answer.status).toBe(201);
  const want = `<h1>streamed</h1>${'é'.repeat(50_000)}`;
  expect((await answer.text()) === want).toBe(true);
  expect(server.root.read('streamed.html') === want).toBe(true);
});

test('an answer is read as a stream', async () => {
  const answer = await fetch(at('large.bin'));
  expect(answer.headers.get('content-length')).toBe(String(LARGE_BYTES));
  const hash = new Bun.CryptoHasher('sha256');
  let bytes = 0;
  for await (const piece of answer.body ?? []) {
    hash.update(piece);
    bytes += piece.length;
  }
  expect(bytes).toBe(LARGE_BYTES);
  expect(hash.digest('hex')).toBe(new Bun.CryptoHasher('sha256').update(large).digest('hex'));
});

test('an answer that is given up half-way costs its connection and no more', async () => {
  await using fresh = await startTestServer({
    files: { 'test.html': SAMPLE, 'large.bin': large },
  });
  const abort = new AbortController();
  const answer = await fetch(new URL('large.bin', fresh.url), { signal: abort.signal });
  await answer.body?.getReader().read();
  abort.abort();
  await until('the end of the connection', () => fresh.connections === 0);
  expect((await fetch(new URL('test.html', fresh.url))).status).toBe(200);
});

test('If-None-Match, If-Modified-Since and If-Match', async () => {
  const first = await fetch(at('test.html'));
  const tag = first.headers.get('etag') ?? '';
  const date = first.headers.get('last-modified') ?? '';
  const ask = async (init: RequestInit): Promise<[number, string]> => {
    const answer = await fetch(at('test.html'), init);
    return [answer.status, await answer.text()];
  };
  expect(await ask({ headers: { 'If-None-Match': tag } })).toEqual([304, '']);
  expect(await ask({ headers: { 'If-None-Match': `"other", W/${tag}` } })).toEqual([304, '']);
  expect(await ask({ headers: { 'If-None-Match': '"other"' } })).toEqual([200, SAMPLE]);
  expect(await ask({ headers: { 'If-Modified-Since': date } })).toEqual([304, '']);
  const [status] = await ask({ method: 'DELETE', headers: { 'If-Match': '"other"' } });
  expect([status, server.root.read('test.html')]).toEqual([412, SAMPLE]);
});

test('a folder leads to its page, and an edit of another origin is refused', async () => {
  server.root.write('folder/index.html', '<p>index</p>');
  const led = await fetch(at('folder'));
  expect([led.url, await led.text()]).toEqual([at('folder/'), '<p>index</p>']);
  const foreign = { method: 'POST', body: 'x', headers: { Origin: 'https://elsewhere.example' } };
  expect((await fetch(at('foreign.html'), foreign)).status).toBe(403);
});
