/** The publisher, put together as it is but for a ledger that comes late; for a root that is new. */

import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { StoreOptions } from '../../src/model/messages.ts';
import { Beneath } from '../../src/store/beneath.ts';
import { FilePublisher } from '../../src/store/file-publisher.ts';
import type { FileSystem } from '../../src/store/file-system.ts';
import { HistoryFolder } from '../../src/store/history-folder.ts';
import { openLedger } from '../../src/store/ledger/open-ledger.ts';
import { makeStoreFolder } from '../../src/store/open-store.ts';
import { PageChanger } from '../../src/store/page-change.ts';
import { TemporaryFolder } from '../../src/store/temporary.ts';
import { LateLedger } from './late-ledger.ts';

export function openLatePublisher(
  options: StoreOptions,
  fileSystem: FileSystem,
  isLate?: () => boolean,
): { readonly publisher: FilePublisher; close(): void } {
  const { root, portable } = options;
  makeStoreFolder(root, fileSystem);
  const [real, numbering] = ['ledger.db', 'numbering.db'].map((name) =>
    openLedger(`${root}/.inkwire/${name}`, options, { fileSystem, clock: systemClock }),
  );
  if (real === undefined || numbering === undefined) throw new Error('two ledgers are open');
  const ledger = new LateLedger(real, numbering, isLate);
  const beneath = new Beneath(fileSystem, root, portable);
  const temporary = new TemporaryFolder(fileSystem, root, systemRandom);
  const history = new HistoryFolder(fileSystem, root);
  const changer = new PageChanger(fileSystem, history, portable);
  const parts = { fileSystem, beneath, temporary, history, changer, ledger };
  return {
    publisher: new FilePublisher(options, parts),
    close: () => {
      for (const part of [history, temporary, beneath, ledger]) part.close();
    },
  };
}
