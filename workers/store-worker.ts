/** The entry point of a store worker's thread: reads pages and prepares edits. */

import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../src/base/assert.ts';
import type { StoreWorkerData } from '../src/model/messages.ts';
import { createFileExecutor } from '../src/store/file-executor.ts';
import { serveStore } from '../src/store/serve-store.ts';
import { systemFileSystem } from '../src/store/system-file-system.ts';

assert(parentPort !== null, 'this module is the entry point of a worker thread');
const data: StoreWorkerData = workerData;
const executor = createFileExecutor(data.store, systemFileSystem);
const loop = serveStore(parentPort, data, executor);
// File descriptors belong to the process: they would outlive the thread.
process.once('exit', () => {
  loop.close();
  executor.close();
});
