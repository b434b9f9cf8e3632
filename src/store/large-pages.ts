/** Pages that are too large for the journal: these are synced themselves, before their record. */

import { FileSync } from './file-sync.ts';
import type { FileDescriptor, FileSystem } from './file-system.ts';
import { SyncFailed } from './folders.ts';
import { failureOf, type Publishing } from './publication.ts';
import type { StoreHealth } from './store-health.ts';

export class LargePages {
  readonly #sync: FileSync;
  readonly #health: StoreHealth;

  constructor(fileSystem: FileSystem, health: StoreHealth) {
    this.#sync = new FileSync(fileSystem);
    this.#health = health;
  }

  /** Makes durable what is too large for the journal; returns who is left. */
  sync(members: readonly Publishing[], temporary: FileDescriptor): readonly Publishing[] {
    const large = members.filter(isLarge);
    for (const member of large) {
      try {
        this.#sync.file(temporary, member.prepared.change.temporary);
      } catch (error) {
        this.#health.refuse(member, failureOf(error, 'storage'), error instanceof SyncFailed);
      }
    }
    const synced = large.filter(({ publication }) => publication.kind === 'waiting');
    if (synced.length > 0) this.#syncNames(synced, temporary);
    return members.filter(({ publication }) => publication.kind === 'waiting');
  }

  #syncNames(members: readonly Publishing[], temporary: FileDescriptor): void {
    try {
      this.#sync.folder(temporary);
    } catch (error) {
      for (const member of members) {
        this.#health.refuse(member, failureOf(error, 'storage'), error instanceof SyncFailed);
      }
    }
  }
}

/** Whether the prepared file itself has to be synced. */
function isLarge({ prepared: { change } }: Publishing): boolean {
  return change.kind !== 'remove' && change.content === undefined;
}
