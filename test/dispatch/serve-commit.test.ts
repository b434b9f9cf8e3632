/** The commit worker's loop on a port of this thread, so that the order of everything is known. */

// It gives the ports of a `MessageChannel` the method `on`.
import 'node:worker_threads';
import { describe, expect, test } from 'bun:test';
import type {
  CommitToMain,
  MainToCommit,
  PreparedEdit,
  StoreToCommit,
} from '../../src/model/messages.ts';
import { largeBytesMin, unpackOutcomes } from '../../src/model/packing.ts';
import { packPrepared } from '../../src/model/prepared-packing.ts';
import { serveCommit } from '../../src/store/serve-commit.ts';
import type { Publisher } from '../../src/store/store.ts';
import { key, until } from './harness.ts';

function prepared(id: number): PreparedEdit {
  const page = Uint8Array.of(id);
  const state = { size: 1, modifiedMs: 0 };
  const change = { kind: 'none' } as const;
  return { id, key: key('a.html'), change, results: [{ kind: 'created', state, page }] };
}

/** As a worker does it. */
function handOver(worker: MessagePort, edits: readonly PreparedEdit[]): void {
  worker.postMessage({ kind: 'prepared', edits: packPrepared(edits) } satisfies StoreToCommit);
}

class Commit implements Disposable {
  readonly said: CommitToMain[] = [];
  readonly published: number[] = [];
  readonly announced: string[] = [];
  readonly #main = new MessageChannel();

  constructor(publisher?: Publisher) {
    this.#main.port1.on('message', (message: CommitToMain) => this.said.push(message));
    serveCommit(
      this.#main.port2,
      publisher ?? {
        publish: (group) => {
          this.published.push(...group.map(({ id }) => id));
          return group.map(({ id, results }) => ({ kind: 'edit', id, results }));
        },
      },
      false,
      (url) => this.announced.push(url),
    );
  }

  tell(message: MainToCommit): void {
    this.#main.port1.postMessage(message, message.kind === 'attach' ? [message.port] : []);
  }

  /** Attaches a worker; the port is the worker's end. */
  attach(worker: number): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.tell({ kind: 'attach', worker, port: port1 });
    return port2;
  }

  saidKinds(): string {
    return this.said.map((message) => message.kind).join(' ');
  }

  [Symbol.dispose](): void {
    this.#main.port1.close();
    this.#main.port2.close();
  }
}

describe('serveCommit', () => {
  test('answers what a worker hands over, in order', async () => {
    using commit = new Commit();
    const worker = commit.attach(1);
    handOver(worker, [prepared(1), prepared(2)]);
    handOver(worker, [prepared(3)]);
    await until(() => commit.published.length === 3);
    await until(() => commit.saidKinds().startsWith('ready outcomes'));
    const ids = commit.said.flatMap((message) =>
      message.kind === 'outcomes' ? unpackOutcomes(message.outcomes).map(({ id }) => id) : [],
    );
    expect(ids).toEqual([1, 2, 3]);
    worker.close();
  });

  test('what came while one group was published makes the next one', async () => {
    const groups: number[][] = [];
    const workers: MessagePort[] = [];
    using commit = new Commit({
      publish(group) {
        groups.push(group.map(({ id }) => id));
        // Nothing is taken while a group is published, so these wait for its end.
        if (groups.length === 1) {
          for (const [index, worker] of workers.entries()) {
            handOver(worker, [prepared(10 + index)]);
          }
        }
        return group.map(({ id, results }) => ({ kind: 'edit', id, results }));
      },
    });
    const first = commit.attach(1);
    workers.push(first, commit.attach(2), commit.attach(3));
    handOver(first, [prepared(1)]);
    await until(() => commit.saidKinds() === 'ready outcomes outcomes');
    expect(groups.map((ids) => ids.toSorted())).toEqual([[1], [10, 11, 12]]);
    for (const worker of workers) worker.close();
  });

  test('publishes all that a worker had handed over, then says so; nothing after it', async () => {
    using commit = new Commit();
    const worker = commit.attach(1);
    const other = commit.attach(2);
    await until(() => commit.saidKinds() === 'ready');
    for (let id = 1; id <= 50; id += 1) {
      handOver(worker, [prepared(id)]);
    }
    commit.tell({ kind: 'exited', worker: 1 });
    await until(() => commit.said.some((message) => message.kind === 'settled'));
    expect(commit.published.length).toBe(50);
    expect(commit.said.at(-1)).toEqual({ kind: 'settled', worker: 1 });
    handOver(worker, [prepared(51)]);
    handOver(other, [prepared(52)]);
    await until(() => commit.published.includes(52));
    expect(commit.published).not.toContain(51);
    worker.close();
    other.close();
  });

  test('a worker that it never heard of has nothing to settle', async () => {
    using commit = new Commit();
    commit.tell({ kind: 'exited', worker: 7 });
    await until(() => commit.saidKinds() === 'ready settled');
    expect(commit.published).toEqual([]);
  });

  test('passes on where the root is served', async () => {
    using commit = new Commit();
    commit.tell({ kind: 'serving', url: 'http://127.0.0.1:8080/' });
    await until(() => commit.announced.length === 1);
    expect(commit.announced).toEqual(['http://127.0.0.1:8080/']);
  });

  test('stop publishes what lies in the ports', async () => {
    using commit = new Commit();
    const worker = commit.attach(1);
    handOver(worker, [prepared(1)]);
    commit.tell({ kind: 'stop' });
    await until(() => commit.published.length === 1);
    worker.close();
  });

  test('large pages that share one buffer cross', async () => {
    using commit = new Commit();
    const worker = commit.attach(1);
    const edit = prepared(9);
    const state = { size: largeBytesMin, modifiedMs: 0 };
    const page = new Uint8Array(largeBytesMin).fill(9);
    const result = { kind: 'created', state, page } as const;
    const results = [result, result];
    handOver(worker, [{ ...edit, results }]);
    await until(() => commit.saidKinds() === 'ready outcomes');
    const [, message] = commit.said;
    const outcomes = message?.kind === 'outcomes' ? unpackOutcomes(message.outcomes) : [];
    const pages = outcomes.flatMap((outcome) =>
      outcome.kind === 'edit'
        ? outcome.results.map((result) => 'page' in result && result.page?.[0])
        : [],
    );
    expect(pages).toEqual([9, 9]);
    worker.close();
  });
});
