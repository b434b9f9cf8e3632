/** A store worker with faults: what it does depends on the name of the page. */

import { existsSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { latin1Text } from '../../../src/base/bytes.ts';
import type { MainToStore, StoreWorkerData } from '../../../src/model/messages.ts';
import { type EditOperation, refused } from '../../../src/model/operation.ts';
import type { ResourceKey } from '../../../src/model/resource-key.ts';
import { StoreLoop, type StoreOutlet } from '../../../src/store/serve-store.ts';
import type { Executor, OpenContent } from '../../../src/store/store.ts';
import { owner } from '../../support/owner.ts';
import { isSaidUnstable, PlainExecutor, waitForGate } from './plain-store.ts';

const { data, port } = await owner<StoreWorkerData, MainToStore>();
const plain = new PlainExecutor(data.store);
let isSilent = false;

/**
 * By the first part of a page's name: `exit.html` exits always, `exit-once.html` the first time.
 */
const faults: Readonly<Record<string, (key: ResourceKey) => void>> = {
  throw() {
    throw new Error('a bug in the executor');
  },
  // Runs when the loop has returned, and so after the batch was answered.
  late() {
    queueMicrotask(() => {
      throw new Error('a bug that nobody catches');
    });
  },
  exit: () => process.exit(3),
  hang() {
    for (;;);
  },
  silent() {
    isSilent = true;
  },
  // Nobody writes to it: the open blocks in the kernel, where nothing but a writer ends it.
  blocked: () => openSync(join(data.store.root, 'fifo'), 'r'),
  gated: (key) => waitForGate(data.store.root, key),
};

function fault(key: ResourceKey): void {
  const [name = '', times] = key.replace('.html', '').split('-');
  const marker = join(data.store.root, `${key}.happened`);
  if (times === 'once' && existsSync(marker)) return;
  if (times === 'once') writeFileSync(marker, '');
  faults[name]?.(key);
}

/** An insert of `!exit` kills its worker, whatever the page. */
function faultOfContent({ edits }: EditOperation): void {
  for (const edit of edits) {
    if (edit.kind === 'insert' && latin1Text(edit.content) === '!exit') process.exit(3);
  }
}

/** A content of which nothing ever comes. */
function stalling(stream: OpenContent): OpenContent {
  return {
    tryRead() {
      for (;;);
    },
    close: () => stream.close(),
  };
}

const faulty: Executor = {
  read(operation) {
    fault(operation.key);
    const { outcome, stream } = plain.read(operation);
    if (stream === undefined) return { outcome };
    return { outcome, stream: operation.key === 'stall.html' ? stalling(stream) : stream };
  },
  prepare(operation) {
    const { id, key, edits } = operation;
    fault(key);
    faultOfContent(operation);
    if (key === 'combined-gated.html' && edits.length > 1) waitForGate(data.store.root, key);
    const mayBeUnstable = key.startsWith('unstable-') || edits.length > 1;
    if (mayBeUnstable && !key.includes('commit-') && isSaidUnstable(data.store.root, key)) {
      return { kind: 'edit', id, results: edits.map(() => refused('unstable')) };
    }
    return plain.prepare(operation);
  },
};

const outlet: StoreOutlet = {
  postMessage(message, transfer) {
    if (!isSilent) port.postMessage(message, transfer);
  },
  close: () => port.close(),
};
const loop = new StoreLoop(outlet, data, faulty);
port.on('message', (message) => {
  isSilent = false;
  loop.take(message);
});
outlet.postMessage({ kind: 'ready' }, []);
process.once('exit', () => {
  loop.close();
  writeFileSync(join(data.store.root, `exited-${data.worker}`), '');
});
