/** The entry point of the commit worker's thread: the only one that publishes. */

import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../src/base/assert.ts';
import { systemClock } from '../src/base/clock.ts';
import type { CommitToMain, CommitWorkerData } from '../src/model/messages.ts';
import { openPublisher } from '../src/store/open-publisher.ts';
import { probeFileSystem } from '../src/store/open-store.ts';
import { serveCommit } from '../src/store/serve-commit.ts';
import { systemFileSystem } from '../src/store/system-file-system.ts';

assert(parentPort !== null, 'this module is the entry point of a worker thread');
const { store }: CommitWorkerData = workerData;
// Before `ready`, and so before the listener opens: what the last run left is settled here.
const opened = openPublisher(store, { fileSystem: systemFileSystem, clock: systemClock });
switch (opened.kind) {
  case 'held':
    parentPort.postMessage({ kind: 'root-held', by: opened.by } satisfies CommitToMain);
    break;
  case 'unusable':
    parentPort.postMessage({ kind: 'unusable', sentence: opened.sentence } satisfies CommitToMain);
    break;
  case 'open': {
    const { foldsCase } = probeFileSystem(store.root, systemFileSystem);
    serveCommit(parentPort, opened.publisher, foldsCase);
    // File descriptors belong to the process: they would outlive the thread.
    process.once('exit', opened.close);
    break;
  }
}
