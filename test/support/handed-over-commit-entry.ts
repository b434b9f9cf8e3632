/** A commit worker that prepares nothing itself: every edit is handed over by a store worker. */

import type { CommitWorkerData, MainToCommit } from '../../src/model/messages.ts';
import { serveCommit } from '../../src/store/serve-commit.ts';
import { openedPublisher } from './opened-publisher.ts';
import { owner } from './owner.ts';

const {
  data: { store },
  port,
} = await owner<CommitWorkerData, MainToCommit>();
const { publisher, announce, close } = openedPublisher(store);
serveCommit(port, publisher, { announce });
process.once('exit', close);
