/** A thread that starts the history worker, as the commit worker does, and ends when it is told. */

import { systemClock } from '../../../../src/base/clock.ts';
import type { HistoryWorkerData } from '../../../../src/model/messages.ts';
import { startPruner } from '../../../../src/store/history/pruner-link.ts';
import { owner } from '../../../support/owner.ts';

type Data = HistoryWorkerData & { readonly told: SharedArrayBuffer };

const { data, port } = await owner<Data, 'close' | 'throw'>();
/** How many pages were told: written where it can be read when this thread has ended. */
const told = new Int32Array(data.told);
const pruner = startPruner(
  new URL('../../../../workers/history-worker.ts', import.meta.url),
  data,
  {
    isUntouched: () => true,
    pruned: (pages) => Atomics.add(told, 0, pages.length),
    failed: () => Atomics.store(told, 0, -1),
  },
  systemClock,
);
port.on('message', (message) => {
  if (message === 'throw') throw new Error('the parent fails');
  pruner.close();
  port.close();
});
