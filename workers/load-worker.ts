/** The entry point of a load worker's thread: runs one share of a load. */

import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../src/base/assert.ts';
import { systemClock } from '../src/base/clock.ts';
import { systemRandom } from '../src/base/random.ts';
import { type LoadWorkerData, serveLoad } from '../src/load/serve-load.ts';

assert(parentPort !== null, 'this module is the entry point of a worker thread');
const data: LoadWorkerData = workerData;
serveLoad(parentPort, data, systemClock, systemRandom);
