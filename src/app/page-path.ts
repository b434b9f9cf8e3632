/** From the path of a request target to the page it names (design: paths), or why it names none. */

import { takeUtf8 } from '../base/bytes.ts';
import { isKeySegment, type ResourceKey, resourceKey } from '../model/resource-key.ts';

/** The page that stands for its folder. */
export const INDEX_NAME = 'index.html';

/**
 * Folders in a path, the page included. Each costs system calls, and each missing one that a POST
 * makes costs a sync.
 */
const SEGMENTS_MAX = 64;

/** The one folder with a leading dot that is read (RFC 8615). */
const WELL_KNOWN = '.well-known';

export interface PagePath {
  readonly key: ResourceKey;
  /** True when the target ends in `/`, so that `key` names the folder's index page. */
  readonly folder: boolean;
  /** True when the page may be read but never written. */
  readonly readOnly: boolean;
}

export type PagePathError =
  /** Percent-encoding that is broken, hides a slash, or hides what no name may hold: 400. */
  | 'bad-path'
  /** Well-formed, but nothing of that name is ever served: 404. */
  | 'hidden-path';

/**
 * @param path an absolute path, still percent-encoded, without its query
 * @param foldsCase whether names that differ in case only are one name where the pages lie
 */
export function takePagePath(path: string, foldsCase: boolean): PagePath | PagePathError {
  const spelled = decodeOnce(path);
  if (spelled === undefined) return 'bad-path';
  const decoded = foldsCase ? fold(spelled) : spelled;
  const segments = decoded.slice(1).split('/');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\0-\x1f\x7f\\]/.test(decoded)) return 'bad-path';
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

/** One decode, never two: what is decoded twice can hide anything. `undefined` when malformed. */
function decodeOnce(path: string): string | undefined {
  if (!path.includes('%')) return path;
  if (/%(?![0-9A-Fa-f]{2})/.test(path) || /%2f/i.test(path)) return undefined;
  const bytes = Uint8Array.from(
    path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    (character) => character.charCodeAt(0),
  );
  return takeUtf8(bytes);
}

/**
 * The absolute path of a page as it stands in `Location` and `Content-Location`: one slash first.
 */
export function pagePath(key: ResourceKey): string {
  return `/${key.split('/').map(encodeURIComponent).join('/')}`;
}
