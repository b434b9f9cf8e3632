/** The executor over files: reads pages, and prepares edits as temporary files. */

import { assert } from '../base/assert.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { type Random, systemRandom } from '../base/random.ts';
import { fileMark } from '../model/file-identity.ts';
import { needsTag } from '../model/judge.ts';
import type { PreparedEdit, PreparedFile, StoreOptions } from '../model/messages.ts';
import {
  type EditOperation,
  type EditOutcome,
  type EditResult,
  type ReadOperation,
  type ReadOutcome,
  type ReadResult,
  type RefusalCode,
  refused,
} from '../model/operation.ts';
import { judgeRead, readInHand } from '../model/page-reading.ts';
import { selectContent } from '../model/selection.ts';
import { Beneath } from './beneath.ts';
import { ContentFacts } from './content-facts.ts';
import { type EditedPage, editPage, type Page, pageOf } from './edit-page.ts';
import { hasErrno, refusalOfError } from './errno.ts';
import {
  closeQuietly,
  type FileDescriptor,
  type FileStatus,
  type FileSystem,
  modifiedMsOf,
} from './file-system.ts';
import { keysOf, unpublished } from './keyed-edits.ts';
import { keyRefusal } from './layout.ts';
import { journaledBytesMax } from './ledger/ledger.ts';
import { FileContent } from './open-content.ts';
import { notAPage, readStable } from './page-file.ts';
import { identityTag, isHtmlKey, stateOf } from './page-state.ts';
import type { Executor, OpenContent, SmallEdits } from './store.ts';
import { TemporaryFolder } from './temporary.ts';

/**
 * A page up to this size is read for an edit without memory of its own: nearly every one. A larger
 * one is too large for a small edit: it would hold up the publisher for a millisecond.
 */
const usualPageBytes = 64 * 1024;

/** What a read comes to. */
interface Reading {
  readonly result: ReadResult;
  readonly stream?: OpenContent;
}

/** A page as an edit finds it. */
interface OldPage {
  readonly page: Page;
  readonly status: FileStatus;
}

/**
 * Opens the served folder, and keeps it open until `close`. Throws `FileError` when it cannot.
 * `makeStoreFolder` has run before, or every edit is refused.
 */
export function createFileExecutor(
  options: StoreOptions,
  fileSystem: FileSystem,
  clock: Clock = systemClock,
  random: Random = systemRandom,
): FileExecutor {
  return new FileExecutor(options, fileSystem, clock, random);
}

export class FileExecutor implements Executor, SmallEdits {
  readonly #options: StoreOptions;
  readonly #fileSystem: FileSystem;
  readonly #clock: Clock;
  readonly #beneath: Beneath;
  readonly #temporary: TemporaryFolder;
  readonly #facts: ContentFacts;
  /**
   * Holds the page that an edit finds, for as long as the edit is prepared: what is handed out is a
   * new page, or what was sent.
   */
  readonly #oldPage = new Uint8Array(new ArrayBuffer(usualPageBytes));

  constructor(options: StoreOptions, fileSystem: FileSystem, clock: Clock, random: Random) {
    this.#options = options;
    this.#fileSystem = fileSystem;
    this.#clock = clock;
    this.#beneath = new Beneath(fileSystem, options.root, options.portable);
    this.#temporary = new TemporaryFolder(fileSystem, options.root, random);
    this.#facts = new ContentFacts(fileSystem, options.hashBytesMax);
  }

  close(): void {
    this.#beneath.close();
    this.#temporary.close();
  }

  read(operation: ReadOperation): {
    readonly outcome: ReadOutcome;
    readonly stream?: OpenContent;
  } {
    const { result, stream } = this.#readPage(operation);
    const outcome: ReadOutcome = { kind: 'read', id: operation.id, result };
    return stream === undefined ? { outcome } : { outcome, stream };
  }

  prepare(operation: EditOperation): EditOutcome | PreparedEdit {
    const end = this.#prepare(operation, Number.MAX_SAFE_INTEGER);
    assert(end !== 'declined', 'a page of any size is taken');
    return end;
  }

  prepareSmall(operation: EditOperation): EditOutcome | PreparedEdit | 'declined' {
    return this.#prepare(operation, usualPageBytes);
  }

  /** @param pageBytesMax a larger page is not read: then it is `declined` */
  #prepare(
    operation: EditOperation,
    pageBytesMax: number,
  ): EditOutcome | PreparedEdit | 'declined' {
    const refusal = keyRefusal(operation.key);
    // No edit of it was ever done, so no idempotency key needs to be looked up.
    if (refusal !== undefined) {
      return { kind: 'edit', id: operation.id, results: refuseAll(operation, refusal) };
    }
    try {
      const old = this.#openOldPage(operation, pageBytesMax);
      if (old === 'declined') return old;
      if (typeof old === 'string') return unpublished(operation, refuseAll(operation, old));
      const edited = editPage(old?.page, operation.edits, {
        key: operation.key,
        insertPageBytesMax: this.#options.insertPageBytesMax,
        hashBytesMax: this.#options.hashBytesMax,
        nowMs: this.#clock.wallMs(),
      });
      return this.#prepareChange(operation, old, edited);
    } catch (error) {
      // Its folder for new pages was removed just now, and is made anew the next time.
      const code = hasErrno(error, 'ENOENT') ? 'unstable' : refusalOfError(error, 'storage');
      return unpublished(operation, refuseAll(operation, code));
    }
  }

  #readPage(operation: ReadOperation): Reading {
    const refusal = keyRefusal(operation.key);
    if (refusal !== undefined) return { result: refused(refusal) };
    let descriptor: FileDescriptor;
    try {
      descriptor = this.#beneath.openToRead(operation.key);
    } catch (error) {
      return { result: refused(refusalOfError(error, 'read')) };
    }
    // The stream keeps the file open; everything else is done with it here.
    let reading: Reading | undefined;
    try {
      reading = this.#readOpen(operation, descriptor);
      return reading;
    } catch (error) {
      return { result: refused(refusalOfError(error, 'storage')) };
    } finally {
      if (reading?.stream === undefined) closeQuietly(this.#fileSystem, descriptor);
    }
  }

  #readOpen(operation: ReadOperation, descriptor: FileDescriptor): Reading {
    const { pageBytesMax = -1 } = operation;
    const bytesMax = Math.max(this.#options.inlineBytesMax, pageBytesMax);
    const opened = this.#fileSystem.fstat(descriptor);
    const refusal = notAPage(opened);
    if (refusal !== undefined) return { result: refused(refusal) };
    const read = readStable(this.#fileSystem, descriptor, opened, bytesMax);
    if (read === undefined) return { result: refused('unstable') };
    if (read.bytes === undefined) return this.#readLarge(operation, descriptor, read.status);
    const modifiedMs = modifiedMsOf(read.status.identity);
    const state = stateOf(operation.key, read.bytes, modifiedMs);
    if (read.bytes.length > pageBytesMax) {
      return { result: readInHand(operation, state, read.bytes, this.#clock.wallMs()) };
    }
    const content = { kind: 'whole', bytes: read.bytes } as const;
    return { result: { kind: 'found', state, content, file: fileMark(read.status.identity) } };
  }

  #readLarge(operation: ReadOperation, descriptor: FileDescriptor, opened: FileStatus): Reading {
    const nowMs = this.#clock.wallMs();
    const known = this.#facts.of(descriptor, opened, operation.key, nowMs);
    if (known === undefined) return { result: refused('unstable') };
    const { state, status } = known;
    const early = judgeRead(operation, state);
    if (early !== undefined) return { result: early };
    if (operation.want === 'metadata') {
      return { result: { kind: 'found', state, content: { kind: 'none' } } };
    }
    const selection = selectContent(operation, state, nowMs);
    if (selection === 'unsatisfiable') return { result: { kind: 'unsatisfiable', state } };
    const stream = new FileContent(this.#fileSystem, descriptor, status.identity);
    const file = { descriptor, size: state.size, modifiedNs: String(status.identity.modifiedNs) };
    const content = { kind: 'open', stream: operation.id, file } as const;
    const result: ReadResult = { kind: 'found', state, content };
    return { result: selection === 'whole' ? result : { ...result, ranges: selection }, stream };
  }

  /** The page as it is; `undefined` when it is missing; a code when it takes no edit at all. */
  #openOldPage(
    operation: EditOperation,
    pageBytesMax: number,
  ): OldPage | RefusalCode | 'declined' | undefined {
    let descriptor: FileDescriptor;
    try {
      descriptor = this.#beneath.openToEdit(operation.key);
    } catch (error) {
      // A name that is too long is missing too, but none such can be created.
      return hasErrno(error, 'ENOENT') ? undefined : refusalOfError(error, 'edit');
    }
    try {
      return this.#readOldPage(operation, descriptor, pageBytesMax);
    } finally {
      closeQuietly(this.#fileSystem, descriptor);
    }
  }

  #readOldPage(
    operation: EditOperation,
    descriptor: FileDescriptor,
    pageBytesMax: number,
  ): OldPage | RefusalCode | 'declined' {
    const status = this.#fileSystem.fstat(descriptor);
    const refusal = notAPage(status);
    if (refusal !== undefined) return refusal;
    if (status.links > 1) return 'hard-links';
    const tagged = operation.edits.some((edit) => needsTag(edit.conditions));
    const bytesMax = this.#bytesNeeded(operation, tagged);
    // What replaces or removes a page unseen needs its identity only, however large it is.
    if (bytesMax === 0) return { page: { state: plainState(status) }, status };
    if (status.identity.size > BigInt(pageBytesMax)) return 'declined';
    const read = readStable(this.#fileSystem, descriptor, status, bytesMax, this.#oldPage);
    if (read === undefined) return 'unstable';
    const state = plainState(read.status);
    if (read.bytes === undefined) {
      const tag = identityTag(read.status.identity);
      return { page: { state: tagged ? { ...state, tag } : state }, status: read.status };
    }
    if (!tagged) return { page: { state, bytes: read.bytes }, status: read.status };
    const { hashBytesMax } = this.#options;
    const page = pageOf(read.bytes, state.modifiedMs, operation.key, hashBytesMax);
    const { tag = identityTag(read.status.identity) } = page.state;
    return { page: { ...page, state: { ...page.state, tag } }, status: read.status };
  }

  /** Up to which size the old page has to be read: for an insert, or for its tag; else 0. */
  #bytesNeeded(operation: EditOperation, tagged: boolean): number {
    const { insertPageBytesMax, hashBytesMax } = this.#options;
    const inserts = operation.edits.some((edit) => edit.kind === 'insert');
    const forInsert = inserts && isHtmlKey(operation.key) ? insertPageBytesMax : 0;
    return Math.max(forInsert, tagged ? hashBytesMax : 0);
  }

  #prepareChange(
    operation: EditOperation,
    old: OldPage | undefined,
    edited: EditedPage,
  ): EditOutcome | PreparedEdit {
    const { id, key } = operation;
    const keys = keysOf(operation);
    const { results, page } = edited;
    // A page that was made and removed again leaves nothing to publish either.
    const nothing = !edited.changed || (old === undefined && page === undefined);
    if (nothing) return unpublished(operation, results);
    const read = old?.status.identity;
    if (page === undefined) {
      assert(read !== undefined, 'a page that never was is removed');
      const temporary = this.#temporary.freeName();
      return { id, key, change: { kind: 'remove', temporary, read }, results, ...keys };
    }
    assert(page.bytes !== undefined, 'an edit made a page without its bytes');
    const { name: temporary, status } = this.#temporary.write(page.bytes, old?.status);
    const file: PreparedFile = {
      ...{ temporary, file: status.identity },
      ...(page.bytes.length <= journaledBytesMax && { content: page.bytes }),
    };
    const change =
      read === undefined
        ? ({ kind: 'create', ...file } as const)
        : ({ kind: 'replace', ...file, read } as const);
    const modifiedMs = modifiedMsOf(status.identity);
    const told = results.map((result) => dated(result, modifiedMs));
    return { id, key, change, results: told, ...keys };
  }
}

/** The state of a page whose content was not looked at. */
function plainState(status: FileStatus): Page['state'] {
  return { size: Number(status.identity.size), modifiedMs: modifiedMsOf(status.identity) };
}

/** The result with the modification time that the published page will have. */
function dated(result: EditResult, modifiedMs: number): EditResult {
  if (result.kind === 'refused' || result.kind === 'removed' || result.kind === 'replayed') {
    return result;
  }
  return { ...result, state: { ...result.state, modifiedMs } };
}

function refuseAll(operation: EditOperation, code: RefusalCode): EditResult[] {
  return operation.edits.map(() => refused(code));
}
