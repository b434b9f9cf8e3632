/** Looking at a file again and again without opening it: the seam between cache and store. */

import type { FileIdentity } from './file-identity.ts';
import type { ResourceKey } from './resource-key.ts';

export interface FileWatch {
  /** What the file was when the watch began. */
  readonly identity: FileIdentity;
  /** Whether who opens the page now finds the same version of the same file. */
  holds(): boolean;
}

/**
 * Begins to watch the file of a page; `undefined` when there is none, or when no look at its path
 * can prove what a reader would open.
 */
export type WatchFile = (key: ResourceKey) => FileWatch | undefined;
