/** Works out what a group of edits writes into the ledger: numbers, revisions, rows. No I/O. */

import { assert } from '../../base/assert.ts';
import type { ResourceKey } from '../../model/resource-key.ts';
import type { PageHead } from './last-revisions.ts';
import type {
  CommittedEdit,
  KeyedEdit,
  LedgerEntry,
  PageIdentity,
  PageVersion,
  Revision,
} from './ledger.ts';

/** A row of `edits`, and of `pages`. */
export interface PlannedRevision extends Revision {
  readonly id: number;
  readonly key: ResourceKey;
  readonly operation?: string;
  readonly displaces?: number;
  /** What the page holds, and what the page that it displaces was; in the journal only. */
  readonly content?: Uint8Array;
  readonly read?: PageIdentity;
}

/** A row of `keys`. */
export interface PlannedKey extends KeyedEdit, Pick<Revision, 'page' | 'revision' | 'timeMs'> {
  readonly edit: number;
}

/** An edit of the group that is in the making. */
export interface PlannedEdit {
  readonly id: number;
  readonly key: ResourceKey;
  /** What is known of the page if the edit does not happen: its number is used up all the same. */
  readonly without: PageHead;
}

export interface GroupPlan {
  readonly newPages: ReadonlyMap<ResourceKey, number>;
  readonly revisions: readonly PlannedRevision[];
  readonly keys: readonly PlannedKey[];
  readonly heads: ReadonlyMap<ResourceKey, PageHead>;
  /** By operation. */
  readonly edits: ReadonlyMap<string, PlannedEdit>;
  readonly committed: readonly CommittedEdit[];
  readonly next: Counters;
}

/** The next numbers to be given. */
export interface Counters {
  readonly edit: number;
  readonly page: number;
}

const nanosecondsPerMs = 1_000_000n;

/**
 * Whether both are the same version of a page. The device is left out: pages of one root lie on one
 * device, and its number may be another one after a restart of the machine.
 */
export function sameFile(a: PageIdentity, b: PageIdentity): boolean {
  return a.inode === b.inode && a.size === b.size && a.modifiedNs === b.modifiedNs;
}

/** Plans a group. `find` gives what is known of a page. */
export function planGroup(
  entries: readonly LedgerEntry[],
  find: (key: ResourceKey) => PageHead | undefined,
  counters: Counters,
  nowMs: number,
): GroupPlan {
  const plan = new Planner(find, counters);
  for (const entry of entries) plan.add(entry, nowMs);
  return plan;
}

/** Plans the revision of a file that another program saved and an edit displaced. */
export function planOutside(
  key: ResourceKey,
  found: PageVersion,
  find: (key: ResourceKey) => PageHead | undefined,
  counters: Counters,
): GroupPlan {
  const plan = new Planner(find, counters);
  plan.addOutside(key, found);
  return plan;
}

class Planner implements GroupPlan {
  readonly newPages = new Map<ResourceKey, number>();
  readonly revisions: PlannedRevision[] = [];
  readonly keys: PlannedKey[] = [];
  readonly heads = new Map<ResourceKey, PageHead>();
  readonly edits = new Map<string, PlannedEdit>();
  readonly committed: CommittedEdit[] = [];
  readonly #find: (key: ResourceKey) => PageHead | undefined;
  readonly #keyNames = new Set<string>();
  #edit: number;
  #page: number;

  constructor(find: (key: ResourceKey) => PageHead | undefined, counters: Counters) {
    this.#find = find;
    this.#edit = counters.edit;
    this.#page = counters.page;
  }

  get next(): Counters {
    return { edit: this.#edit, page: this.#page };
  }

  add(entry: LedgerEntry, timeMs: number): void {
    const { operation, key, kind } = entry;
    assert(!this.edits.has(operation), `the operation ${operation} is twice in a group`);
    assert(!this.heads.has(key), `the page ${key} is twice in a group`);
    const displaces = kind === 'create' ? undefined : this.#displaced(key, entry.displaced);
    const head = this.#head(key);
    const revision = {
      page: head.page,
      revision: head.highest + 1,
      kind,
      timeMs,
      ...(kind !== 'remove' && { version: entry.prepared }),
    };
    const placed = displaces === undefined ? {} : { displaces };
    const id = this.#put(key, revision, { operation, ...placed, ...journaledOf(entry) });
    const without = { ...head, highest: revision.revision };
    this.edits.set(operation, { id, key, without });
    const { page } = head;
    this.committed.push({ operation, page, revision: revision.revision, ...placed });
    for (const keyed of entry.keys) {
      assert(!this.#keyNames.has(keyed.key), 'an idempotency key is twice in a group');
      this.#keyNames.add(keyed.key);
      this.keys.push({ ...keyed, edit: id, page, revision: revision.revision, timeMs });
    }
  }

  /** Gives a saved file a revision; returns its number. */
  addOutside(key: ResourceKey, version: PageVersion): number {
    const { page, highest } = this.#head(key);
    const timeMs = Number(version.identity.modifiedNs / nanosecondsPerMs);
    const revision = { page, revision: highest + 1, kind: 'outside', timeMs, version } as const;
    this.#put(key, revision, {});
    return revision.revision;
  }

  /** The revision whose file is displaced: the last known one, or one from outside. */
  #displaced(key: ResourceKey, displaced: PageVersion): number {
    const last = this.#find(key)?.last;
    const known = last?.version?.identity;
    const isLast = known !== undefined && sameFile(known, displaced.identity);
    return last !== undefined && isLast ? last.revision : this.addOutside(key, displaced);
  }

  #head(key: ResourceKey): PageHead {
    const known = this.heads.get(key) ?? this.#find(key);
    if (known !== undefined) return known;
    const page = this.#page;
    this.#page += 1;
    this.newPages.set(key, page);
    return { page, highest: 0 };
  }

  #put(
    key: ResourceKey,
    revision: Revision,
    of: Pick<PlannedRevision, 'operation' | 'displaces' | 'content' | 'read'>,
  ): number {
    const id = this.#edit;
    this.#edit += 1;
    this.revisions.push({ ...revision, ...of, id, key });
    this.heads.set(key, { page: revision.page, highest: revision.revision, last: revision });
    return id;
  }
}

/** What only the journal holds of an entry. */
function journaledOf(entry: LedgerEntry): Pick<PlannedRevision, 'content' | 'read'> {
  const content = entry.kind === 'remove' ? undefined : entry.content;
  return {
    ...(content !== undefined && { content }),
    ...(entry.kind !== 'create' && { read: entry.displaced.identity }),
  };
}
