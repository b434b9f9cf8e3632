/** What a store in memory knows of idempotency keys: all of them, for good, with their pages. */

import type { PreparedEdit, PreparedKey } from '../model/messages.ts';
import { type EditDone, type EditResult, type Replayed, refused } from '../model/operation.ts';
import type { Page } from './edit-page.ts';

/** The edit that was done under a key. */
interface KeyedEdit {
  readonly fingerprint: string;
  readonly of: EditDone;
  /** The page that its operation left. */
  readonly left: Page | undefined;
}

/** What the keys of an operation make of its results. */
export interface LookedUp {
  readonly results: readonly EditResult[];
  /** Whether what was prepared would do an edit once more, so that it must not be published. */
  readonly repeats: boolean;
}

export class MemoryKeys {
  readonly #edits = new Map<string, KeyedEdit>();

  lookUp({ results, keys = [] }: PreparedEdit): LookedUp {
    const found = new Map<number, EditResult>();
    for (const key of keys) {
      const known = this.#edits.get(key.key);
      if (known !== undefined) found.set(key.place, resultOf(known, key));
    }
    const repeats = results.some(({ kind }, place) => found.has(place) && kind !== 'refused');
    const others = repeats ? refused('unstable') : undefined;
    return {
      results: results.map((result, place) => found.get(place) ?? others ?? result),
      repeats,
    };
  }

  /** @param left the page as the operation left it */
  record(keys: readonly PreparedKey[], results: readonly EditResult[], left?: Page): void {
    for (const { key, fingerprint, place } of keys) {
      const of = results[place]?.kind;
      if (of === undefined || of === 'refused' || of === 'replayed') continue;
      this.#edits.set(key, { fingerprint, of, left });
    }
  }
}

function resultOf({ fingerprint, of, left }: KeyedEdit, key: PreparedKey): EditResult {
  if (fingerprint !== key.fingerprint) return refused('key-reused');
  const replayed: Replayed = { kind: 'replayed', of };
  if (of === 'removed' || left === undefined) return replayed;
  const { state, bytes } = left;
  if (key.answer === 'minimal' || bytes === undefined) return { ...replayed, state };
  // A copy, for whoever gets it may give it away to another thread.
  return { ...replayed, state, page: bytes.slice() };
}
