/** The entry point of the history worker's thread: the only one that removes old versions. */

import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../src/base/assert.ts';
import { systemClock } from '../src/base/clock.ts';
import type { HistoryWorkerData } from '../src/model/messages.ts';
import { Pruner } from '../src/store/history/pruner.ts';
import { servePruner } from '../src/store/history/serve-pruner.ts';
import { systemFileSystem } from '../src/store/system-file-system.ts';

assert(parentPort !== null, 'this module is the entry point of a worker thread');
const { store }: HistoryWorkerData = workerData;
const pruner = new Pruner({ root: store.root, fileSystem: systemFileSystem }, store);
servePruner(parentPort, pruner, systemClock);
// File descriptors belong to the process: they would outlive the thread.
process.once('exit', () => pruner.close());
