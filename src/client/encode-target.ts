/** The target as people write it, with characters of any script, as the bytes that may be sent. */

import { utf8Bytes } from '../base/bytes.ts';

/** `target` with every character beyond ASCII as the percent-encoded bytes of its UTF-8. */
export function encodeTarget(target: string): string {
  return target.replace(/[^\x21-\x7e]+/g, (run) =>
    Array.from(
      utf8Bytes(run),
      (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    ).join(''),
  );
}
