/** Opens a root's publisher as the commit worker does, but without the threads of its own. */

import { systemClock } from '../../src/base/clock.ts';
import type { StoreOptions } from '../../src/model/messages.ts';
import { type OpenedPublisher, openPublisher } from '../../src/store/open-publisher.ts';
import { systemFileSystem } from '../../src/store/system-file-system.ts';

/** Throws where somebody else has the root, or its ledger cannot be used. */
export function openedPublisher(store: StoreOptions): Extract<OpenedPublisher, { kind: 'open' }> {
  const opened = openPublisher(store, { fileSystem: systemFileSystem, clock: systemClock });
  if (opened.kind !== 'open') throw new Error(`the store is ${opened.kind}`);
  return opened;
}
