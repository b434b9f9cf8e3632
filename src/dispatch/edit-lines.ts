/**
 * Edit lines: who waits for which page, in order of arrival, and which of them are done together.
 *
 * When a waiting insert gets its page's lock, the inserts directly behind it go with it as one
 * operation: one publication, and one sync, for all of them. Inserts only: each is judged against
 * the page as the one before it left it, so the results are those of doing them one by one, and a
 * reader could have missed the versions between. One whose idempotency key an insert before it has
 * is done after that one, when it is known what came of the key.
 */

import type { ResourceKey } from '../model/resource-key.ts';
import type { EditRequest } from './edit-request.ts';
import type { DispatchLimits } from './limits.ts';

export type CombiningLimits = Pick<
  DispatchLimits,
  'combinedEditsMax' | 'combinedContentBytesMax' | 'combinedPageBytesMax'
>;

interface Line {
  last: EditRequest;
  /** The page's size as the last edit left it; `undefined` when that is not known. */
  pageBytes: number | undefined;
}

export class EditLines {
  readonly #limits: CombiningLimits;
  /** Pages that somebody waits for. */
  readonly #lines = new Map<ResourceKey, Line>();

  constructor(limits: CombiningLimits) {
    this.#limits = limits;
  }

  /** Puts the request behind those that wait for its page; before it asks for the lock. */
  join(request: EditRequest): void {
    const line = this.#lines.get(request.key);
    if (line === undefined) {
      this.#lines.set(request.key, { last: request, pageBytes: undefined });
      return;
    }
    line.last.next = request;
    line.last = request;
  }

  /**
   * Takes the request, which has the lock now, out of its line, and with it those that are to be
   * done together with it: in order, itself first.
   */
  leave(first: EditRequest): EditRequest[] {
    const line = this.#lines.get(first.key);
    const together = [first, ...this.#followers(first, line?.pageBytes)];
    if (line !== undefined && together.at(-1) === line.last) this.#lines.delete(first.key);
    // Whoever still holds a request that is done must not hold all that came after it.
    for (const request of together) request.next = undefined;
    return together;
  }

  /** An edit left the page with this size. */
  learn(key: ResourceKey, pageBytes: number): void {
    const line = this.#lines.get(key);
    if (line !== undefined) line.pageBytes = pageBytes;
  }

  /**
   * Without the page's size there are none: what the inserts would build is not bounded then. The
   * edit before has told it, unless it was refused.
   */
  #followers(first: EditRequest, pageBytes: number | undefined): EditRequest[] {
    const followers: EditRequest[] = [];
    if (pageBytes === undefined || first.isAnswered || !insertsOnly(first)) return followers;
    const load = new Load(this.#limits, pageBytes);
    if (!load.tryAdd(first)) return followers;
    for (let next = first.next; next !== undefined; next = next.next) {
      // One that was answered by its deadline is not done, so it is in nobody's way.
      if (!next.isAnswered && !(insertsOnly(next) && load.tryAdd(next))) break;
      followers.push(next);
    }
    return followers;
  }
}

/** How much one operation would have to do, and under which idempotency keys. */
class Load {
  readonly #limits: CombiningLimits;
  #edits = 0;
  #contentBytes = 0;
  /** Size of the page after the edits so far; what markup is set around a content is left out. */
  #pageBytes: number;
  /** The pages that its edits build, one for each, together. */
  #builtBytes = 0;
  readonly #keys = new Set<string>();

  constructor(limits: CombiningLimits, pageBytes: number) {
    this.#limits = limits;
    this.#pageBytes = pageBytes;
  }

  /**
   * Adds the request's edits and returns true, or returns false when that would be too much, or one
   * key twice.
   */
  tryAdd({ edits }: EditRequest): boolean {
    const keys = edits.flatMap(({ idempotency }) => idempotency?.key ?? []);
    if (keys.some((key) => this.#keys.has(key))) return false;
    let contentBytes = 0;
    let builtBytes = 0;
    for (const edit of edits) {
      if (edit.kind !== 'remove') contentBytes += edit.content.length;
      builtBytes += this.#pageBytes + contentBytes;
    }
    const { combinedEditsMax, combinedContentBytesMax, combinedPageBytesMax } = this.#limits;
    const fits =
      this.#edits + edits.length <= combinedEditsMax &&
      this.#contentBytes + contentBytes <= combinedContentBytesMax &&
      this.#builtBytes + builtBytes <= combinedPageBytesMax;
    if (!fits) return false;
    this.#edits += edits.length;
    this.#contentBytes += contentBytes;
    this.#pageBytes += contentBytes;
    this.#builtBytes += builtBytes;
    for (const key of keys) this.#keys.add(key);
    return true;
  }
}

function insertsOnly({ edits }: EditRequest): boolean {
  return edits.every(({ kind }) => kind === 'insert');
}
