/** A commit worker that prepares nothing itself: every edit is handed over by a store worker. */

import { systemClock } from '../../src/base/clock.ts';
import type { CommitWorkerData, MainToCommit } from '../../src/model/messages.ts';
import { openPublisher } from '../../src/store/open-publisher.ts';
import { serveCommit } from '../../src/store/serve-commit.ts';
import { systemFileSystem } from '../../src/store/system-file-system.ts';
import { owner } from './owner.ts';

const {
  data: { store },
  port,
} = await owner<CommitWorkerData, MainToCommit>();
const opened = openPublisher(store, { fileSystem: systemFileSystem, clock: systemClock });
if (opened.kind !== 'open') throw new Error(`the store is ${opened.kind}`);
const { publisher, announce, close } = opened;
serveCommit(port, publisher, { announce });
process.once('exit', close);
