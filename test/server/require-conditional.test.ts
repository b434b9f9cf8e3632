/** `--require-conditional`: nobody replaces or removes a page without saying which state of it. */

import { describe, expect, test } from 'bun:test';
import { rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE } from '../support/root.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

type Both = { readonly classic: number; readonly standard: number };

interface Row {
  readonly line: string;
  readonly fields?: readonly string[];
  /** With the flag; in both semantics where one number stands. */
  readonly status: number | Both;
}

const same = 'If-Match: {etag}';
const other = 'If-Match: "other"';
const never = 'If-Unmodified-Since: Fri, 01 Jan 2100 00:00:00 GMT';
const absent = 'If-None-Match: *';

const rows: readonly Row[] = [
  { line: 'POST /page.html', status: 428 },
  { line: 'POST /new.html', status: 428 },
  { line: 'PUT /page.html', status: { classic: 200, standard: 428 } },
  { line: 'PUT /new.html', status: { classic: 404, standard: 428 } },
  { line: 'PATCH /page.html', status: 200 },
  { line: 'PATCH /new.html', status: 404 },
  { line: 'DELETE /page.html', status: 428 },
  { line: 'DELETE /new.html', status: 428 },
  { line: 'GET /page.html', status: 200 },
  { line: 'HEAD /page.html', status: 200 },
  { line: 'OPTIONS /page.html', status: 200 },

  { line: 'POST /page.html', fields: [same], status: { classic: 201, standard: 200 } },
  { line: 'POST /page.html', fields: ['If-Match: *'], status: { classic: 201, standard: 200 } },
  { line: 'POST /page.html', fields: [other], status: 412 },
  { line: 'POST /page.html', fields: [absent], status: 412 },
  // A date in the future always holds, but for a page of this very second.
  { line: 'POST /old.html', fields: [never], status: { classic: 201, standard: 200 } },
  { line: 'POST /new.html', fields: [absent], status: 201 },
  { line: 'PUT /page.html', fields: [same], status: { classic: 200, standard: 204 } },
  { line: 'PUT /new.html', fields: [absent], status: { classic: 404, standard: 201 } },
  { line: 'DELETE /page.html', fields: [same], status: 204 },
  { line: 'DELETE /page.html', fields: [other], status: 412 },
  { line: 'DELETE /old.html', fields: [never], status: 204 },
  { line: 'DELETE /new.html', fields: [same], status: 404 },

  // What says nothing of the state, or is ignored, guards nothing.
  { line: 'POST /page.html', fields: ['If-Unmodified-Since: soon'], status: 428 },
  {
    line: 'DELETE /page.html',
    fields: ['If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT'],
    status: 428,
  },
  { line: 'DELETE /page.html', fields: ['If-Range: "x"'], status: 428 },
  { line: 'POST /page.html', fields: ['If-Match: x'], status: 400 },
  { line: 'POST /.hidden.html', status: 404 },
  { line: 'POST /%zz', status: 400 },
];

async function start(semantics: 'classic' | 'standard', on: boolean): Promise<TestServer> {
  return await startTestServer({ config: { semantics, requireConditional: on } });
}

for (const semantics of ['classic', 'standard'] as const) {
  test(`with the flag, ${semantics}`, async () => {
    await using server = await start(semantics, true);
    await using client = await RawClient.open(server.port);
    for (const { line, fields = [], status } of rows) {
      rmSync(join(server.root.path, 'new.html'), { force: true });
      for (const name of ['page.html', 'old.html']) server.root.write(name, SAMPLE);
      utimesSync(join(server.root.path, 'old.html'), 1_000_000_000, 1_000_000_000);
      const page = await client.ask(request('GET', '/page.html'));
      const given = fields.map((field) => field.replace('{etag}', page.fields.get('etag') ?? ''));
      const [method = '', target = ''] = line.split(' ');
      const content = ['POST', 'PUT', 'PATCH'].includes(method) ? { content: 'x' } : {};
      const answer = await client.ask(request(method, target, { ...content, fields: given }));
      const want = typeof status === 'number' ? status : status[semantics];
      expect([line, fields, answer.status]).toEqual([line, fields, want]);
      if (want !== 428) continue;
      expect(answer.statusLine).toBe('HTTP/1.1 428 Precondition Required');
      for (const name of ['If-Match', 'If-Unmodified-Since', 'If-None-Match: *']) {
        expect(answer.body).toContain(name);
      }
      expect([server.root.read('page.html'), server.root.read('new.html')]).toEqual([
        SAMPLE,
        undefined,
      ]);
    }
  });
}

describe('it is said', () => {
  test('before the content is sent', async () => {
    await using server = await start('standard', true);
    await using client = await RawClient.open(server.port);
    const fields = ['Content-Length: 5', 'Expect: 100-continue'];
    const answer = await client.ask(request('PUT', '/test.html', { fields }));
    expect([answer.status, answer.interim]).toEqual([428, []]);
  });

  test('only with the flag', async () => {
    await using server = await start('standard', false);
    await using client = await RawClient.open(server.port);
    const replaced = await client.ask(request('PUT', '/test.html', { content: 'x' }));
    expect(replaced.status).toBe(204);
    expect((await client.ask(request('DELETE', '/test.html'))).status).toBe(204);
  });
});
