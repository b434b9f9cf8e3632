/** A thread that starts the settle worker, as the commit worker does, and ends when it is told. */

import { parentPort, workerData } from 'node:worker_threads';
import type { SettleWorkerData } from '../../../../src/model/messages.ts';
import { startSettler } from '../../../../src/store/settle/settler-link.ts';

const data: SettleWorkerData = workerData;
const settler = startSettler(
  new URL('../../../../workers/settle-worker.ts', import.meta.url),
  data,
  {
    settled: () => parentPort?.postMessage('settled'),
    failed: () => parentPort?.postMessage('failed'),
  },
);
settler.settle();
parentPort?.on('message', (message: 'close' | 'throw') => {
  if (message === 'throw') throw new Error('the parent fails');
  settler.close();
  parentPort?.close();
});
