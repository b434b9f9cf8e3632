/** ApacheBench (`ab`), which speaks HTTP/1.0 with keep-alive, against a real server. */

import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { run } from '../clients/program.ts';
import { SAMPLE } from '../support/root.ts';
import { startTestServer } from '../support/server.ts';
import { missing as lackOf, named } from '../support/system.ts';

const missing = lackOf({ programs: ['ab'] });

/** What ab's report says, by the words before the colon. */
async function ab(...given: readonly string[]): Promise<Map<string, string>> {
  const { status, text, errors } = await run(['ab', '-q', ...given]);
  expect([errors, status]).toEqual(['', 0]);
  const lines = [...text.matchAll(/^([A-Z][A-Za-z0-9 -]+): +(\S+)/gm)];
  return new Map(lines.map(([, name = '', value = '']) => [name, value]));
}

describe.skipIf(missing !== undefined)(named('ab', missing), () => {
  test('-k -n 2000 -c 20: every request on a kept connection, none fails', async () => {
    await using server = await startTestServer();
    const said = await ab('-k', '-n', '2000', '-c', '20', new URL('test.html', server.url).href);
    expect(said.get('Complete requests')).toBe('2000');
    expect(said.get('Failed requests')).toBe('0');
    expect(said.get('Keep-Alive requests')).toBe('2000');
    expect(said.get('Document Length')).toBe('286');
    expect(said.get('HTML transferred')).toBe(String(2000 * 286));
    expect(said.get('Non-2xx responses')).toBeUndefined();
  });

  test('without -k: a connection each, closed by the server', async () => {
    await using server = await startTestServer();
    const said = await ab('-n', '500', '-c', '20', new URL('test.html', server.url).href);
    expect([said.get('Complete requests'), said.get('Failed requests')]).toEqual(['500', '0']);
  });

  test('PUT at once from 8 connections: each is in the page once', async () => {
    await using server = await startTestServer({ config: { durability: 'none' } });
    server.root.write('insert.txt', 'This is test');
    const upload = ['-u', join(server.root.path, 'insert.txt'), '-T', 'text/plain'];
    const url = new URL('test.html', server.url).href;
    // -l: each answer is longer than the one before, which is no failure.
    const said = await ab('-k', '-l', ...upload, '-n', '200', '-c', '8', url);
    expect([said.get('Complete requests'), said.get('Failed requests')]).toEqual(['200', '0']);
    expect(said.get('Non-2xx responses')).toBeUndefined();
    const inserts = '    <h2> This is test </h2>\n'.repeat(200);
    expect(server.root.read('test.html')).toBe(SAMPLE.replace('<body>\n', `<body>\n${inserts}`));
  });
});
