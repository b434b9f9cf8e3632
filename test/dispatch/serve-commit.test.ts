/** The commit worker's loop on a port of this thread, so that the order of everything is known. */

// It gives the ports of a `MessageChannel` the method `on`.
import 'node:worker_threads';
import { describe, expect, test } from 'bun:test';
import { noConditions } from '../../src/model/conditions.ts';
import type {
  CommitToMain,
  MainToCommit,
  PreparedEdit,
  StoreToCommit,
} from '../../src/model/messages.ts';
import type { EditOperation, EditOutcome } from '../../src/model/operation.ts';
import { largeBytesMin, packOperations, unpackOutcomes } from '../../src/model/packing.ts';
import { packPrepared } from '../../src/model/prepared-packing.ts';
import { serveCommit } from '../../src/store/serve-commit.ts';
import { groupEditsMax, type Publisher, type SmallEdits } from '../../src/store/store.ts';
import { key, until } from './harness.ts';

function prepared(id: number): PreparedEdit {
  const page = Uint8Array.of(id);
  const state = { size: 1, modifiedMs: 0 };
  const change = { kind: 'none' } as const;
  return { id, key: key('a.html'), change, results: [{ kind: 'created', state, page }] };
}

/** Small edits, as main sends them. */
function jobs(...ids: readonly number[]): MainToCommit {
  const operations = ids.map((id) => ({
    ...{ kind: 'edit', id, key: key('a.html') },
    edits: [{ kind: 'remove', conditions: noConditions }],
  }));
  return { kind: 'jobs', jobs: packOperations(operations as EditOperation[]) };
}

/** As a worker does it. */
function handOver(worker: MessagePort, edits: readonly PreparedEdit[]): void {
  worker.postMessage({ kind: 'prepared', edits: packPrepared(edits) } satisfies StoreToCommit);
}

class Commit implements Disposable {
  readonly said: CommitToMain[] = [];
  readonly published: number[] = [];
  readonly announced: string[] = [];
  /** Whether it has closed its port; the messages before that still arrive. */
  isClosed = false;
  readonly #main = new MessageChannel();

  constructor(publisher?: Publisher, smallEdits?: SmallEdits) {
    this.#main.port1.on('message', (message: CommitToMain) => this.said.push(message));
    const { port2 } = this.#main;
    serveCommit(
      {
        on: (...given) => port2.on(...given),
        postMessage: (message: unknown, transfer: ArrayBuffer[] = []) =>
          port2.postMessage(message, transfer),
        close: () => {
          this.isClosed = true;
        },
      },
      publisher ?? {
        publish: (group) => {
          this.published.push(...group.map(({ id }) => id));
          return group.map(({ id, results }) => ({ kind: 'edit', id, results }));
        },
      },
      {
        announce: (url) => this.announced.push(url),
        ...(smallEdits !== undefined && { smallEdits }),
      },
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

  /** The edits that are answered, in order. */
  answered(): number[] {
    return this.said.flatMap((message) =>
      message.kind === 'outcomes' ? unpackOutcomes(message.outcomes).map(({ id }) => id) : [],
    );
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
    expect(commit.answered()).toEqual([1, 2, 3]);
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

/** A publisher that the test tells when the disk has synced; and what was done, in order. */
class Slow implements Publisher, SmallEdits {
  readonly steps: string[] = [];
  synced: (() => void) | undefined;

  publish(): EditOutcome[] {
    throw new Error('this one can wait');
  }

  publishLater(group: readonly PreparedEdit[], done: (ends: readonly EditOutcome[]) => void): void {
    expect(this.synced).toBeUndefined();
    this.steps.push(`publish ${namesOf(group)}`);
    this.synced = () => {
      this.synced = undefined;
      this.steps.push('synced');
      done(group.map(({ id, results }) => ({ kind: 'edit', id, results })));
    };
  }

  prepareSmall({ id }: EditOperation): PreparedEdit {
    this.steps.push(`prepare ${id}`);
    return prepared(id);
  }
}

function namesOf(group: readonly PreparedEdit[]): string {
  return group.map(({ id }) => id).join(' ');
}

function numbers(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

describe('small edits', () => {
  test('are taken where something prepares them, and main is told which', async () => {
    using without = new Commit();
    using commit = new Commit(undefined, new Slow());
    await until(() => without.said.length > 0 && commit.said.length > 0);
    expect(without.said[0]).toMatchObject({ kind: 'ready', prepares: false });
    expect(commit.said[0]).toMatchObject({ kind: 'ready', prepares: true });
  });

  test('are answered, or declined; a bug in preparing is the store worker’s to report', async () => {
    using commit = new Commit(undefined, {
      prepareSmall({ id }) {
        if (id === 1) return { kind: 'edit', id, results: [{ kind: 'refused', code: 'busy' }] };
        if (id === 2) return 'declined';
        if (id === 3) throw new Error('a bug in preparing');
        return prepared(id);
      },
    });
    commit.tell(jobs(1, 2, 3, 4));
    await until(() => commit.published.length === 1 && commit.answered().length === 2);
    expect(commit.published).toEqual([4]);
    expect(commit.answered()).toEqual([1, 4]);
    expect(commit.said[2]).toEqual({ kind: 'declined', ids: [2, 3] });
  });

  test('of a large batch a group is published, and the rest prepared beside its sync', async () => {
    const slow = new Slow();
    using commit = new Commit(slow, slow);
    const first = numbers(1, groupEditsMax);
    commit.tell(jobs(...first, 101, 102));
    await until(() => slow.steps.includes('prepare 102'));
    const prepare = (id: number): string => `prepare ${id}`;
    expect(slow.steps).toEqual([
      ...first.map(prepare),
      `publish ${first.join(' ')}`,
      ...[101, 102].map(prepare),
    ]);
    expect(commit.answered()).toEqual([]);
    slow.synced?.();
    await until(() => commit.answered().length === groupEditsMax);
    await until(() => slow.steps.at(-1) === 'publish 101 102');
    slow.synced?.();
    await until(() => commit.answered().length === groupEditsMax + 2);
  });

  test('share their group with what store workers hand over', async () => {
    const slow = new Slow();
    using commit = new Commit(slow, slow);
    const worker = commit.attach(1);
    await until(() => commit.saidKinds() === 'ready');
    commit.tell(jobs(1));
    await until(() => slow.synced !== undefined);
    handOver(worker, [prepared(2)]);
    commit.tell(jobs(3));
    await until(() => slow.steps.includes('prepare 3'));
    slow.synced?.();
    await until(() => slow.synced !== undefined);
    expect(slow.steps.at(-1)?.split(' ').toSorted()).toEqual(['2', '3', 'publish']);
    worker.close();
  });

  test('a worker is settled when what it had handed over is answered, and not before', async () => {
    const slow = new Slow();
    using commit = new Commit(slow, slow);
    const worker = commit.attach(1);
    handOver(worker, [prepared(1)]);
    await until(() => slow.synced !== undefined);
    handOver(worker, [prepared(2)]);
    commit.tell({ kind: 'exited', worker: 1 });
    commit.tell({ kind: 'exited', worker: 9 });
    commit.tell(jobs(3));
    await until(() => slow.steps.includes('prepare 3'));
    expect(commit.saidKinds()).toBe('ready');
    slow.synced?.();
    await until(() => slow.synced !== undefined);
    expect(commit.saidKinds()).toBe('ready outcomes');
    slow.synced?.();
    await until(() => commit.saidKinds() === 'ready outcomes outcomes settled settled');
    worker.close();
  });

  test('a stop ends it when all that was sent before is answered', async () => {
    const slow = new Slow();
    using commit = new Commit(slow, slow);
    commit.tell(jobs(1));
    await until(() => slow.synced !== undefined);
    commit.tell(jobs(2));
    commit.tell({ kind: 'stop' });
    await until(() => slow.steps.includes('prepare 2'));
    expect(commit.isClosed).toBe(false);
    slow.synced?.();
    await until(() => slow.synced !== undefined);
    expect(commit.isClosed).toBe(false);
    slow.synced?.();
    await until(() => commit.isClosed);
    expect(commit.answered()).toEqual([1, 2]);
  });
});
