/** A store worker's loop with an executor that throws: where its jobs end. */

import { expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { receiveMessageOnPort } from 'node:worker_threads';
import { FileMarks } from '../../src/model/file-marks.ts';
import type { StoreToCommit, StoreToMain } from '../../src/model/messages.ts';
import { type Edit, type Outcome, refused } from '../../src/model/operation.ts';
import { packOperations, unpackOutcomes } from '../../src/model/packing.ts';
import { unpackPrepared } from '../../src/model/prepared-packing.ts';
import { StoreLoop } from '../../src/store/serve-store.ts';
import type { Executor } from '../../src/store/store.ts';
import { brief, fileStore, insert, key, keyed } from './support.ts';

const broken: Executor = {
  read() {
    throw new Error('a bug');
  },
  prepare() {
    throw new Error('a bug');
  },
};

/** What main hears of one operation with these edits, and what the commit worker gets. */
function done(edits: readonly Edit[]) {
  using store = fileStore();
  const { port1, port2 } = new MessageChannel();
  const toMain: StoreToMain[] = [];
  const outlet = { postMessage: (message: StoreToMain) => toMain.push(message), close: () => {} };
  const progress = new SharedArrayBuffer(4);
  const [files, slab] = [FileMarks.memory(), new SharedArrayBuffer(1)];
  const data = { worker: 1, store: store.options, commit: port1, progress, files, slab };
  const loop = new StoreLoop(outlet, data, broken);
  const jobs = packOperations([{ kind: 'edit', id: 3, key: key('page.html'), edits }]);
  loop.take({ kind: 'jobs', jobs });
  const handed: { readonly message: StoreToCommit } | undefined = receiveMessageOnPort(port2);
  const prepared = handed && unpackPrepared(handed.message.edits);
  loop.take({ kind: 'stop' });
  const told = toMain.flatMap((message) =>
    message.kind === 'done' ? [[unpackOutcomes(message.outcomes), message.handed]] : [],
  );
  return { told, prepared };
}

const bug = refused('internal-error');

test('a bug costs the job, and main is told', () => {
  const { told, prepared } = done([insert('x'), insert('y')]);
  expect(told).toEqual([[[{ kind: 'edit', id: 3, results: [bug, bug] }], []]]);
  expect(prepared).toBeUndefined();
});

test('with an idempotency key it is asked first what the key stands for', () => {
  const { told, prepared } = done([insert('x'), keyed(insert('y'), 'k')]);
  expect(told).toEqual([[[], [3]]]);
  const keys = [{ key: 'k', fingerprint: 'c2FtZQ', place: 1, answer: 'page' }];
  const edit = { id: 3, key: 'page.html', change: { kind: 'none' }, results: [bug, bug], keys };
  expect<unknown>(prepared).toEqual([edit]);
});

test('more large pages than may be open at once are refused, and taken when there is room', () => {
  using store = fileStore();
  const { port1 } = new MessageChannel();
  const outcomes: Outcome[] = [];
  const outlet = {
    postMessage: (message: StoreToMain) => {
      if (message.kind === 'done') outcomes.push(...unpackOutcomes(message.outcomes));
    },
    close: () => {},
  };
  const [files, slab] = [FileMarks.memory(), new SharedArrayBuffer(1)];
  const progress = new SharedArrayBuffer(4);
  const options = { ...store.options, openPagesMax: 2 };
  const data = { worker: 1, store: options, commit: port1, progress, files, slab };
  writeFileSync(join(store.root, 'large'), 'x'.repeat(5_000));
  const loop = new StoreLoop(outlet, data, store.executor);
  const read = (id: number): string => {
    const operation = {
      id,
      kind: 'read',
      key: key('large'),
      want: 'content',
      conditions: {},
    } as const;
    loop.take({ kind: 'jobs', jobs: packOperations([operation]) });
    const last = outcomes.at(-1);
    return last?.kind === 'read' ? brief(last.result) : 'nothing';
  };
  expect([read(1), read(2), read(3)]).toEqual(['found', 'found', 'busy']);
  loop.take({ kind: 'close', stream: 1 });
  expect([read(4), read(5)]).toEqual(['found', 'busy']);
  loop.take({ kind: 'stop' });
});
