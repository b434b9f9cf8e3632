/** Which page a name below the served root means: one set of rules for every way to say it. */

import { isKeySegment, type ResourceKey, resourceKey } from './resource-key.ts';

/** The page that stands for its folder. */
export const INDEX_NAME = 'index.html';

/**
 * Folders in a path, the page included. Each costs system calls, and each missing one that a POST
 * makes costs a sync.
 */
const SEGMENTS_MAX = 64;

/** The one folder with a leading dot that is read (RFC 8615). */
const WELL_KNOWN = '.well-known';

export interface PageName {
  readonly key: ResourceKey;
  /** True when the name ends in `/`, so that `key` names the folder's index page. */
  readonly folder: boolean;
  /** True when the page may be read but never written. */
  readonly readOnly: boolean;
}

export type PageNameError =
  /** A character that no name may hold. */
  | 'bad-path'
  /** Well-formed, but nothing of that name is ever served. */
  | 'hidden-path';

/**
 * @param path an absolute path with no coding left in it
 * @param foldsCase whether names that differ in case only are one name where the pages lie
 */
export function takePageName(path: string, foldsCase: boolean): PageName | PageNameError {
  const name = foldsCase ? fold(path) : path;
  const segments = name.slice(1).split('/');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\0-\x1f\x7f\\]/.test(name)) return 'bad-path';
  const folder = segments.at(-1) === '';
  if (folder) segments[segments.length - 1] = INDEX_NAME;
  if (segments.length > SEGMENTS_MAX || !segments.every(isKeySegment)) return 'hidden-path';
  const [first = '', ...below] = segments;
  if (below.some((segment) => segment.startsWith('.'))) return 'hidden-path';
  if (first.startsWith('.') && (first !== WELL_KNOWN || below.length === 0)) return 'hidden-path';
  return { key: resourceKey(segments), folder, readOnly: first === WELL_KNOWN };
}

/**
 * The one spelling that stands for all that such a file system takes for the same name: else a page
 * had several keys, and so several locks. Unicode's simple mapping, as those file systems use it.
 */
function fold(path: string): string {
  return path.toLowerCase().normalize('NFC');
}

/**
 * The absolute path of a page as it stands in `Location` and `Content-Location`: one slash first.
 */
export function pagePath(key: ResourceKey): string {
  return `/${key.split('/').map(encodeURIComponent).join('/')}`;
}
