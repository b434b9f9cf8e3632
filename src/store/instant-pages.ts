/**
 * Reads small pages on the main thread, as far as the kernel has name and content in memory: then a
 * reading takes microseconds, and handing it to a worker takes longer than that.
 *
 * - Nothing here waits for a disk: a name is found, and a content read, only where they lie in
 *   memory (`RESOLVE_CACHED`, `RWF_NOWAIT`), and only on file systems where that asks nobody.
 * - A content belongs to the status that is looked at *after* it was read. A change meanwhile would
 *   have moved the file's stamps, so one whose stamps are old saw none. A young one is a worker's.
 */

import { latin1Text, writeLatin1 } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { type FileMark, fileMark, isSettledAt } from '../model/file-identity.ts';
import type { InstantPage, InstantPages, ReplyMemory } from '../model/instant-page.ts';
import { type KeyBytes, keyOf, type ResourceKey } from '../model/resource-key.ts';
import { InstantCalls } from './instant-calls.ts';
import { KnownTags, labels, tagLength } from './known-tags.ts';
import { contentTag, isHtmlKey, needsUtf8Label } from './page-state.ts';
import { modifiedMsIn, quickStatusIn, sizeIn, statusIn } from './statx-status.ts';

/** To hash more than this takes longer than to hand it to a worker. */
const pageBytesMax = 16 * 1024;

/** One more, so that a page that fills it is known to be too large. */
const readBytesMax = pageBytesMax + 1;

/** A turn's replies, as a rule; where they are more, some are sent sooner. */
const replyBytes = 1024 ** 2;

/** `undefined` where nothing can be read without waiting. */
export function openInstantPages(root: string, clock: Clock): InstantReads | undefined {
  const calls = InstantCalls.open(root, replyBytes + readBytesMax, readBytesMax);
  return calls === undefined ? undefined : new InstantReads(calls, clock);
}

export class InstantReads implements InstantPages, ReplyMemory {
  readonly bytes: Uint8Array;
  readonly page = {
    size: 0,
    modifiedMs: 0,
    needsUtf8Label: false,
    tagText: new Uint8Array(tagLength),
  };
  readonly readBytesMax = readBytesMax;
  /** Absent once it is closed. */
  #calls: InstantCalls | undefined;
  /** Behind the replies, which may wait there. */
  readonly #content: Uint8Array;
  readonly #status: DataView;
  readonly #clock: Clock;
  readonly #known = new KnownTags();

  constructor(calls: InstantCalls, clock: Clock) {
    this.#calls = calls;
    this.bytes = calls.memory.subarray(0, replyBytes);
    this.#content = calls.memory.subarray(replyBytes);
    this.#status = calls.status;
    this.#clock = clock;
  }

  take(key: ResourceKey): InstantPage | undefined {
    if (!this.takeAt(key, replyBytes)) return undefined;
    const status = this.#status;
    const { size, modifiedMs, needsUtf8Label, tagText } = this.page;
    const tagged = { size, modifiedMs, tag: { weak: false, opaque: latin1Text(tagText) } };
    return {
      state: isHtmlKey(key) ? { ...tagged, needsUtf8Label } : tagged,
      bytes: this.#content.subarray(0, size),
      get file(): FileMark {
        return fileMark(statusIn(status).identity);
      },
    };
  }

  takeAt(key: ResourceKey | KeyBytes, at: number): boolean {
    const calls = this.#calls;
    // Such a name may be the store's own folder, in a spelling that the file system folds.
    if (calls === undefined || (typeof key === 'string' && key.startsWith('.'))) return false;
    const nowMs = this.#clock.wallMs();
    const descriptor = calls.open(key);
    if (descriptor < 0) return false;
    const count = calls.read(descriptor, at);
    const errno = count < 0 ? calls.errno() : '';
    const isSeen = calls.look(descriptor);
    calls.shut(descriptor);
    if (!isSeen) return false;
    if (count >= 0) return this.#learn(calls, key, { at, count, nowMs });
    const isUnsupported = errno === 'EOPNOTSUPP' || errno === 'ENOSYS';
    // What cannot tell of one file whether it lies in memory cannot tell it of the next either.
    if (isUnsupported && quickStatusIn(calls.status).isFile) this.close();
    return false;
  }

  send(socket: number, start: number, end: number): number {
    return Math.max(0, this.#calls?.send(socket, start, end) ?? 0);
  }

  /** From now on it reads nothing. */
  close(): void {
    this.#calls?.close();
    this.#calls = undefined;
  }

  /** Makes `page` what is told of the page that was read, if that is whole and was old. */
  #learn(
    { status, statusWords, memory }: InstantCalls,
    name: ResourceKey | KeyBytes,
    { at, count, nowMs }: Reading,
  ): boolean {
    const { page } = this;
    if (sizeIn(status) !== count || count > pageBytesMax) return false;
    page.size = count;
    page.modifiedMs = modifiedMsIn(status);
    const label = this.#known.find(statusWords, page.tagText);
    if (label !== undefined && (label !== labels.unknown || !isHtmlKey(keyOf(name)))) {
      page.needsUtf8Label = label === labels.utf8;
      return true;
    }
    const key = keyOf(name);
    const seen = quickStatusIn(status);
    if (!seen.isFile) return false;
    if (!isSettledAt(seen.changedSeconds, seen.changedNanoseconds, nowMs)) return false;
    const content = memory.subarray(at, at + count);
    writeLatin1(page.tagText, 0, contentTag(content).opaque);
    page.needsUtf8Label = isHtmlKey(key) && needsUtf8Label(content);
    this.#known.keep(statusWords, page.tagText, labelOf(key, page.needsUtf8Label));
    return true;
  }
}

function labelOf(key: ResourceKey, needsLabel: boolean): number {
  if (!isHtmlKey(key)) return labels.unknown;
  return needsLabel ? labels.utf8 : labels.none;
}

interface Reading {
  /** Where the content stands. */
  readonly at: number;
  /** How many bytes were read. */
  readonly count: number;
  /** The wall clock before it was read. */
  readonly nowMs: number;
}
