/** The entry point of the settle worker's thread: it waits for the disk, so that others do not. */

import { takeOwner } from '../src/base/own-thread.ts';
import type { CommitToSettler, SettleWorkerData } from '../src/model/messages.ts';
import { ledgerPathOf } from '../src/store/layout.ts';
import { checkpoint } from '../src/store/ledger/checkpoint.ts';
import { serveSettler } from '../src/store/settle/serve-settler.ts';
import { systemFileSystem } from '../src/store/system-file-system.ts';

takeOwner<SettleWorkerData, CommitToSettler>(({ store }, port) => {
  const path = ledgerPathOf(store.root);
  const close = serveSettler(port, store.root, systemFileSystem, () => checkpoint(path));
  // File descriptors belong to the process: they would outlive the thread.
  process.once('exit', close);
});
