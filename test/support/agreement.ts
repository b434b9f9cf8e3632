/**
 * Whether the pages, the history and the ledger of a root tell the same story: read from the files
 * themselves, by none of the code that wrote them. Nobody edits while it looks.
 */

import { Database } from 'bun:sqlite';
import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Glob } from 'bun';

/** A revision that happened, as it lies in the ledger. */
export interface LedgerRow {
  readonly id: bigint;
  readonly page: bigint;
  /** The path below the root. */
  readonly key: string;
  readonly revision: bigint;
  readonly kind: 'create' | 'insert' | 'replace' | 'remove' | 'outside';
  readonly inode: bigint | null;
  readonly size: bigint | null;
  readonly modified_ns: bigint | null;
  readonly displaces: bigint | null;
  readonly undone: bigint;
  readonly pending: bigint;
}

export interface Circumstances {
  /**
   * Whether other programs save too: then a page may be newer than its last revision, and a saved
   * version that no edit has displaced may be gone.
   */
  readonly othersSave?: boolean;
  /** Whether a server has the root: then nothing says yet that its last group is finished. */
  readonly isServed?: boolean;
  /** As many revisions of a page are kept as this; older ones may be gone. */
  readonly kept?: number;
}

/** All rows of the ledger, in the order of their commits. */
export function ledgerRows(root: string): LedgerRow[] {
  using database = new Database(join(root, '.inkwire/ledger.db'), {
    readonly: true,
    safeIntegers: true,
  });
  return database
    .query<LedgerRow, []>(
      `SELECT edits.*, pages.key, (edits.id > finished AND kind <> 'outside') AS pending
       FROM progress, edits JOIN pages ON pages.id = edits.page ORDER BY edits.id`,
    )
    .all();
}

/** What does not agree, in words; empty when all does. */
export function disagreements(root: string, circumstances: Circumstances = {}): string[] {
  const rows = ledgerRows(root);
  const left = readdirSync(join(root, '.inkwire/tmp')).map((name) => `tmp/${name} was left`);
  const pages = Map.groupBy(rows, ({ page }) => page);
  return [
    ...left,
    ...[...pages.values()].flatMap((ofPage) => new PageStory(root, ofPage, circumstances).faults()),
    ...strangers(root, rows),
  ];
}

/** Versions in the history that no revision tells of, or that are another file than it says. */
function strangers(root: string, rows: readonly LedgerRow[]): string[] {
  const history = join(root, '.inkwire/history');
  const known = new Map(rows.map((row) => [`${row.page}/${row.revision}`, row]));
  return [...new Glob('*/*').scanSync({ cwd: history, dot: true })].flatMap((place) => {
    const row = known.get(place);
    if (row === undefined) return [`history/${place} has no revision`];
    if (row.undone === 1n) return [`history/${place} is of an edit that did not happen`];
    const path = join(history, place);
    // A server may have removed an old one since; of those that must be there others tell.
    if (isFile(path, row) || !existsSync(path)) return [];
    return [`history/${place} is another file`];
  });
}

/** The revisions of one page. */
class PageStory {
  readonly #happened: readonly LedgerRow[];
  readonly #faults: string[] = [];

  constructor(
    readonly root: string,
    readonly rows: readonly LedgerRow[],
    readonly circumstances: Circumstances,
  ) {
    this.#happened = rows.filter(({ undone }) => undone === 0n);
  }

  faults(): readonly string[] {
    const { isServed = false } = this.circumstances;
    for (const row of this.rows) {
      if (!isServed && row.pending === 1n && row.undone === 0n) this.#say(row, 'is pending');
    }
    this.#checkLine();
    this.#checkVersions();
    this.#checkPage();
    return this.#faults;
  }

  /** Each edit follows on what it displaced. */
  #checkLine(): void {
    let before: LedgerRow | undefined;
    for (const row of this.#happened) {
      const isThere = before !== undefined && before.kind !== 'remove';
      if (row.kind === 'outside') {
        if (this.circumstances.othersSave !== true && before !== undefined) {
          this.#say(row, 'tells of another program');
        }
      } else if (row.kind === 'create') {
        // Another program may have removed the page.
        if (isThere && this.circumstances.othersSave !== true)
          this.#say(row, 'creates a page anew');
      } else if (row.displaces !== before?.revision && before !== undefined) {
        this.#say(row, `displaces ${row.displaces} and follows on ${before.revision}`);
      }
      before = row;
    }
  }

  /** What an edit displaced lies in the history. */
  #checkVersions(): void {
    const { kept = Number.POSITIVE_INFINITY } = this.circumstances;
    const recent = this.#happened.slice(-Math.min(kept, this.#happened.length));
    const byRevision = new Map(recent.map((row) => [row.revision, row]));
    for (const { displaces } of recent) {
      const displaced = displaces === null ? undefined : byRevision.get(displaces);
      if (displaced === undefined) continue;
      const path = join(this.root, `.inkwire/history/${displaced.page}/${displaced.revision}`);
      if (!isFile(path, displaced))
        this.#say(displaced, 'was displaced, and is not in the history');
    }
  }

  /** The page is what the last edit left. */
  #checkPage(): void {
    const last = this.#happened.at(-1);
    if (last === undefined || this.circumstances.othersSave === true) return;
    const path = join(this.root, last.key);
    if (last.kind === 'remove') {
      if (existsSync(path)) this.#say(last, 'removed the page, which is there');
    } else if (!isFile(path, last)) this.#say(last, 'is not the page');
    else if (lstatSync(path).nlink !== 1) this.#say(last, 'has a second name');
  }

  #say({ key, revision, kind }: LedgerRow, what: string): void {
    this.#faults.push(`${key}: revision ${revision} (${kind}) ${what}`);
  }
}

/** Whether that file lies there, untouched. */
function isFile(path: string, { inode, size, modified_ns }: LedgerRow): boolean {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return found?.ino === inode && found.size === size && found.mtimeNs === modified_ns;
}
