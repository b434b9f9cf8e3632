/** The entry point of the history worker's thread: it removes old versions while others serve. */

import { systemClock } from '../src/base/clock.ts';
import { takeOwner } from '../src/base/own-thread.ts';
import type { CommitToHistory, HistoryWorkerData } from '../src/model/messages.ts';
import { Pruner } from '../src/store/history/pruner.ts';
import { servePruner } from '../src/store/history/serve-pruner.ts';
import { systemFileSystem } from '../src/store/system-file-system.ts';

takeOwner<HistoryWorkerData, CommitToHistory>(({ store }, port) => {
  const pruner = new Pruner({ root: store.root, fileSystem: systemFileSystem }, store);
  servePruner(port, pruner, systemClock);
  // File descriptors belong to the process: they would outlive the thread.
  process.once('exit', () => pruner.close());
});
