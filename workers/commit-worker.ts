/** The entry point of the commit worker's thread: the only one that publishes. */

import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../src/base/assert.ts';
import type { CommitToMain, CommitWorkerData } from '../src/model/messages.ts';
import { createFilePublisher } from '../src/store/file-publisher.ts';
import { openStoreFolder, probeFileSystem } from '../src/store/open-store.ts';
import { serveCommit } from '../src/store/serve-commit.ts';
import { systemFileSystem } from '../src/store/system-file-system.ts';

assert(parentPort !== null, 'this module is the entry point of a worker thread');
const data: CommitWorkerData = workerData;
// Before `ready`, and so before the first edit. A root that takes no writes can still be read: then
// every edit is refused for the same reason.
const lock = openStoreFolder(data.store, systemFileSystem);
if (lock?.kind === 'held') {
  parentPort.postMessage({ kind: 'root-held', by: lock.by } satisfies CommitToMain);
} else {
  const publisher = createFilePublisher(data.store, systemFileSystem);
  const { foldsCase } = probeFileSystem(data.store.root, systemFileSystem);
  serveCommit(parentPort, publisher, foldsCase);
  // File descriptors belong to the process: they would outlive the thread.
  process.once('exit', () => {
    publisher.close();
    lock?.release();
  });
}
