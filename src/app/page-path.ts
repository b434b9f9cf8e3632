/** From the path of a request target to the page it names (design: paths), or why it names none. */

import { takeUtf8 } from '../base/bytes.ts';
import { type PageName, type PageNameError, takePageName } from '../model/page-name.ts';

/**
 * `bad-path` (400) is also percent-encoding that is broken, hides a slash, or hides what no name
 * may hold; `hidden-path` is 404.
 *
 * @param path an absolute path, still percent-encoded, without its query
 * @param foldsCase whether names that differ in case only are one name where the pages lie
 */
export function takePagePath(path: string, foldsCase: boolean): PageName | PageNameError {
  const decoded = decodeOnce(path);
  return decoded === undefined ? 'bad-path' : takePageName(decoded, foldsCase);
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
