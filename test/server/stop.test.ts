/** The graceful stop: what runs or had come is answered, what idles closed, what is new refused. */

import { describe, expect, test } from 'bun:test';
import { RawClient, request } from '../support/raw-client.ts';
import { startTestServer, type TestServer, until } from '../support/server.ts';

const MIB = 1024 * 1024;
const LARGE = 'large'.repeat(4 * MIB);
const page = request('GET', '/test.html');

async function refusesNew({ port }: TestServer): Promise<boolean> {
  try {
    await using client = await RawClient.open(port);
    return (await client.end()) === '';
  } catch {
    return true;
  }
}

test('idle connections are closed, new ones refused, and it resolves', async () => {
  await using server = await startTestServer();
  await using used = await RawClient.open(server.port);
  await using fresh = await RawClient.open(server.port);
  await using begun = await RawClient.open(server.port);
  expect((await used.ask(page)).status).toBe(200);
  begun.send('GET / HT');
  await until('all are there', () => server.connections === 3);
  const stopped = server.stop();
  expect(server.stop()).toBe(stopped);
  for (const client of [used, fresh, begun]) expect(await client.end()).toBe('');
  await stopped;
  expect(server.connections).toBe(0);
  expect(await refusesNew(server)).toBe(true);
});

describe('what has begun is answered with Connection: close', () => {
  test('requests that had come and were not read: the first of each connection', async () => {
    await using server = await startTestServer();
    await using reader = await RawClient.open(server.port);
    await using writer = await RawClient.open(server.port);
    for (const client of [reader, writer]) expect((await client.ask(page)).status).toBe(200);
    reader.send(page);
    const [first, second] = ['one', 'two'].map((content) =>
      request('PUT', '/test.html', { content }),
    );
    writer.send(`${first}${second}`);
    // In the same turn of the event loop: nothing was read in between.
    const stopped = server.stop();
    for (const [client, method] of [[reader, 'GET'] as const, [writer, 'PUT'] as const]) {
      const response = await client.next(method);
      expect([response.status, response.fields.get('connection')]).toEqual([200, 'close']);
      expect(await client.end()).toBe('');
      client.shutdown();
    }
    await stopped;
    expect(server.root.read('test.html')).toContain('<h2> one </h2>');
    expect(server.root.read('test.html')).not.toContain('two');
  });

  test('a write whose content is still arriving', async () => {
    await using server = await startTestServer();
    await using client = await RawClient.open(server.port);
    client.send(request('POST', '/new.html', { fields: ['Content-Length: 6'] }));
    client.send('abc');
    await until('it is there', () => server.connections === 1);
    await using other = await RawClient.open(server.port);
    await other.ask(page);
    let isStopped = false;
    const stopped = server.stop().then(() => {
      isStopped = true;
    });
    expect(await refusesNew(server)).toBe(true);
    expect(isStopped).toBe(false);
    client.send(`def${request('DELETE', '/new.html')}`);
    const response = await client.next('POST');
    expect([response.status, response.body]).toEqual([201, 'abcdef']);
    expect(response.fields.get('connection')).toBe('close');
    expect(await client.end()).toBe('');
    client.shutdown();
    await stopped;
    expect(server.root.read('new.html')).toBe('abcdef');
  });

  test('a write whose client waits for its 100', async () => {
    await using server = await startTestServer();
    await using client = await RawClient.open(server.port);
    const fields = ['Expect: 100-continue', 'Content-Length: 3'];
    client.send(request('POST', '/new.html', { fields }));
    await client.holds('HTTP/1.1 100 Continue\r\n\r\n');
    const stopped = server.stop();
    client.send('abc');
    const response = await client.next('POST');
    expect([response.status, response.fields.get('connection')]).toEqual([201, 'close']);
    client.shutdown();
    await stopped;
  });

  test('pipelined writes: exactly those that are answered were made', async () => {
    await using server = await startTestServer();
    await using client = await RawClient.open(server.port);
    const count = 200;
    for (let n = 0; n < count; n += 1) {
      client.send(request('PUT', '/test.html', { content: `item ${n}` }));
    }
    await until('the first', () => client.received.length > 0);
    const stopped = server.stop();
    let answered = 0;
    for (let closed = false; !closed; answered += 1) {
      const response = await client.next('PUT');
      expect(response.status).toBe(200);
      expect(response.body).toContain(`<h2> item ${answered} </h2>`);
      closed = response.fields.get('connection') === 'close';
    }
    expect(await client.end()).toBe('');
    client.shutdown();
    await stopped;
    expect(answered).toBeGreaterThan(0);
    expect(answered).toBeLessThan(count);
    expect(server.root.read('test.html')?.split('<h2> item ').length).toBe(answered + 1);
  });

  test('a download that is being read', async () => {
    await using server = await startTestServer({ files: { 'large.txt': LARGE } });
    await using client = await RawClient.open(server.port);
    client.send(request('GET', '/large.txt'));
    await until('its beginning', () => client.received.length > MIB);
    const stopped = server.stop();
    const response = await client.next();
    expect(response.body === LARGE).toBe(true);
    expect(await client.end()).toBe('');
    client.shutdown();
    await stopped;
  });
});

describe('the stop waits no longer than its limit', () => {
  const rows: readonly (readonly [name: string, raw: string])[] = [
    ['for a client that does not read', request('GET', '/large.txt')],
    [
      'for content that does not come',
      request('PUT', '/a.html', { fields: ['Content-Length: 9'] }),
    ],
    ['for a client that does not close', request('GET', '/', { fields: ['Connection: close'] })],
  ];
  for (const [name, raw] of rows) {
    test(name, async () => {
      await using server = await startTestServer({
        limits: { stopTimeoutMs: 150 },
        files: { 'large.txt': LARGE, 'a.html': '<body>' },
      });
      await using client = await RawClient.open(server.port);
      client.pause();
      client.send(raw);
      await using other = await RawClient.open(server.port);
      await other.ask(page);
      await other[Symbol.asyncDispose]();
      await until('only the first is left', () => server.connections === 1);
      const begunMs = performance.now();
      await server.stop();
      expect(server.connections).toBe(0);
      expect(performance.now() - begunMs).toBeLessThan(1_500);
      client.resume();
      expect((await client.end()).length).toBeLessThan(LARGE.length);
      expect(server.root.read('a.html')).toBe('<body>');
    });
  }
});
