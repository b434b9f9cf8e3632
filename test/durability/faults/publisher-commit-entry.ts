/** A commit worker whose publisher does things in the wrong order; see {@link PublisherFault}. */

import type { CommitWorkerData, MainToCommit } from '../../../src/model/messages.ts';
import { ledgerFileName } from '../../../src/store/layout.ts';
import type { Ledger } from '../../../src/store/ledger/ledger.ts';
import { serveCommit } from '../../../src/store/serve-commit.ts';
import type { Publisher } from '../../../src/store/store.ts';
import { systemFileSystem } from '../../../src/store/system-file-system.ts';
import { openLate, openParts } from '../../store/open-parts.ts';
import { openedPublisher } from '../../support/opened-publisher.ts';
import { owner } from '../../support/owner.ts';
import { isArmed } from './file-calls.ts';
import type { PublisherFault } from './publisher-faults.ts';

/** How much later than the answer an edit is published, milliseconds. */
const lateMs = 1_000;

const {
  data: { store },
  port,
} = await owner<CommitWorkerData, MainToCommit>();

const publishers: Readonly<Record<PublisherFault, () => Publisher>> = {
  'answers-first': () => {
    const { publisher } = openedPublisher(store);
    return {
      publish(group) {
        if (!isArmed()) return publisher.publish(group);
        setTimeout(() => publisher.publish(group), lateMs);
        return group.map(({ id, results }) => ({ kind: 'edit', id, results }));
      },
    };
  },
  // For a root that is new; and whatever comes after it is Inkwire as it is.
  'records-late': () => openLate(store, systemFileSystem, isArmed).publisher,
  'settles-unsynced': () => {
    const ledgers: Ledger[] = [];
    const { publisher } = openParts(store, systemFileSystem, (openOne) => {
      const ledger = openOne(ledgerFileName);
      ledgers.push(ledger);
      return ledger;
    });
    return {
      publish(group) {
        const outcomes = publisher.publish(group);
        for (const ledger of isArmed() ? ledgers : []) {
          ledger.beginSettling();
          ledger.endSettling();
          ledger.endJournal();
        }
        return outcomes;
      },
    };
  },
};

const open = Object.entries(publishers).find(
  ([name]) => name === process.env['INKWIRE_TEST_FAULT'],
)?.[1];
if (open === undefined) throw new Error('a fault without a publisher');
serveCommit(port, open());
