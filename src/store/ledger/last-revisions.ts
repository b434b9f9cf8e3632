/**
 * The last revision of each page, from memory where it is known, so that an edit of a page that was
 * edited before asks the database nothing.
 */

import type { ResourceKey } from '../../model/resource-key.ts';
import type { LedgerDatabase, Query } from './database.ts';
import type { Revision } from './ledger.ts';
import { numberIn, revisionIn } from './rows.ts';

/** Pages that are kept in memory, some 400 bytes each. */
export const pagesKept = 10_000;

/** A page that has a number. */
export interface PageHead {
  readonly page: number;
  /** The highest revision number that was given, also to an edit that did not happen. */
  readonly highest: number;
  /** The last revision that happened; absent when none did. */
  readonly last?: Revision;
}

export class LastRevisions {
  /** In the order of their last use, the oldest first. */
  readonly #heads = new Map<ResourceKey, PageHead>();
  readonly #page: Query;
  readonly #highest: Query;
  readonly #last: Query;

  constructor(database: LedgerDatabase) {
    this.#page = database.prepare('SELECT id FROM pages WHERE key = ?');
    this.#highest = database.prepare('SELECT max(revision) AS highest FROM edits WHERE page = ?');
    this.#last = database.prepare(
      'SELECT * FROM edits WHERE page = ? AND undone = 0 ORDER BY revision DESC LIMIT 1',
    );
  }

  /** `undefined` for a page that has no number yet. */
  find(key: ResourceKey): PageHead | undefined {
    const head = this.#heads.get(key) ?? this.#read(key);
    if (head !== undefined) this.set(key, head);
    return head;
  }

  set(key: ResourceKey, head: PageHead): void {
    this.#heads.delete(key);
    this.#heads.set(key, head);
    if (this.#heads.size <= pagesKept) return;
    for (const oldest of this.#heads.keys()) {
      this.#heads.delete(oldest);
      break;
    }
  }

  /** What is known of the page may not be true any more. */
  drop(key: ResourceKey): void {
    this.#heads.delete(key);
  }

  #read(key: ResourceKey): PageHead | undefined {
    const found = this.#page.get(key);
    if (found === undefined) return undefined;
    const page = numberIn(found, 'id');
    const given = this.#highest.get(page);
    const highest =
      given === undefined || given['highest'] === null ? 0 : numberIn(given, 'highest');
    const last = this.#last.get(page);
    return { page, highest, ...(last !== undefined && { last: revisionIn(last) }) };
  }
}
