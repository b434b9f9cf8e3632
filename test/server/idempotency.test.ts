/** `Idempotency-Key` from outside: what is sent again is done once, and answered as it was. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE } from '../support/root.ts';
import { startTestServer, type TestServer, until } from '../support/server.ts';
import { compared, isReplay, keyed, type Sent } from './keyed-requests.ts';

type Semantics = 'classic' | 'standard';

/** Forgets all displaced versions, as their bounds may do. */
function forgetHistory({ root }: TestServer): void {
  const history = join(root.path, '.inkwire/history');
  if (!existsSync(history)) return;
  for (const page of readdirSync(history)) {
    for (const revision of readdirSync(join(history, page))) rmSync(join(history, page, revision));
  }
}

interface Row extends Sent {
  readonly name: string;
  readonly semantics: Semantics;
  readonly status: number;
  /** When no history holds the page any more it is still known where it is. */
  readonly location?: true;
}

const html = ['Content-Type: text/html'];
const minimal = ['Prefer: return=minimal'];
const whole = ['Prefer: return=representation'];
const absent = ['If-None-Match: *'];
const present = ['If-Match: *'];
const both = (row: Omit<Row, 'semantics'>): Row[] => [
  { ...row, semantics: 'classic' },
  { ...row, semantics: 'standard' },
];
const page = { target: 'page.html', content: 'x' };
const created = { target: 'new/page.html', content: '<p>Gr\xc3\xbc\xc3\x9fe</p>' };

const rows: readonly Row[] = [
  { name: 'PUT', semantics: 'classic', method: 'PUT', ...page, status: 200 },
  { name: 'PUT', semantics: 'classic', method: 'PUT', ...page, fields: minimal, status: 204 },
  ...both({ name: 'PATCH', method: 'PATCH', ...page, status: 200 }),
  ...both({ name: 'PATCH', method: 'PATCH', ...page, fields: minimal, status: 204 }),
  ...both({ name: 'markup', method: 'PATCH', ...page, fields: html, status: 200 }),
  ...both({ name: 'guarded', method: 'PATCH', ...page, fields: present, status: 200 }),
  ...both({ name: 'a folder', method: 'PATCH', ...page, target: 'dir/', status: 200 }),
  ...both({ name: 'new', method: 'POST', ...created, status: 201, location: true }),
  ...both({
    name: 'new',
    method: 'POST',
    ...created,
    fields: minimal,
    status: 201,
    location: true,
  }),
  ...both({ name: 'new', method: 'POST', ...created, fields: absent, status: 201, location: true }),
  ...both({ name: 'empty', method: 'POST', target: 'e', content: '', status: 201, location: true }),
  { name: 'POST', semantics: 'classic', method: 'POST', ...page, status: 201, location: true },
  { name: 'POST', semantics: 'standard', method: 'POST', ...page, status: 200 },
  { name: 'POST', semantics: 'standard', method: 'POST', ...page, fields: minimal, status: 204 },
  { name: 'a page', semantics: 'standard', method: 'PUT', ...page, status: 204 },
  { name: 'a page', semantics: 'standard', method: 'PUT', ...page, fields: whole, status: 200 },
  { name: 'guarded', semantics: 'standard', method: 'PUT', ...page, fields: present, status: 204 },
  { name: 'new', semantics: 'standard', method: 'PUT', ...created, status: 201 },
  { name: 'new', semantics: 'standard', method: 'PUT', ...created, fields: whole, status: 201 },
  { name: 'new', semantics: 'standard', method: 'PUT', ...created, fields: absent, status: 201 },
  ...both({ name: 'DELETE', method: 'DELETE', target: 'page.html', status: 204 }),
];

for (const semantics of ['classic', 'standard'] as const) {
  describe(`sent again, ${semantics}`, () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await startTestServer({ config: { semantics } });
    });
    afterAll(async () => {
      await server[Symbol.asyncDispose]();
    });

    for (const [index, row] of rows.entries()) {
      if (row.semantics !== semantics) continue;
      const { name, method, status, fields = [] } = row;
      test(`${method}, ${name}, ${fields.join() || 'plain'}: ${status}`, async () => {
        const folder = `row-${index}`;
        for (const file of ['page.html', 'dir/index.html']) {
          server.root.write(`${folder}/${file}`, SAMPLE);
        }
        await using client = await RawClient.open(server.port);
        const target = `/${folder}/${row.target}`;
        const text = keyed(`key-${index}`, { ...row, target });
        const first = await client.ask(text);
        expect([first.status, isReplay(first)]).toEqual([status, false]);
        const path = `${folder}/${row.target}`.replace(/\/$/, '/index.html');
        const left = server.root.read(path);

        const second = await client.ask(text);
        expect(isReplay(second)).toBe(true);
        expect(compared(second)).toEqual(compared(first));
        expect(server.root.read(path)).toBe(left);

        // The page goes on without it.
        const change = { content: '<p>later</p>' };
        expect((await client.ask(request('POST', `/${path}`, change))).status).toBeLessThan(300);
        expect(compared(await client.ask(text))).toEqual(compared(first));
        expect(server.root.read(path)).toBe(change.content);

        forgetHistory(server);
        const bare = await client.ask(text);
        expect([bare.status, bare.body, isReplay(bare)]).toEqual([status, '', true]);
        const told = ['etag', 'content-location', 'content-type'].map((field) =>
          bare.fields.get(field),
        );
        expect(told).toEqual([undefined, undefined, undefined]);
        expect(bare.fields.get('location')).toBe(row.location && `/${path}`);
        expect(bare.fields.get('content-length')).toBe(status === 204 ? undefined : '0');
      });
    }

    test('a key of another request is 422, whatever differs', async () => {
      server.root.write('reused.html', SAMPLE);
      server.root.write('other.html', SAMPLE);
      await using client = await RawClient.open(server.port);
      const patch = { method: 'PATCH', target: '/reused.html', content: 'x' };
      expect((await client.ask(keyed('reused', patch))).status).toBe(200);
      const left = server.root.read('reused.html');
      const others: readonly Sent[] = [
        { ...patch, content: 'y' },
        { ...patch, content: '' },
        { ...patch, target: '/other.html' },
        { ...patch, target: '/missing.html' },
        { ...patch, method: 'PUT' },
        { ...patch, method: 'POST' },
        { ...patch, fields: ['Content-Type: text/plain'] },
        { ...patch, fields: present },
        { ...patch, fields: ['If-Match: "another"'] },
        { method: 'DELETE', target: '/reused.html' },
      ];
      for (const other of others) {
        const answer = await client.ask(keyed('reused', other));
        expect([other, answer.status]).toEqual([other, 422]);
        expect(answer.body).toContain('The idempotency key was used before, for another request.');
        expect(isReplay(answer)).toBe(false);
      }
      expect(server.root.read('reused.html')).toBe(left);
      expect(server.root.read('other.html')).toBe(SAMPLE);
      // It still stands for the first.
      expect(isReplay(await client.ask(keyed('reused', patch)))).toBe(true);
    });
  });
}

describe('the field', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  const put = { method: 'PUT', target: '/test.html', content: 'x' };
  const long = 'k'.repeat(255);
  const good: readonly (readonly [first: string, again: string])[] = [
    ['abc', '"abc"'],
    ['"6f2d7a9e-3c41"', '6f2d7a9e-3c41'],
    ['"a b"', '"a b"'],
    ['"say \\"hi\\""', '"say \\"hi\\""'],
    ['"back\\\\slash"', '"back\\\\slash"'],
    [long, `"${long}"`],
  ];
  for (const [first, again] of good) {
    test(`${first.slice(0, 30)} is the key ${again.slice(0, 30)}`, async () => {
      await using client = await RawClient.open(server.port);
      expect(isReplay(await client.ask(keyed(first, put)))).toBe(false);
      expect(isReplay(await client.ask(keyed(again, put)))).toBe(true);
    });
  }

  const bad = ['', '""', '"abc', 'a b', 'a/b', 'a, b', '"a";b=1', '"\xe9"', `k${long}`];
  for (const value of bad) {
    test(`${JSON.stringify(value.slice(0, 30))} is 400, and nothing is done`, async () => {
      await using client = await RawClient.open(server.port);
      const before = server.root.read('test.html');
      for (const method of ['PUT', 'POST', 'PATCH', 'DELETE']) {
        const answer = await client.ask(keyed(value, { ...put, method }));
        expect([method, answer.status]).toEqual([method, 400]);
        expect(answer.body).toContain('<p>Idempotency-Key is not one token or one string');
      }
      expect(server.root.read('test.html')).toBe(before);
    });
  }

  test('twice is 400', async () => {
    await using client = await RawClient.open(server.port);
    const twice = { ...put, fields: ['Idempotency-Key: a'] };
    expect((await client.ask(keyed('a', twice))).status).toBe(400);
  });

  test('does not matter to what writes nothing', async () => {
    await using client = await RawClient.open(server.port);
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'GET']) {
      for (const key of ['same', 'a b']) {
        const answer = await client.ask(keyed(key, { method, target: '/test.html' }));
        expect([answer.status, isReplay(answer)]).toEqual([200, false]);
      }
    }
    expect(isReplay(await client.ask(keyed('same', put)))).toBe(false);
  });

  test('Prefer may differ: the answer is what is preferred now', async () => {
    await using client = await RawClient.open(server.port);
    const prefer = { ...put, method: 'PATCH' };
    const small = await client.ask(keyed('prefer', { ...prefer, fields: minimal }));
    expect([small.status, small.body]).toEqual([204, '']);
    const answer = await client.ask(keyed('prefer', prefer));
    expect([answer.status, isReplay(answer)]).toEqual([200, true]);
    expect(answer.body).toBe(server.root.read('test.html') ?? '');
  });

  test('the log says that it was replayed', async () => {
    await using client = await RawClient.open(server.port);
    await client.ask(keyed('log', put));
    await client.ask(keyed('log', put));
    await until('the line', () => server.log.some((line) => line.includes('→ 200, replayed, ')));
  });
});

test('a browser may send the field, and read the answer’s', async () => {
  const origin = 'http://localhost:5173';
  await using server = await startTestServer({ config: { allowedOrigins: [origin] } });
  await using client = await RawClient.open(server.port);
  const asked = [
    'Access-Control-Request-Method: PATCH',
    'Access-Control-Request-Headers: idempotency-key',
  ];
  const fields = [`Origin: ${origin}`, ...asked];
  const preflight = await client.ask(request('OPTIONS', '/test.html', { fields }));
  expect(preflight.fields.get('access-control-allow-headers')).toBe('idempotency-key');
  const patch = {
    method: 'PATCH',
    target: '/test.html',
    content: 'x',
    fields: [`Origin: ${origin}`],
  };
  const answer = await client.ask(keyed('k', patch));
  const exposed = answer.fields.get('access-control-expose-headers')?.split(', ');
  expect(exposed).toContain('Idempotency-Replayed');
});
