/**
 * Idempotency: what the ledger knows of the keys that edits came with. It is asked here, on the
 * commit thread, and nowhere else, so two requests under one key can never both be done.
 */

import type { PreparedEdit, PreparedKey } from '../model/messages.ts';
import { type EditResult, type PageState, refused } from '../model/operation.ts';
import type { ResourceKey } from '../model/resource-key.ts';
import type { Beneath } from './beneath.ts';
import { pageOf } from './edit-page.ts';
import { FileError } from './errno.ts';
import {
  closeQuietly,
  type FileDescriptor,
  type FileStatus,
  type FileSystem,
  modifiedMsOf,
} from './file-system.ts';
import type { HistoryFolder } from './history-folder.ts';
import { sameFile } from './ledger/group-plan.ts';
import type { FoundKey, Ledger, PageIdentity } from './ledger/ledger.ts';
import { notAPage, readStable } from './page-file.ts';

/** A page above this is not read again for a replay, which is then answered without it. */
const replayBytesMax = 16 << 20;

/** An operation whose keys were looked up, and some were known. */
export interface KnownEdits {
  readonly results: readonly EditResult[];
  /** Whether its change holds an edit that was done before, so that it must not be published. */
  readonly isStale: boolean;
}

export class KnownKeys {
  constructor(
    readonly ledger: Ledger,
    readonly history: HistoryFolder,
    readonly fileSystem: FileSystem,
    readonly beneath: Beneath,
    /** The tag of a larger page was its file's, and is not known any more. */
    readonly hashBytesMax: number,
  ) {}

  /**
   * Between groups. `undefined` when none of the operation's keys is known: then it is as it was
   * prepared.
   */
  lookUp({ results, keys = [] }: PreparedEdit): KnownEdits | undefined {
    const known = new Map<number, EditResult>();
    let isStale = false;
    for (const prepared of keys) {
      const found = this.ledger.findKey(prepared.key);
      if (found === undefined) continue;
      known.set(prepared.place, this.#answer(prepared, found));
      isStale ||= results[prepared.place]?.kind !== 'refused';
    }
    if (known.size === 0) return undefined;
    // What was built together with an edit that is not to be done again is to be built anew.
    const others = (result: EditResult): EditResult => (isStale ? refused('unstable') : result);
    return {
      results: results.map((result, place) => known.get(place) ?? others(result)),
      isStale,
    };
  }

  #answer({ fingerprint, answer }: PreparedKey, found: FoundKey): EditResult {
    const isSame = Buffer.from(fingerprint, 'base64url').equals(found.fingerprint);
    if (!isSame) return refused('key-reused');
    const of = found.result;
    if (of === 'removed') return { kind: 'replayed', of };
    const version = this.#versionOf(found);
    if (version === undefined) return { kind: 'replayed', of };
    const { state, page } = version;
    return answer === 'page'
      ? { kind: 'replayed', of, state, page }
      : { kind: 'replayed', of, state };
  }

  /** The page as the edit left it: in the history, or, while nothing has displaced it, in place. */
  #versionOf({
    page: { page, key },
    revision,
  }: FoundKey): { readonly state: PageState; readonly page: Uint8Array } | undefined {
    const last = this.ledger.revisionOf(key);
    const inPlace = last?.page === page && last.revision === revision ? last.version : undefined;
    const read =
      (inPlace && this.#readPage(key, inPlace.identity)) ??
      this.history.read({ page, revision }, replayBytesMax);
    if (read === undefined) return undefined;
    const modifiedMs = modifiedMsOf(read.status.identity);
    const { state } = pageOf(read.bytes, modifiedMs, key, this.hashBytesMax);
    return { state, page: read.bytes };
  }

  /** The page, if it is still that file. */
  #readPage(
    key: ResourceKey,
    identity: PageIdentity,
  ): { readonly bytes: Uint8Array; readonly status: FileStatus } | undefined {
    let descriptor: FileDescriptor | undefined;
    try {
      descriptor = this.beneath.openToRead(key);
      const opened = this.fileSystem.fstat(descriptor);
      if (notAPage(opened) !== undefined) return undefined;
      const read = readStable(this.fileSystem, descriptor, opened, replayBytesMax);
      if (read?.bytes === undefined) return undefined;
      const { bytes, status } = read;
      return sameFile(status.identity, identity) ? { bytes, status } : undefined;
    } catch (error) {
      if (error instanceof FileError) return undefined;
      throw error;
    } finally {
      if (descriptor !== undefined) closeQuietly(this.fileSystem, descriptor);
    }
  }
}
