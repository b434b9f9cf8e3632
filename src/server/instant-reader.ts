/** The seam through which the main thread reads open files: only what needs no waiting for. */

import type { OpenFile } from '../model/operation.ts';

export interface InstantReader {
  /** What was read last lies at its front, until the next reading; nobody may keep it. */
  readonly bytes: Uint8Array;
  /**
   * Reads from `position` on, at most `bytes`, and returns how many came, at least 1. Else:
   *
   * - `absent`: it does not lie in memory now, so somebody has to wait for it.
   * - `unsupported`: whether it does cannot be told, now or later.
   * - `changed`: the file is not any more what was judged, or became shorter.
   */
  readNow(
    file: OpenFile,
    position: number,
    bytes: number,
  ): number | 'absent' | 'unsupported' | 'changed';
}
