/** The names inside the served root that are the store's own, and the keys that name no page. */

import type { RefusalCode } from '../model/operation.ts';
import { keySegments, type ResourceKey } from '../model/resource-key.ts';

/** Holds everything of the store that is no page; never served. */
export const storeFolderName = '.inkwire';

/** Below it: files that an edit prepared and nothing has published yet. */
export const temporaryFolderName = 'tmp';

/** Below it: versions that edits displaced. */
export const historyFolderName = 'history';

/** Below it: the ledger of edits. */
export const ledgerFileName = 'ledger.db';

/** @param root absolute path of the served folder */
export function ledgerPathOf(root: string): string {
  return `${root}/${storeFolderName}/${ledgerFileName}`;
}

/**
 * Whether the first segment of a path names the store's own folder. In any case: a volume may fold
 * it, and no page is lost by refusing the other spellings on one that does not.
 */
export function isStoreFolder(segment: string): boolean {
  return segment.length === storeFolderName.length && segment.toLowerCase() === storeFolderName;
}

/** Why no page can have this key, whatever stands on disk; `undefined` when one can. */
export function keyRefusal(key: ResourceKey): RefusalCode | undefined {
  const [first] = keySegments(key);
  if (first === undefined) return 'is-folder';
  return isStoreFolder(first) ? 'not-found' : undefined;
}
