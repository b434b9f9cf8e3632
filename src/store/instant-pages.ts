/**
 * Reads small pages on the main thread, as far as the kernel has name and content in memory: then a
 * reading takes microseconds, and handing it to a worker takes longer than that.
 *
 * - Nothing here waits for a disk: a name is found, and a content read, only where they lie in
 *   memory (`RESOLVE_CACHED`, `RWF_NOWAIT`), and only on file systems where that asks nobody.
 * - A content belongs to the status that is looked at *after* it was read. A change meanwhile would
 *   have moved the file's stamps, so one whose stamps are old saw none. A young one is a worker's.
 */

import type { Clock } from '../base/clock.ts';
import { fileMark, isSettledAt } from '../model/file-identity.ts';
import type { InstantPage, InstantPages } from '../model/instant-page.ts';
import type { ResourceKey } from '../model/resource-key.ts';
import { InstantCalls } from './instant-calls.ts';
import { stateOf } from './page-state.ts';
import { quickStatusIn, statusIn } from './statx-status.ts';

/** To hash more than this takes longer than to hand it to a worker. */
const pageBytesMax = 16 * 1024;

/** `undefined` where nothing can be read without waiting. */
export function openInstantPages(root: string, clock: Clock): InstantReads | undefined {
  // One byte more, so that a page that fills it is known to be too large.
  const calls = InstantCalls.open(root, pageBytesMax + 1);
  return calls === undefined ? undefined : new InstantReads(calls, clock);
}

export class InstantReads implements InstantPages {
  /** Absent once it is closed. */
  #calls: InstantCalls | undefined;
  readonly #clock: Clock;

  constructor(calls: InstantCalls, clock: Clock) {
    this.#calls = calls;
    this.#clock = clock;
  }

  take(key: ResourceKey): InstantPage | undefined {
    const calls = this.#calls;
    // Such a name may be the store's own folder, in a spelling that the file system folds.
    if (calls === undefined || key.startsWith('.')) return undefined;
    const nowMs = this.#clock.wallMs();
    const descriptor = calls.open(key);
    if (descriptor < 0) return undefined;
    const count = calls.read(descriptor);
    const errno = count < 0 ? calls.errno() : '';
    const isSeen = calls.look(descriptor);
    calls.shut(descriptor);
    if (!isSeen) return undefined;
    if (count >= 0) return pageIn(calls, key, count, nowMs);
    const isUnsupported = errno === 'EOPNOTSUPP' || errno === 'ENOSYS';
    // What cannot tell of one file whether it lies in memory cannot tell it of the next either.
    if (isUnsupported && quickStatusIn(calls.status).isFile) this.close();
    return undefined;
  }

  /** From now on it reads nothing. */
  close(): void {
    this.#calls?.close();
    this.#calls = undefined;
  }
}

/** The page whose bytes were read and whose status was looked at then, if it is whole and old. */
function pageIn(
  calls: InstantCalls,
  key: ResourceKey,
  count: number,
  nowMs: number,
): InstantPage | undefined {
  const { status } = calls;
  const seen = quickStatusIn(status);
  if (!seen.isFile || seen.size !== count || count > pageBytesMax) return undefined;
  if (!isSettledAt(seen.changedSeconds, seen.changedNanoseconds, nowMs)) return undefined;
  const bytes = calls.content.subarray(0, count);
  return {
    bytes,
    state: stateOf(key, bytes, seen.modifiedMs),
    get file() {
      return fileMark(statusIn(status).identity);
    },
  };
}
