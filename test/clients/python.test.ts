/** Python's http.client against a real server; the steps stand in `python_client.py`. */

import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { startTestServer } from '../support/server.ts';
import { run } from './program.ts';

const missing = Bun.which('python3') === null;
if (missing) console.warn('skipped: python3 is not installed');

test.skipIf(missing)('http.client keeps its connection, sends chunks, and pipelines', async () => {
  await using server = await startTestServer();
  const script = join(import.meta.dir, 'python_client.py');
  const { status, text, errors } = await run(['python3', '-I', script, String(server.port)]);
  expect([errors, status]).toEqual(['', 0]);
  expect(JSON.parse(text)).toEqual({
    kept: [200, 286, 1],
    head: [200, '286', ''],
    'after head': [200, 286],
    chunked: [201, 10_009],
    delete: [204, ''],
    deleted: [404, 'text/html; charset=utf-8'],
    'one connection': true,
    pipelined: [
      [200, 286],
      [200, 0],
      [404, null],
      [200, 0],
      [200, 286],
    ],
  });
});
