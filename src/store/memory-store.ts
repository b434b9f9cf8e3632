/**
 * A store in memory, executor and publisher in one: the oracle that the file store is tested
 * against. Folders are implied by keys, and stay when their last page is removed, as they do on
 * disk.
 */

import { assert } from '../base/assert.ts';
import { utf8Bytes } from '../base/bytes.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { judge } from '../model/judge.ts';
import type { FileIdentity, PreparedEdit, StoreOptions } from '../model/messages.ts';
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
import { keySegments, type ResourceKey } from '../model/resource-key.ts';
import { partOf, selectContent } from '../model/selection.ts';
import { editPage, pageOf } from './edit-page.ts';
import { keysOf, unpublished } from './keyed-edits.ts';
import { keyRefusal } from './layout.ts';
import { MemoryKeys } from './memory-keys.ts';
import { identityTag } from './page-state.ts';
import type { Executor, OpenContent, Publisher } from './store.ts';

/** What the common file systems allow a name. */
const segmentBytesMax = 255;

interface StoredPage {
  readonly bytes: Uint8Array;
  readonly modifiedMs: number;
  /** Unlike that of any other version of any page. */
  readonly version: bigint;
}

export type MemoryLimits = Pick<
  StoreOptions,
  'insertPageBytesMax' | 'inlineBytesMax' | 'hashBytesMax'
>;

export class MemoryStore implements Executor, Publisher {
  readonly #limits: MemoryLimits;
  readonly #clock: Clock;
  readonly #pages = new Map<ResourceKey, StoredPage>();
  readonly #folders = new Set<string>();
  readonly #temporaries = new Map<string, StoredPage>();
  readonly #keys = new MemoryKeys();
  #versions = 0n;

  constructor(limits: MemoryLimits, clock: Clock = systemClock) {
    this.#limits = limits;
    this.#clock = clock;
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
    const { id, key, edits } = operation;
    const refusal = this.#refusal(key, 'edit');
    if (refusal !== undefined) {
      const results = edits.map(() => refused(refusal));
      // No edit of such a key was ever done, so no idempotency key needs to be looked up.
      const never = keyRefusal(key) !== undefined;
      return never ? { kind: 'edit', id, results } : unpublished(operation, results);
    }
    const stored = this.#pages.get(key);
    const old = stored && this.#pageOf(stored, key);
    const nowMs = this.#clock.wallMs();
    const edited = editPage(old, edits, { key, nowMs, ...this.#limits });
    const { results, page } = edited;
    if (!edited.changed || (old === undefined && page === undefined)) {
      return unpublished(operation, results);
    }
    const keys = keysOf(operation);
    if (page === undefined) {
      assert(stored !== undefined, 'a page that never was is removed');
      const change = { kind: 'remove', temporary: '', read: identityOf(stored) } as const;
      return { id, key, change, results, ...keys };
    }
    assert(page.bytes !== undefined, 'an edit made a page without its bytes');
    this.#versions += 1n;
    const temporary = String(this.#versions);
    // A copy: what the caller does with its array afterwards changes no page.
    const bytes = page.bytes.slice();
    const prepared = { bytes, modifiedMs: nowMs, version: this.#versions };
    this.#temporaries.set(temporary, prepared);
    const file = identityOf(prepared);
    const change =
      stored === undefined
        ? ({ kind: 'create', temporary, file } as const)
        : ({ kind: 'replace', temporary, file, read: identityOf(stored) } as const);
    return { id, key, change, results, ...keys };
  }

  publish(group: readonly PreparedEdit[]): EditOutcome[] {
    return group.map((prepared) => this.#publish(prepared));
  }

  #publish(prepared: PreparedEdit): EditOutcome {
    const { id, key, change, keys = [] } = prepared;
    const temporary = 'file' in change ? this.#takeTemporary(change.temporary) : undefined;
    const { results, repeats } = this.#keys.lookUp(prepared);
    if (repeats || change.kind === 'none') return { kind: 'edit', id, results };
    const stored = this.#pages.get(key);
    const current = stored === undefined ? undefined : identityOf(stored);
    const read = change.kind === 'create' ? undefined : change.read;
    if (current?.inode !== read?.inode) {
      const unstable: EditResult[] = results.map(() => refused('unstable'));
      return { kind: 'edit', id, results: unstable };
    }
    if (temporary === undefined) {
      this.#pages.delete(key);
    } else {
      this.#pages.set(key, temporary);
      const segments = keySegments(key);
      for (let depth = 1; depth < segments.length; depth += 1) {
        this.#folders.add(segments.slice(0, depth).join('/'));
      }
    }
    const { hashBytesMax } = this.#limits;
    const left = temporary && pageOf(temporary.bytes, temporary.modifiedMs, key, hashBytesMax);
    this.#keys.record(keys, results, left);
    return { kind: 'edit', id, results };
  }

  #takeTemporary(name: string): StoredPage {
    const page = this.#temporaries.get(name);
    assert(page !== undefined, `no prepared page ${name}`);
    this.#temporaries.delete(name);
    return page;
  }

  #readPage(operation: ReadOperation): {
    readonly result: ReadResult;
    readonly stream?: OpenContent;
  } {
    const { id, key, want } = operation;
    const refusal = this.#refusal(key, 'read');
    if (refusal !== undefined) return { result: refused(refusal) };
    const stored = this.#pages.get(key);
    if (stored === undefined) return { result: refused('not-found') };
    const { state } = this.#pageOf(stored, key);
    const judgement = judge(operation.conditions, state, 'read');
    if (judgement === 'not-modified') return { result: { kind: 'not-modified', state } };
    if (judgement === 'precondition-failed') return { result: refused('precondition-failed') };
    if (want === 'metadata') return { result: { kind: 'found', state, content: { kind: 'none' } } };
    const selection = selectContent(operation, state, this.#clock.wallMs());
    const part = partOf(stored.bytes.slice(), selection, state);
    if (part.kind !== 'found' || part.content.kind !== 'whole') return { result: part };
    if (stored.bytes.length <= this.#limits.inlineBytesMax) return { result: part };
    const result: ReadResult = { ...part, content: { kind: 'open', stream: id } };
    return { result, stream: new MemoryContent(stored.bytes) };
  }

  #pageOf(stored: StoredPage, key: ResourceKey) {
    const page = pageOf(stored.bytes, stored.modifiedMs, key, this.#limits.hashBytesMax);
    if (page.state.tag !== undefined) return page;
    return { ...page, state: { ...page.state, tag: identityTag(identityOf(stored)) } };
  }

  /** What a file system would say of the path, whatever is to be done there. */
  #refusal(key: ResourceKey, purpose: 'read' | 'edit'): RefusalCode | undefined {
    const refusal = keyRefusal(key);
    if (refusal !== undefined) return refusal;
    const segments = keySegments(key);
    for (let depth = 1; depth <= segments.length; depth += 1) {
      const path = segments.slice(0, depth).join('/');
      const segment = segments[depth - 1] ?? '';
      if (utf8Bytes(segment).length > segmentBytesMax) return 'not-found';
      const isPage = depth < segments.length && this.#pages.has(path as ResourceKey);
      if (isPage) return purpose === 'read' ? 'not-found' : 'parent-not-folder';
    }
    return this.#folders.has(key) ? 'is-folder' : undefined;
  }
}

function identityOf(page: StoredPage): FileIdentity {
  const modifiedNs = BigInt(Math.floor(page.modifiedMs)) * 1_000_000n;
  return {
    device: 0n,
    inode: page.version,
    size: BigInt(page.bytes.length),
    modifiedNs,
    changedNs: modifiedNs,
  };
}

class MemoryContent implements OpenContent {
  constructor(private readonly bytes: Uint8Array) {}

  tryRead(target: Uint8Array, position: number): boolean {
    target.set(this.bytes.subarray(position, position + target.length));
    return true;
  }

  close(): void {
    // Nothing is open.
  }
}
