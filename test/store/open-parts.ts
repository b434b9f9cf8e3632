/** The publisher, put together as the server does it but for its ledger; for a root that is new. */

import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { StoreOptions } from '../../src/model/messages.ts';
import { Beneath } from '../../src/store/beneath.ts';
import { FilePublisher } from '../../src/store/file-publisher.ts';
import type { FileSystem } from '../../src/store/file-system.ts';
import { HistoryFolder } from '../../src/store/history-folder.ts';
import { ledgerFileName } from '../../src/store/layout.ts';
import type { Ledger } from '../../src/store/ledger/ledger.ts';
import { openLedger } from '../../src/store/ledger/open-ledger.ts';
import { makeStoreFolder } from '../../src/store/open-store.ts';
import { PageChanger } from '../../src/store/page-change.ts';
import { TemporaryFolder } from '../../src/store/temporary.ts';
import { LateLedger } from './late-ledger.ts';

/** Opens the publisher with a ledger that is made of what it opens, by names of files. */
export function openParts(
  options: StoreOptions,
  fileSystem: FileSystem,
  ledgerOf: (open: (name: string) => Ledger) => Ledger,
): { readonly publisher: FilePublisher; close(): void } {
  const { root, portable } = options;
  makeStoreFolder(root, fileSystem);
  const ledger = ledgerOf((name) =>
    openLedger(`${root}/.inkwire/${name}`, options, { fileSystem, clock: systemClock }),
  );
  ledger.forgetLeftOver();
  const beneath = new Beneath(fileSystem, root, portable);
  const temporary = new TemporaryFolder(fileSystem, root, systemRandom);
  const history = new HistoryFolder(fileSystem, root);
  const changer = new PageChanger(fileSystem, history, portable);
  const parts = { fileSystem, beneath, temporary, history, changer, ledger, clock: systemClock };
  const publisher = new FilePublisher(options, parts);
  return {
    publisher,
    close: () => {
      for (const part of [publisher, history, temporary, beneath, ledger]) part.close();
    },
  };
}

/** With a ledger that is written when all is public, while `isLate` says so. */
export function openLate(options: StoreOptions, fileSystem: FileSystem, isLate?: () => boolean) {
  return openParts(
    options,
    fileSystem,
    (open) => new LateLedger(open(ledgerFileName), open('numbering.db'), isLate),
  );
}
