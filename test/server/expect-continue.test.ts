/** `Expect: 100-continue` (RFC 9110 section 10.1.1): asked in order, never without need. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE } from '../support/root.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
const LARGE = 'large\n'.repeat(400_000);

beforeAll(async () => {
  const files = { 'test.html': SAMPLE, 'large.txt': LARGE, 'slow.html': SAMPLE };
  server = await startTestServer({ files });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** The head of a request that waits for a 100 before it sends `length` bytes. */
function waiting(method: string, target: string, length: number): string {
  const fields = ['Expect: 100-Continue', `Content-Length: ${length}`];
  return request(method, target, { fields });
}

describe('content is asked for', () => {
  test('and then taken', async () => {
    await using client = await RawClient.open(server.port);
    client.send(waiting('POST', '/asked.html', 3));
    await client.holds('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('abc');
    const posted = await client.next('POST');
    expect(posted.status).toBe(201);
    expect(posted.interim).toEqual([100]);
    expect(posted.fields.has('connection')).toBe(false);
    expect((await client.ask(request('GET', '/asked.html'))).body).toBe('abc');
  });

  test('when it comes in chunks', async () => {
    await using client = await RawClient.open(server.port);
    const fields = ['Expect: 100-continue', 'Transfer-Encoding: chunked'];
    client.send(request('POST', '/chunks.html', { fields }));
    await client.holds('HTTP/1.1 100 Continue\r\n\r\n');
    await client.dribble('3\r\nabc\r\n0\r\n\r\n');
    expect((await client.next('POST')).body).toBe('abc');
  });

  test('only after the answers to earlier requests', async () => {
    await using client = await RawClient.open(server.port);
    const before = [
      request('GET', '/large.txt'),
      request('PUT', '/slow.html', { content: 'a' }),
      request('GET', '/test.html'),
    ];
    client.send(`${before.join('')}${waiting('POST', '/ordered.html', 3)}`);
    const large = await client.next();
    expect(large.body === LARGE).toBe(true);
    for (const status of [200, 200]) {
      const response = await client.next();
      expect([response.status, response.interim]).toEqual([status, []]);
    }
    await client.holds('HTTP/1.1 100 Continue\r\n\r\n');
    client.send(`abc${request('GET', '/ordered.html')}`);
    expect((await client.next('POST')).interim).toEqual([100]);
    expect((await client.next()).body).toBe('abc');
  });
});

describe('content is not asked for', () => {
  const posted = waiting('POST', '/along.html', 3);
  const rows: readonly (readonly [name: string, parts: readonly string[]])[] = [
    ['when it came along', [`${posted}abc`]],
    ['when it came behind another request', [`${request('GET', '/test.html')}${posted}abc`]],
    ['when some of it came along', [`${posted}a`, 'bc']],
  ];
  for (const [name, [first = '', rest = '']] of rows) {
    test(name, async () => {
      await using client = await RawClient.open(server.port);
      client.send(first);
      if (first.startsWith('GET')) expect((await client.next()).status).toBe(200);
      // Another connection's answer: the server has read what was sent before.
      await using other = await RawClient.open(server.port);
      await other.ask(request('GET', '/test.html'));
      client.send(rest);
      const response = await client.next('POST');
      expect([response.status, response.interim, response.body]).toEqual([201, [], 'abc']);
      expect((await client.ask(request('GET', '/along.html'))).body).toBe('abc');
    });
  }

  test('of a HTTP/1.0 client', async () => {
    await using client = await RawClient.open(server.port);
    client.send(waiting('POST', '/old.html', 3).replace('HTTP/1.1', 'HTTP/1.0'));
    await using other = await RawClient.open(server.port);
    await other.ask(request('GET', '/test.html'));
    expect(client.received).toBe('');
    client.send('abc');
    const response = await client.next('POST');
    expect([response.status, response.interim]).toEqual([201, []]);
  });

  test('when it has no bytes', async () => {
    await using client = await RawClient.open(server.port);
    const response = await client.ask(waiting('POST', '/nothing.html', 0));
    expect([response.status, response.interim]).toEqual([201, []]);
    expect(response.fields.has('connection')).toBe(false);
  });
});

describe('an answer instead of a 100 closes', () => {
  const rows: readonly (readonly [
    method: string,
    target: string,
    bytes: number,
    status: number,
  ])[] = [
    ['POST', '/big.bin', 1024 * 1024 + 1, 413],
    ['POST', '/.hidden', 5, 404],
    ['POST', '/%', 5, 400],
    ['TRACE', '/', 5, 405],
    ['BREW', '/', 5, 501],
    ['GET', '/test.html', 5, 200],
    ['HEAD', '/test.html', 5, 200],
    ['OPTIONS', '/test.html', 5, 200],
    ['DELETE', '/missing.html', 5, 404],
  ];
  for (const [method, target, bytes, status] of rows) {
    for (const sent of ['', 'DELET']) {
      test(`${method} ${target} ${sent === '' ? 'and the content never comes' : ''}`, async () => {
        await using client = await RawClient.open(server.port);
        client.send(`${waiting(method, target, bytes)}${sent}`);
        const response = await client.next(method);
        expect([response.status, response.interim]).toEqual([status, []]);
        expect(response.fields.get('connection')).toBe('close');
        expect(await client.end()).toBe('');
      });
    }
  }
});
