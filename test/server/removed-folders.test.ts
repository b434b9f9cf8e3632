/** Folders are removed under a running server: those of pages, and its own. */

import { describe, expect, test } from 'bun:test';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { disagreements } from '../support/agreement.ts';
import { RawClient, type RawResponse, request } from '../support/raw-client.ts';
import { SAMPLE, TestRoot } from '../support/root.ts';
import { startTestServer, type TestServer, until } from '../support/server.ts';

const connections = 6;
/** So many times it is removed; each time a few more edits have been answered. */
const removals = 30;
const answersBetween = 20;

const edits: readonly ((target: string, mark: string) => string)[] = [
  (target, mark) => request('POST', target, { content: `<body>\n${mark}\n</body>` }),
  (target, mark) => request('PUT', target, { content: mark }),
  (target, mark) => request('PUT', target, { content: mark }),
  (target) => request('DELETE', target),
];

/** Edits pages of one folder over many connections, until it is told to stop. */
class EditsInFolder {
  readonly statuses = new Map<string, number>();
  #answers = 0;
  #stopped = false;

  get answers(): number {
    return this.#answers;
  }

  async run(server: TestServer, stop: () => Promise<void>): Promise<void> {
    const lanes = Array.from({ length: connections }, (_, at) => this.#edit(server.port, at));
    try {
      await stop();
    } finally {
      this.#stopped = true;
      await Promise.all(lanes);
    }
  }

  async #edit(port: number, connection: number): Promise<void> {
    await using client = await RawClient.open(port);
    for (let at = 0; !this.#stopped; at += 1) {
      const target = `/dir/page-${(connection + at) % 4}.html`;
      const text = edits[at % edits.length]?.(target, `c${connection}n${at}.`) ?? '';
      const { status } = await client.ask(text);
      const name = `${text.slice(0, text.indexOf(' '))} ${status}`;
      this.statuses.set(name, (this.statuses.get(name) ?? 0) + 1);
      this.#answers += 1;
    }
  }
}

/** Done, not there, or changed in between too often; and what was answered else. */
function otherStatuses({ statuses }: EditsInFolder): string[] {
  const expected = ['POST 201', 'PUT 200', 'PUT 404', 'DELETE 204', 'DELETE 404'];
  const others = [...statuses.keys()].filter((status) => !expected.includes(status));
  return others.filter((status) => !status.endsWith(' 503'));
}

/** Lines of requests and connections. */
const usual = /^(?:Perform|Connected|Disconnected)/;

/** Whether the server takes edits as if nothing had happened, and says what is on the disk. */
async function expectHealthy(server: TestServer, target: string): Promise<void> {
  await using client = await RawClient.open(server.port);
  const ask = (method: string, content?: string): Promise<RawResponse> =>
    client.ask(request(method, target, content === undefined ? {} : { content }));
  expect((await ask('POST', SAMPLE)).status).toBe(201);
  expect(server.root.read(target)).toBe(SAMPLE);
  const inserted = await ask('PUT', 'healthy');
  expect(inserted.status).toBe(200);
  expect(server.root.read(target)).toBe(inserted.body);
  expect((await ask('DELETE')).status).toBe(204);
  expect(server.root.read(target)).toBeUndefined();
  // Nothing happened of which the log tells, such as a lost thread.
  expect(server.log.filter((line) => !usual.test(line))).toEqual([]);
}

describe('the folder of pages', () => {
  test('is removed again and again while its pages are edited', async () => {
    await using server = await startTestServer();
    const folder = join(server.root.path, 'dir');
    const run = new EditsInFolder();
    let removed = 0;
    await run.run(server, async () => {
      for (let times = 1; times <= removals; times += 1) {
        await until('more answers', () => run.answers >= times * answersBetween);
        if (existsSync(folder)) removed += 1;
        removeFolder(folder);
      }
    });
    expect(removed).toBeGreaterThan(removals / 2);
    expect(otherStatuses(run)).toEqual([]);
    await expectHealthy(server, '/dir/page-0.html');
    expect(disagreements(server.root.path, { othersSave: true, isServed: true })).toEqual([]);
  }, 20_000);
});

/** Pages may be made while it is being removed. */
function removeFolder(folder: string): void {
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      rmSync(folder, { recursive: true, force: true });
      return;
    } catch {
      // It is not empty any more.
    }
  }
}

/** What the log tells where the folder went under an edit, or under the thread that prunes it. */
const loss = /^(?:No edit is taken until|Note: the history is not pruned until| {4}at )/;

describe('the folder of the store', () => {
  test.each(['.inkwire', '.inkwire/history', '.inkwire/tmp'])(
    '%s is removed between edits: they go on, and are kept from then on',
    async (name) => {
      await using server = await startTestServer();
      for (let times = 0; times < 3; times += 1) {
        await expectHealthy(server, `/dir/page-${times}.html`);
        removeFolder(join(server.root.path, name));
      }
      await expectHealthy(server, '/dir/last.html');
      await server.stop();
      if (name !== '.inkwire/history') expect(disagreements(server.root.path)).toEqual([]);
    },
    20_000,
  );

  test.each(['.inkwire', '.inkwire/history', '.inkwire/tmp'])(
    '%s is removed under edits: no thread is lost, and the next start has all',
    async (name) => {
      using root = new TestRoot();
      const run = new EditsInFolder();
      {
        await using server = await startTestServer({ root });
        await run.run(server, async () => {
          for (let times = 1; times <= removals; times += 1) {
            await until('more answers', () => run.answers >= times * answersBetween);
            removeFolder(join(root.path, name));
          }
        });
        expect(server.log.filter((line) => !usual.test(line) && !loss.test(line))).toEqual([]);
      }
      expect(otherStatuses(run)).toEqual([]);
      await using server = await startTestServer({ root });
      await expectHealthy(server, '/dir/page-0.html');
    },
    20_000,
  );
});
