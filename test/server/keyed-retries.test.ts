/** Keyed writes sent again: at the same time, after a refusal, after a restart. */

import { describe, expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startServer } from '../../src/server/server.ts';
import { RawClient, type RawResponse, request } from '../support/raw-client.ts';
import { startTestServer } from '../support/server.ts';
import { compared, isReplay, keyed } from './keyed-requests.ts';

describe('at the same time', () => {
  test('on two connections: one is done, the other waits and is told what came of it', async () => {
    await using server = await startTestServer();
    await using one = await RawClient.open(server.port);
    await using two = await RawClient.open(server.port);
    for (let round = 0; round < 20; round += 1) {
      const text = keyed(`k${round}`, {
        method: 'PUT',
        target: '/test.html',
        content: `${round};`,
      });
      const answers = await Promise.all([one.ask(text), two.ask(text)]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect(answers.map(isReplay).sort()).toEqual([false, true]);
      expect(answers[0]?.body).toBe(answers[1]?.body ?? '');
    }
    const inserted = server.root
      .read('test.html')
      ?.match(/\d+(?=; <\/h2>)/g)
      ?.map(Number);
    expect(inserted?.reverse()).toEqual(Array.from({ length: 20 }, (_, round) => round));
  });

  test('in a pipeline', async () => {
    await using server = await startTestServer();
    await using client = await RawClient.open(server.port);
    const text = keyed('k', { method: 'PUT', target: '/test.html', content: 'once' });
    client.send(text.repeat(3));
    const answers = [await client.next('PUT'), await client.next('PUT'), await client.next('PUT')];
    expect(answers.map(isReplay)).toEqual([false, true, true]);
    expect(server.root.read('test.html')?.match(/once/g)).toHaveLength(1);
  });

  test('many, among inserts without a key: each key counts once, each other one each time', async () => {
    await using server = await startTestServer();
    const clients = await Promise.all(
      Array.from({ length: 16 }, () => RawClient.open(server.port)),
    );
    try {
      const answers = await Promise.all(
        clients.map(async (client, index) => {
          const own: RawResponse[] = [];
          for (let turn = 0; turn < 12; turn += 1) {
            // Four connections share each key.
            const content = `k-${index % 4}-${turn};`;
            own.push(
              await client.ask(
                keyed(content.slice(0, -1), { method: 'PUT', target: '/test.html', content }),
              ),
            );
            const plain = { content: `p-${index}-${turn};` };
            own.push(await client.ask(request('PUT', '/test.html', plain)));
          }
          return own;
        }),
      );
      const all = answers.flat();
      expect(all.every(({ status }) => status === 200)).toBe(true);
      expect(all.filter(isReplay)).toHaveLength(3 * 4 * 12);
      const found = server.root.read('test.html')?.match(/[kp]-\d+-\d+;/g) ?? [];
      expect(found).toHaveLength(4 * 12 + 16 * 12);
      expect(new Set(found).size).toBe(found.length);
    } finally {
      for (const client of clients) await client[Symbol.asyncDispose]();
    }
  });
});

describe('a first try that was refused', () => {
  test('is not known: it is done when it can be', async () => {
    await using server = await startTestServer();
    await using client = await RawClient.open(server.port);
    const late = keyed('k', { method: 'PUT', target: '/late.html', content: 'x' });
    expect((await client.ask(late)).status).toBe(404);
    expect((await client.ask(late)).status).toBe(404);
    await client.ask(request('POST', '/late.html', { content: '<body></body>' }));
    const done = await client.ask(late);
    expect([done.status, isReplay(done)]).toEqual([200, false]);
    expect(isReplay(await client.ask(late))).toBe(true);
  });

  test('leaves its key free', async () => {
    await using server = await startTestServer();
    await using client = await RawClient.open(server.port);
    const put = { method: 'PUT', target: '/test.html' };
    expect((await client.ask(keyed('k', { ...put, content: ' ' }))).status).toBe(400);
    expect((await client.ask(keyed('k', { ...put, content: 'x' }))).status).toBe(200);
  });

  for (const semantics of ['classic', 'standard'] as const) {
    test(`and one that was done is replayed, though it would now fail: ${semantics}`, async () => {
      await using server = await startTestServer({ config: { semantics } });
      await using client = await RawClient.open(server.port);
      const page = await client.ask(request('GET', '/test.html'));
      const guard = `If-Match: ${page.fields.get('etag')}`;
      const put = keyed('k', {
        method: 'PUT',
        target: '/test.html',
        content: 'x',
        fields: [guard],
      });
      const first = await client.ask(put);
      expect(first.status).toBe(semantics === 'classic' ? 200 : 204);
      // Without the key it is told that the page has changed: by itself.
      const unkeyed = request('PUT', '/test.html', { content: 'x', fields: [guard] });
      expect((await client.ask(unkeyed)).status).toBe(412);
      const again = await client.ask(put);
      expect([again.status, isReplay(again)]).toEqual([first.status, true]);
      await client.ask(request('DELETE', '/test.html'));
      expect((await client.ask(put)).status).toBe(first.status);
      // The folder is a page now, so the path names none any more.
      rmSync(join(server.root.path, 'test.html'), { force: true });
      server.root.write('test.html/index.html', 'x');
      expect((await client.ask(put)).status).toBe(first.status);
    });
  }
});

describe('known for as long as it is to be', () => {
  test('over a restart', async () => {
    const first = await startTestServer();
    const text = keyed('k', { method: 'PUT', target: '/test.html', content: 'x' });
    let answer: RawResponse;
    {
      await using client = await RawClient.open(first.port);
      answer = await client.ask(text);
    }
    await first.stop();
    const second = await startServer({ ...first.config, log: 'off' });
    try {
      await using client = await RawClient.open(second.port);
      const again = await client.ask(text);
      expect(isReplay(again)).toBe(true);
      expect(compared(again)).toEqual(compared(answer));
      expect(first.root.read('test.html')).toBe(answer.body);
    } finally {
      await second.stop();
      first.root[Symbol.dispose]();
    }
  });

  test('without a history: the page as long as it stands, and then no content', async () => {
    await using server = await startTestServer({ storeLimits: { historyRevisionsMax: 0 } });
    await using client = await RawClient.open(server.port);
    const text = keyed('k', { method: 'PUT', target: '/test.html', content: 'x' });
    const first = await client.ask(text);
    expect(compared(await client.ask(text))).toEqual(compared(first));
    await client.ask(request('PUT', '/test.html', { content: 'y' }));
    // The version goes some groups later, in the background.
    let bare = first;
    for (let tries = 0; tries < 2_000 && bare.body !== ''; tries += 1) {
      await client.ask(request('POST', '/other.txt', { content: `${tries}` }));
      bare = await client.ask(text);
    }
    expect([bare.status, bare.body, isReplay(bare)]).toEqual([200, '', true]);
  });

  test('after the window it is a new request', async () => {
    await using server = await startTestServer({ storeLimits: { keyWindowMs: 1 } });
    await using client = await RawClient.open(server.port);
    const text = keyed('k', { method: 'PUT', target: '/test.html', content: 'x' });
    expect((await client.ask(text)).status).toBe(200);
    let tries = 0;
    while (tries < 1_000 && isReplay(await client.ask(text))) tries += 1;
    expect(server.root.read('test.html')?.match(/<h2> x <\/h2>/g)).toHaveLength(2);
  });
});
