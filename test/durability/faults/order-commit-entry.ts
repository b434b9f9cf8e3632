/** A commit worker that breaks the order of operations, in the way that the environment names. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import type {
  CommitWorkerData,
  FileIdentity,
  MainToCommit,
  PreparedChange,
  PreparedEdit,
} from '../../../src/model/messages.ts';
import { serveCommit } from '../../../src/store/serve-commit.ts';
import type { Publisher } from '../../../src/store/store.ts';
import { openedPublisher } from '../../support/opened-publisher.ts';
import { owner } from '../../support/owner.ts';

/** How much later than the answer an edit is published, milliseconds: long beside a read. */
const lateMs = 20;

const {
  data: { store },
  port,
} = await owner<CommitWorkerData, MainToCommit>();
const { publisher: real, close } = openedPublisher(store);

/** Takes the page as it is for the one that was read. */
function unlooking(prepared: PreparedEdit): PreparedEdit {
  const { change, key } = prepared;
  const read = identityOf(join(store.root, key));
  return { ...prepared, change: changeOf(change, read) };
}

function changeOf(change: PreparedChange, read: FileIdentity | undefined): PreparedChange {
  if (change.kind === 'none') return change;
  const { temporary } = change;
  if (change.kind === 'remove') return read === undefined ? { kind: 'none' } : { ...change, read };
  const { file } = change;
  return read === undefined
    ? { kind: 'create', temporary, file }
    : { kind: 'replace', temporary, file, read };
}

function identityOf(path: string): FileIdentity | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (found === undefined) return undefined;
  const { dev: device, ino: inode, size, mtimeNs: modifiedNs, ctimeNs: changedNs } = found;
  return { device, inode, size, modifiedNs, changedNs };
}

const faults: Readonly<Record<string, Publisher>> = {
  'excludes-nobody': {
    publish: (group) => group.flatMap((edit) => real.publish([unlooking(edit)])),
  },
  'answers-early': {
    publish(group) {
      setTimeout(() => real.publish(group), lateMs);
      return group.map(({ id, results }) => ({ kind: 'edit', id, results }));
    },
  },
};

serveCommit(port, faults[process.env['INKWIRE_TEST_FAULT'] ?? ''] ?? real);
process.once('exit', close);
