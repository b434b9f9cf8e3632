/** A thread that starts the settle worker, as the commit worker does, and ends when it is told. */

import type { SettleWorkerData } from '../../../../src/model/messages.ts';
import { startSettler } from '../../../../src/store/settle/settler-link.ts';
import { owner } from '../../../support/owner.ts';

const { data, port } = await owner<SettleWorkerData, 'close' | 'throw'>();
const settler = startSettler(
  new URL('../../../../workers/settle-worker.ts', import.meta.url),
  data,
  {
    settled: () => port.postMessage('settled'),
    failed: () => port.postMessage('failed'),
  },
);
settler.settle();
port.on('message', (message) => {
  if (message === 'throw') throw new Error('the parent fails');
  settler.close();
  port.close();
});
