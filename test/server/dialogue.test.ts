/** The original system's dialogue, byte for byte where it fixes bytes. */

import { expect, test } from 'bun:test';
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE } from '../support/root.ts';
import { startTestServer } from '../support/server.ts';

const INSERTED = SAMPLE.replace('<body>\n', '<body>\n    <h2> This is test </h2>\n');

test('the sample has the original’s lengths', () => {
  expect(SAMPLE.length).toBe(286);
  expect(INSERTED.length).toBe(314);
});

test('GET, HEAD, PUT and POST answer as the original did', async () => {
  await using server = await startTestServer();
  await using client = await RawClient.open(server.port);

  const got = await client.ask(request('GET', '/test.html'));
  expect(got.statusLine).toBe('HTTP/1.1 200 OK');
  expect(got.fields.get('content-type')).toBe('text/html');
  expect(got.fields.get('content-length')).toBe('286');
  expect(got.body).toBe(SAMPLE);

  expect((await client.ask(request('GET', '/blank.html'))).status).toBe(404);

  const head = await client.ask(request('HEAD', '/test.html'));
  expect(head.status).toBe(200);
  expect(head.fields.get('content-length')).toBe('286');

  const headMissing = await client.ask(request('HEAD', '/blank.html'));
  expect(headMissing.status).toBe(400);
  expect(headMissing.fields.has('content-length')).toBe(false);

  const put = await client.ask(request('PUT', '/test.html', { content: 'This is test' }));
  expect(put.status).toBe(200);
  expect(put.fields.get('content-length')).toBe('314');
  expect(put.body).toBe(INSERTED);
  expect(server.root.read('test.html')).toBe(INSERTED);

  const putMissing = request('PUT', '/blank.html', { content: 'This is test' });
  expect((await client.ask(putMissing)).status).toBe(404);
  expect(server.root.read('blank.html')).toBeUndefined();

  const post = request('POST', '/index.html', { content: '<h1> This is HTML </h1>' });
  const posted = await client.ask(post);
  expect(posted.status).toBe(201);
  expect(posted.fields.get('content-length')).toBe('23');
  expect(posted.fields.get('location')).toBe('/index.html');
  expect(posted.body).toBe('<h1> This is HTML </h1>');
  expect(server.root.read('index.html')).toBe('<h1> This is HTML </h1>');
  expect(client.received).toBe('');
});
