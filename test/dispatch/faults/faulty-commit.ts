/** A commit worker with faults: what it does depends on the name of the page. */

import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommitWorkerData, MainToCommit } from '../../../src/model/messages.ts';
import { refused } from '../../../src/model/operation.ts';
import { MemoryKeys } from '../../../src/store/memory-keys.ts';
import { serveCommit } from '../../../src/store/serve-commit.ts';
import type { Publisher, SmallEdits } from '../../../src/store/store.ts';
import { owner } from '../../support/owner.ts';
import { isSaidUnstable, PlainExecutor, PlainPublisher, waitForGate } from './plain-store.ts';

/** @param prepares whether it takes small edits itself, as the plain store prepares them */
export async function serveFaultyCommit(prepares: boolean): Promise<void> {
  const { data, port } = await owner<CommitWorkerData, MainToCommit>();
  const plain = new PlainPublisher(data.store);
  const known = new MemoryKeys();

  const publisher: Publisher = {
    publish(group) {
      for (const { key, results } of group) {
        if (key === 'commit-exit.html') process.exit(4);
        if (key === 'commit-exit-combined.html' && results.length > 1) process.exit(4);
        if (key === 'commit-throw.html') throw new Error('a bug in the publisher');
        const isCombined = results.length > 1 && key.startsWith('combined-commit-gated');
        if (isCombined || key.startsWith('commit-gated')) waitForGate(data.store.root, key);
      }
      return group.flatMap((prepared) => {
        const { id, key, change, keys = [] } = prepared;
        const { results, repeats } = known.lookUp(prepared);
        if (repeats || change.kind === 'none') return { kind: 'edit', id, results };
        const mayBeUnstable = key.startsWith('commit-') || results.length > 1;
        if (mayBeUnstable && key.includes('commit-') && isSaidUnstable(data.store.root, key)) {
          return { kind: 'edit', id, results: results.map(() => refused('unstable')) };
        }
        // Every publication, so that a test can count them.
        appendFileSync(join(data.store.root, `${key}.published`), `${results.length}\n`);
        known.record(keys, results);
        return plain.publish([{ ...prepared, results }]);
      });
    },
  };
  const plainExecutor = new PlainExecutor(data.store);
  const smallEdits: SmallEdits = { prepareSmall: (operation) => plainExecutor.prepare(operation) };
  serveCommit(port, publisher, prepares ? { smallEdits } : {});

  process.once('exit', () => writeFileSync(join(data.store.root, 'exited-commit'), ''));
}
