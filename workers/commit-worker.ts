/** The entry point of the commit worker's thread: the only one that publishes. */

import { systemClock } from '../src/base/clock.ts';
import { takeOwner } from '../src/base/own-thread.ts';
import type { CommitToMain, CommitWorkerData, MainToCommit } from '../src/model/messages.ts';
import { createFileExecutor } from '../src/store/file-executor.ts';
import { startPruner } from '../src/store/history/pruner-link.ts';
import { openPublisher } from '../src/store/open-publisher.ts';
import { probeFileSystem } from '../src/store/open-store.ts';
import { serveCommit } from '../src/store/serve-commit.ts';
import { type SettlerOwner, startSettler } from '../src/store/settle/settler-link.ts';
import { canSyncFileSystem } from '../src/store/system-calls.ts';
import { systemFileSystem } from '../src/store/system-file-system.ts';

const historyWorker = new URL('./history-worker.ts', import.meta.url);
const settleWorker = new URL('./settle-worker.ts', import.meta.url);

takeOwner<CommitWorkerData, MainToCommit>(({ store }, port) => {
  const say = (message: CommitToMain): void => port.postMessage(message);
  const syncsWhole = canSyncFileSystem && !store.portable;
  // Before `ready`, and so before the listener opens: what the last run left is settled here.
  const opened = openPublisher(store, {
    fileSystem: systemFileSystem,
    clock: systemClock,
    startPruner: (owner) => startPruner(historyWorker, { store }, owner, systemClock),
    ...(syncsWhole && {
      startSettler: (owner: SettlerOwner) => startSettler(settleWorker, { store }, owner),
    }),
    onNotice: (text) => say({ kind: 'notice', text }),
  });
  switch (opened.kind) {
    case 'held':
      say({ kind: 'root-held', by: opened.by });
      break;
    case 'unusable':
      say({ kind: 'unusable', sentence: opened.sentence });
      break;
    case 'open': {
      const { foldsCase } = probeFileSystem(store.root, systemFileSystem);
      const smallEdits = createFileExecutor(store, systemFileSystem);
      const close = (): void => {
        port.close();
        smallEdits.close();
        // The history worker keeps this thread until it is told to stop.
        opened.close();
      };
      const { publisher, announce } = opened;
      serveCommit({ ...port, close }, publisher, { smallEdits, foldsCase, announce });
      // File descriptors belong to the process: they would outlive the thread.
      process.once('exit', close);
      break;
    }
  }
});
