/** A store worker with faults: what it does depends on the name of the page. */

import { openSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { MainToStore, StoreWorkerData } from '../../../src/model/messages.ts';
import type { ResourceKey } from '../../../src/model/resource-key.ts';
import { StoreLoop, type StoreOutlet } from '../../../src/store/serve-store.ts';
import type { Executor } from '../../../src/store/store.ts';
import { PlainExecutor, waitForGate } from './plain-store.ts';

if (parentPort === null) throw new Error('not a worker');
const port = parentPort;
const data: StoreWorkerData = workerData;
const plain = new PlainExecutor(data.store);
let isSilent = false;

function fault(key: ResourceKey): void {
  switch (key) {
    case 'throw.html':
      throw new Error('a bug in the executor');
    case 'late-throw.html':
      queueMicrotask(() => {
        throw new Error('a bug that nobody catches');
      });
      return;
    case 'exit.html':
      return process.exit(3);
    case 'hang.html':
      for (;;);
    case 'silent.html':
      isSilent = true;
      return;
    case 'blocked.html':
      // Nobody writes to it: the open blocks in the kernel, where nothing but a writer ends it.
      openSync(join(data.store.root, 'fifo'), 'r');
      return;
    case 'gated.html':
      return waitForGate(data.store.root);
  }
}

const faulty: Executor = {
  read(operation) {
    fault(operation.key);
    return plain.read(operation);
  },
  prepare(operation) {
    fault(operation.key);
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
port.on('message', (message: MainToStore) => {
  isSilent = false;
  loop.take(message);
});
outlet.postMessage({ kind: 'ready' }, []);
