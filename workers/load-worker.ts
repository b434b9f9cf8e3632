/** The entry point of a load worker's thread: runs one share of a load. */

import { systemClock } from '../src/base/clock.ts';
import { takeOwner } from '../src/base/own-thread.ts';
import { systemRandom } from '../src/base/random.ts';
import { type LoadWorkerData, serveLoad, type ToLoadWorker } from '../src/load/serve-load.ts';

takeOwner<LoadWorkerData, ToLoadWorker>((data, port) => {
  serveLoad(port, data, systemClock, systemRandom);
});
