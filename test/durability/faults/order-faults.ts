/** Servers whose operations have no order, for a fault in one of their parts. */

import type { LockTable } from '../../../src/dispatch/lock-table.ts';
import type { Seams } from '../../../src/server/server.ts';

export const orderFaults = [
  /**
   * Two edits of a page at once: each gets the lock, and the publisher, which would see that the
   * page is not the one that was read, takes what it finds for that.
   */
  'excludes-nobody',
  /** It answers an edit, and publishes it some milliseconds later. */
  'answers-early',
  /** It does not look at conditions. */
  'forgets-conditions',
  /** It answers reads from memory for some milliseconds after it has read the page. */
  'remembers-pages',
] as const;

export type OrderFault = (typeof orderFaults)[number];

export function isOrderFault(name: string | undefined): name is OrderFault {
  return orderFaults.some((fault) => fault === name);
}

/** Grants at once, whoever holds the page. */
const openLocks: LockTable = {
  held: 0,
  acquire: (_key, granted) => granted(),
  release: () => {},
};

export function seamsOf(fault: OrderFault): Seams {
  const commitWorkerUrl = new URL('./order-commit-entry.ts', import.meta.url);
  switch (fault) {
    case 'excludes-nobody':
      return { locks: openLocks, commitWorkerUrl };
    case 'answers-early':
      return { commitWorkerUrl };
    default:
      return {
        storeWorkerUrl: new URL('./order-store-entry.ts', import.meta.url),
        commitWorkerUrl: new URL('../../support/handed-over-commit-entry.ts', import.meta.url),
      };
  }
}
