/**
 * A worker exits before each of the file calls of an edit. With a store worker its edit goes, and
 * the server goes on; with the commit worker nobody knows, and the next start finds out. The page
 * is the old one or the new.
 */

import { describe, expect, test } from 'bun:test';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { disagreements } from '../support/agreement.ts';
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE, TestRoot } from '../support/root.ts';
import { startTestServer } from '../support/server.ts';

/** More calls than an edit makes in one thread. */
const callsMax = 40;

interface EditRow {
  readonly name: string;
  readonly method: string;
  readonly target: (nth: number) => string;
  readonly content?: string;
  /** The status of success. */
  readonly done: number;
  /** What the page holds before and after; absent: there is none. */
  readonly old?: string;
  readonly new?: string;
}

const inserted = SAMPLE.replace('<body>\n', '<body>\n    <h2> x </h2>\n');
const page = (nth: number): string => `/page-${nth}.html`;
const newPage = (nth: number): string => `/a-${nth}/b/new.html`;

const rows: readonly EditRow[] = [
  {
    ...{ name: 'insert', method: 'PUT', target: page, content: 'x', done: 200 },
    ...{ old: SAMPLE, new: inserted },
  },
  { name: 'create', method: 'POST', target: newPage, content: SAMPLE, done: 201, new: SAMPLE },
  { name: 'remove', method: 'DELETE', target: page, done: 204, old: SAMPLE },
];

/** A served folder, and an edit for each call that a thread exits before. */
class Scene implements Disposable {
  readonly root = new TestRoot();
  readonly #exitAt = join(this.root.path, 'exit-at');

  constructor(readonly row: EditRow) {
    for (let nth = 0; nth < callsMax; nth += 1) this.root.write(page(nth), SAMPLE);
  }

  pageOf(nth: number): string | undefined {
    return this.root.read(this.row.target(nth));
  }

  /** From now on the thread exits before its `nth` call. */
  arm(nth: number): void {
    this.root.write('exit-at', String(nth));
  }

  /** Whether the thread has exited. */
  takeExited(): boolean {
    const isLeft = existsSync(this.#exitAt);
    rmSync(this.#exitAt, { force: true });
    return !isLeft;
  }

  /** Sends the edit, each time under the same key. */
  async send(port: number, nth: number) {
    const { method, target, content } = this.row;
    const fields = [`Idempotency-Key: "key-${nth}"`, 'Content-Type: text/plain'];
    const options = { fields, ...(content !== undefined && { content }) };
    await using client = await RawClient.open(port);
    const answer = await client.ask(request(method, target(nth), options));
    const { status, body } = answer;
    return { status, body, isReplayed: answer.fields.has('idempotency-replayed') };
  }

  [Symbol.dispose](): void {
    this.root[Symbol.dispose]();
  }
}

describe.each(rows)('$name', (row) => {
  test('a store worker that exits: the edit did not happen, and the next one does', async () => {
    using scene = new Scene(row);
    const { root } = scene;
    let exits = 0;
    {
      const storeWorkerUrl = new URL('./faults/exit-store-entry.ts', import.meta.url);
      const handedOver = '../support/handed-over-commit-entry.ts';
      const seams = { storeWorkerUrl, commitWorkerUrl: new URL(handedOver, import.meta.url) };
      await using server = await startTestServer({ root, config: { workers: 1 }, seams });
      for (;;) {
        scene.arm(exits);
        const answer = await scene.send(server.port, exits);
        if (!scene.takeExited()) {
          expect(answer.status).toBe(row.done);
          break;
        }
        expect([exits, answer.status]).toEqual([exits, 500]);
        expect(answer.body).toContain('this request changed nothing');
        expect(scene.pageOf(exits)).toBe(row.old);
        expect(await scene.send(server.port, exits)).toMatchObject({
          ...{ status: row.done, isReplayed: false },
        });
        expect(scene.pageOf(exits)).toBe(row.new);
        exits += 1;
      }
    }
    expect(exits).toBeGreaterThan(0);
    // What the workers had prepared is removed by the next start.
    await using _server = await startTestServer({ root });
    expect(disagreements(root.path, { isServed: true })).toEqual([]);
  }, 20_000);

  test('the commit worker exits: nobody knows, and nothing is taken until the next start', async () => {
    using scene = new Scene(row);
    const { root } = scene;
    const commitWorkerUrl = new URL('./faults/exit-commit-entry.ts', import.meta.url);
    const left = new Set<boolean>();
    const found = new Set<boolean>();
    for (let nth = 0; ; nth += 1) {
      await using server = await startTestServer({ root, seams: { commitWorkerUrl } });
      const { port } = server;
      // What became of the edit before.
      if (nth > 0) {
        expect(disagreements(root.path, { isServed: true })).toEqual([]);
        const isDone = scene.pageOf(nth - 1) === row.new;
        found.add(isDone);
        if (!isDone) expect(scene.pageOf(nth - 1)).toBe(row.old);
        const again = await scene.send(port, nth - 1);
        expect([nth, again.status, again.isReplayed]).toEqual([nth, row.done, isDone]);
        expect(scene.pageOf(nth - 1)).toBe(row.new);
      }
      scene.arm(nth);
      const answer = await scene.send(port, nth);
      if (!scene.takeExited()) {
        expect(answer.status).toBe(row.done);
        break;
      }
      expect([nth, answer.status]).toEqual([nth, 503]);
      left.add(scene.pageOf(nth) === row.new);
      expect(answer.body).toContain('may or may not have been made');
      expect((await scene.send(port, callsMax - 1)).status).toBe(503);
      // Reads go on, and tell what is there.
      await using client = await RawClient.open(port);
      const read = await client.ask(request('GET', row.target(nth)));
      expect(read.status === 200 ? read.body : undefined).toBe(scene.pageOf(nth));
    }
    // It exited before the page had its name, and the next start gave it that.
    expect([...left]).toContain(false);
    expect([...found]).toContain(true);
  }, 20_000);
});
