/**
 * Reading a page at once, where that needs no waiting: the seam between dispatcher and store.
 */

import type { FileMark } from './file-identity.ts';
import type { PageState } from './operation.ts';
import type { ResourceKey } from './resource-key.ts';

/** A page as it was read just now. */
export interface InstantPage {
  readonly state: PageState;
  /** The whole content; only until the next reading, so whoever keeps it copies it. */
  readonly bytes: Uint8Array;
  /** What its file was, before and after it was read; to be asked before the next reading. */
  readonly file: FileMark;
}

export interface InstantPages {
  /**
   * The page, as a worker would read it now; `undefined` where only a worker can tell: the page is
   * none, is reached over a link, is large or in the making, or does not lie in memory.
   */
  take(key: ResourceKey): InstantPage | undefined;
}
