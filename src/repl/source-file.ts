/** Files that a line names: content to send, and mixes of requests. */

import { quoted } from './display.ts';

/**
 * All bytes of a regular file, its path relative to the working directory; else a sentence that
 * says why not.
 */
export async function readSourceFile(path: string, bytesMax: number): Promise<Uint8Array | string> {
  try {
    const file = Bun.file(path);
    const stat = await file.stat();
    // A folder has no bytes; a pipe or a device may have no end, and nothing could stop the read.
    if (!stat.isFile()) return `${quoted(path)} is no regular file`;
    if (file.size > bytesMax) return `${quoted(path)} holds more than ${bytesMax} bytes`;
    return await file.bytes();
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    const said = why === 'ENOENT' ? 'there is no file' : `cannot read (${why}) the file`;
    return `${said} ${quoted(path)}`;
  }
}
