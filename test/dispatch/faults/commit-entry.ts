/** A commit worker with faults: what it does depends on the name of the page. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { CommitWorkerData } from '../../../src/model/messages.ts';
import { serveCommit } from '../../../src/store/serve-commit.ts';
import { PlainPublisher, waitForGate } from './plain-store.ts';

if (parentPort === null) throw new Error('not a worker');
const data: CommitWorkerData = workerData;
const plain = new PlainPublisher(data.store);

serveCommit(parentPort, {
  publish(group) {
    for (const { key } of group) {
      if (key === 'commit-exit.html') process.exit(4);
      if (key === 'commit-throw.html') throw new Error('a bug in the publisher');
      if (key.startsWith('commit-gated')) waitForGate(data.store.root, key);
    }
    return plain.publish(group);
  },
});

process.once('exit', () => writeFileSync(join(data.store.root, 'exited-commit'), ''));
