/** The entry point of the settle worker's thread: it waits for the disk, so that others do not. */

import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../src/base/assert.ts';
import type { SettleWorkerData } from '../src/model/messages.ts';
import { serveSettler } from '../src/store/settle/serve-settler.ts';
import { systemFileSystem } from '../src/store/system-file-system.ts';

assert(parentPort !== null, 'this module is the entry point of a worker thread');
const { store }: SettleWorkerData = workerData;
const close = serveSettler(parentPort, store.root, systemFileSystem);
// File descriptors belong to the process: they would outlive the thread.
process.once('exit', close);
