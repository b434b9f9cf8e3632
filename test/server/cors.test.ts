/** What pages of other origins are told, over real sockets. */

import { describe, expect, test } from 'bun:test';
import { RawClient, request } from '../support/raw-client.ts';
import { startTestServer } from '../support/server.ts';

const FRIEND = 'http://localhost:5173';
const allowed = { config: { allowedOrigins: [FRIEND, 'null'] } };

const from = (origin: string, ...more: string[]) => ({ fields: [`Origin: ${origin}`, ...more] });

describe('with an allowed origin', () => {
  test('every response says Vary, and those to it may be read', async () => {
    await using server = await startTestServer(allowed);
    await using client = await RawClient.open(server.port);
    const rows: readonly (readonly [text: string, status: number, origin: string | undefined])[] = [
      [request('GET', '/test.html', from(FRIEND)), 200, FRIEND],
      [request('GET', '/missing', from(FRIEND)), 404, FRIEND],
      [request('GET', '/%zz', from(FRIEND)), 400, FRIEND],
      [request('PUT', '/test.html', { ...from(FRIEND), content: 'x' }), 200, FRIEND],
      [request('PUT', '/test.html', { ...from('null'), content: 'x' }), 200, 'null'],
      [request('GET', '/test.html', from('http://other.test')), 200, undefined],
      [
        request('PUT', '/test.html', { ...from('http://other.test'), content: 'x' }),
        403,
        undefined,
      ],
      [request('GET', '/test.html'), 200, undefined],
      [request('TRACE', '/test.html', from(FRIEND)), 405, FRIEND],
    ];
    for (const [text, status, origin] of rows) {
      const got = await client.ask(text);
      expect([got.status, got.fields.get('access-control-allow-origin')]).toEqual([status, origin]);
      expect(got.lines).toContain('Vary: Origin');
      expect(got.fields.has('access-control-allow-credentials')).toBe(false);
      const exposed = got.fields.get('access-control-expose-headers');
      expect(exposed?.split(', ').includes('ETag') ?? false).toBe(origin !== undefined);
    }
    // What the session answers by itself says it too.
    const huge = request('PUT', '/test.html', from(FRIEND, 'Content-Length: 99999999'));
    const refused = await client.ask(huge);
    expect(refused.status).toBe(413);
    expect(refused.fields.get('access-control-allow-origin')).toBe(FRIEND);
  });

  test('bytes that are no request are answered with Vary', async () => {
    await using server = await startTestServer(allowed);
    await using client = await RawClient.open(server.port);
    client.send('nonsense\r\n\r\n');
    expect((await client.next()).lines).toContain('Vary: Origin');
  });

  test('a preflight is 204, for a missing page too', async () => {
    await using server = await startTestServer(allowed);
    await using client = await RawClient.open(server.port);
    const asked = [
      'Access-Control-Request-Method: PUT',
      'Access-Control-Request-Headers: if-match, x',
    ];
    const got = await client.ask(request('OPTIONS', '/missing.html', from(FRIEND, ...asked)));
    expect(got.status).toBe(204);
    expect(got.fields.get('access-control-allow-origin')).toBe(FRIEND);
    expect(got.fields.get('access-control-allow-methods')?.split(', ')).toContain('PUT');
    expect(got.fields.get('access-control-allow-headers')).toBe('if-match, x');
    expect(got.fields.get('access-control-max-age')).toBe('600');
    // Of another origin, it is an OPTIONS like any other.
    const other = await client.ask(request('OPTIONS', '/', from('http://other.test', ...asked)));
    expect(other.status).toBe(200);
    expect(other.fields.has('access-control-allow-origin')).toBe(false);
  });
});

test('without one, nothing of it is said', async () => {
  await using server = await startTestServer();
  await using client = await RawClient.open(server.port);
  const got = await client.ask(request('GET', '/test.html', from(FRIEND)));
  expect(got.lines.filter((line) => /^(?:vary|access-control)/i.test(line))).toEqual([]);
});

test('Cache-Control follows the rules, on 200 and 304', async () => {
  const cacheRules = [{ pattern: '/*.html', value: 'max-age=60, immutable' }];
  await using server = await startTestServer({ config: { cacheRules } });
  await using client = await RawClient.open(server.port);
  const got = await client.ask(request('GET', '/test.html'));
  expect(got.fields.get('cache-control')).toBe('max-age=60, immutable');
  const fields = [`If-None-Match: ${got.fields.get('etag')}`];
  const again = await client.ask(request('GET', '/test.html', { fields }));
  expect([again.status, again.fields.get('cache-control')]).toEqual([304, 'max-age=60, immutable']);
  const put = await client.ask(request('PUT', '/test.html', { content: 'x' }));
  expect(put.fields.get('cache-control')).toBe('no-store');
});
