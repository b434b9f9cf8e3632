/** What the ledger tells of pages and their revisions; also beside a running server. */

import type { ResourceKey } from '../../model/resource-key.ts';
import type { LedgerDatabase, Query } from './database.ts';
import { type KnownPage, type PastRevision, pagesListed, revisionsListed } from './ledger.ts';
import { pageIn, pastRevisionIn } from './rows.ts';

export class LedgerHistory {
  readonly #pages: Query;
  readonly #revisions: Query;

  constructor(database: LedgerDatabase) {
    this.#pages = database.prepare(
      `SELECT id AS page, key FROM pages WHERE key > ? ORDER BY key LIMIT ${pagesListed}`,
    );
    this.#revisions = database.prepare(
      `SELECT * FROM revisions
       WHERE page = (SELECT id FROM pages WHERE key = ?) AND revision < ?
       ORDER BY revision DESC LIMIT ${revisionsListed}`,
    );
  }

  /** The empty key is the root's, which is no page. */
  pages(after = ''): KnownPage[] {
    return this.#pages.all(after).map(pageIn);
  }

  revisions(key: ResourceKey, before = Number.MAX_SAFE_INTEGER): PastRevision[] {
    return this.#revisions.all(key, before).map(pastRevisionIn);
  }
}
