/** A store worker that throws, exits or never answers costs its own job, and nobody else's. */

import { describe, expect, test } from 'bun:test';
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE } from '../support/root.ts';
import { startTestServer, type TestServer, until } from '../support/server.ts';

const storeWorkerUrl = new URL('./faults/store-entry.ts', import.meta.url);
const commitWorkerUrl = new URL('../support/handed-over-commit-entry.ts', import.meta.url);
/** Short, so that the test is; a healthy job takes a few milliseconds. */
const JOB_DEADLINE_MS = 400;

function start(): Promise<TestServer> {
  return startTestServer({
    files: {
      'page.html': SAMPLE,
      'other.html': SAMPLE,
      'throw-read.html': SAMPLE,
      'exit-read.html': SAMPLE,
      'once-read.html': SAMPLE,
      'hang-read.html': SAMPLE,
    },
    config: { workers: 2 },
    dispatchLimits: { jobDeadlineMs: JOB_DEADLINE_MS },
    seams: { storeWorkerUrl, commitWorkerUrl },
  });
}

const put = (target: string, content: string): string => request('PUT', target, { content });

describe('an insert whose worker', () => {
  const rows = [
    { fault: 'throw', status: 500, sentence: 'The server made a mistake' },
    { fault: 'exit', status: 500, sentence: 'this request changed nothing' },
    { fault: 'hang', status: 503, sentence: 'may or may not have been made' },
  ];
  for (const { fault, status, sentence } of rows) {
    test(`does ${fault} is answered ${status}; other pages go on, and so does this one`, async () => {
      await using server = await start();
      await using struck = await RawClient.open(server.port);
      await using other = await RawClient.open(server.port);
      struck.send(put('/page.html', `FAULT ${fault}`));
      if (fault === 'hang') await until('the hang', () => server.root.read('hangs') !== undefined);

      const startedMs = performance.now();
      expect((await other.ask(put('/other.html', 'fine'))).status).toBe(200);
      expect((await other.ask(request('GET', '/other.html'))).body).toContain('<h2> fine </h2>');
      // At once: it did not have to wait for the struck job's deadline.
      if (fault === 'hang') expect(performance.now() - startedMs).toBeLessThan(JOB_DEADLINE_MS);

      const answer = await struck.next('PUT');
      expect(answer.status).toBe(status);
      expect(answer.body).toContain(sentence);
      // The lock was freed after the worker's exit, so the same page takes the next edit.
      const next = await struck.ask(put('/page.html', 'after'));
      expect(next.status).toBe(200);
      expect(next.body).toContain('<h2> after </h2>');
      expect(next.body).not.toContain('FAULT');
      expect(server.root.read('page.html')).toBe(next.body);
    });
  }
});

test('an insert whose worker exits once it has handed it over is done, and answered', async () => {
  await using server = await start();
  await using client = await RawClient.open(server.port);
  const answer = await client.ask(put('/page.html', 'FAULT handed'));
  expect(answer.status).toBe(200);
  expect(answer.body).toContain('<h2> FAULT handed </h2>');
  await until('the log to say it', () =>
    server.log.some((line) => line.includes('is lost (exit)')),
  );
  const next = await client.ask(put('/page.html', 'after'));
  const marks = [...next.body.matchAll(/<h2> ([^<]*) <\/h2>/g)].map(([, mark]) => mark);
  expect(marks).toEqual(['after', 'FAULT handed']);
});

describe('a read whose worker', () => {
  const rows = [
    { fault: 'throw', status: 500 },
    { fault: 'exit', status: 500 },
    // Tried once more on another worker.
    { fault: 'once', status: 200 },
    { fault: 'hang', status: 503 },
  ];
  for (const { fault, status } of rows) {
    test(`does ${fault} is answered ${status}, and the server lives`, async () => {
      await using server = await start();
      await using client = await RawClient.open(server.port);
      expect((await client.ask(request('GET', `/${fault}-read.html`))).status).toBe(status);
      expect((await client.ask(request('GET', '/page.html'))).body).toBe(SAMPLE);
      expect((await client.ask(put('/page.html', 'after'))).status).toBe(200);
    });
  }
});

test('a repetition whose worker exits is told of itself alone: its first try was done', async () => {
  await using server = await start();
  await using client = await RawClient.open(server.port);
  const fields = ['Idempotency-Key: "once"'];
  const insert = request('PUT', '/page.html', { fields, content: 'FAULT again' });
  const first = await client.ask(insert);
  expect(first.status).toBe(200);

  server.root.write('again', '');
  const second = await client.ask(insert);
  expect(second.status).toBe(500);
  expect(second.body).toContain('this request changed nothing');
  expect(server.root.read('page.html')).toBe(first.body);

  const third = await client.ask(insert);
  expect([third.status, third.fields.get('idempotency-replayed')]).toEqual([200, 'true']);
});

test('the log says that a worker was lost and replaced', async () => {
  await using server = await start();
  await using client = await RawClient.open(server.port);
  await client.ask(put('/page.html', 'FAULT exit'));
  const says = (text: string): boolean => server.log.some((line) => line.includes(text));
  await until('the log to say both', () => says('is lost (exit)') && says('is replaced'));
});
