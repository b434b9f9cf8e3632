/**
 * One look at a page: the revisions that happened, and which of them the page's file is, as they
 * stood at one moment. It may be taken while a server publishes.
 */

import { assert } from '../../base/assert.ts';
import { pauseThread } from '../../base/clock.ts';
import type { EntityTag } from '../../model/entity-tag.ts';
import type { ResourceKey } from '../../model/resource-key.ts';
import { closeQuietly, type FileSystem } from '../file-system.ts';
import { sameFile } from '../ledger/group-plan.ts';
import {
  type LedgerReader,
  type PageIdentity,
  type PastRevision,
  revisionsListed,
} from '../ledger/ledger.ts';
import { decide, pageOf, temporaryOf } from '../ledger/recovery.ts';
import type { VersionFile, VersionFiles } from './version-files.ts';

/** What the page's file is. */
export type PageNow =
  | { readonly kind: 'revision'; readonly revision: number }
  /** No revision: another program has saved it. */
  | { readonly kind: 'outside'; readonly identity: PageIdentity; readonly tag?: EntityTag }
  | { readonly kind: 'missing' };

export interface PageLook {
  /** The newest first. */
  readonly revisions: readonly PastRevision[];
  readonly now: PageNow;
  /** Revisions that may be on their way into the history, and the operations that displace them. */
  readonly moving: ReadonlyMap<number, string>;
}

export interface LookParts {
  readonly fileSystem: FileSystem;
  readonly files: VersionFiles;
  /** Absent where no server has made one yet. */
  readonly ledger: LedgerReader | undefined;
  /** A content up to this size is known by its hash; above, by its file's identity. */
  readonly hashBytesMax: number;
  /** The tag of an open page; `undefined` when that keeps changing. */
  readonly tagOf: (file: VersionFile, key: ResourceKey) => EntityTag | undefined;
}

/**
 * A page that is edited so often that it is another one after each look is read while it moves; it
 * is never far from what was found.
 */
const looksMax = 50;
const lookPauseMs = 5;

/** Throws `FileError` and `LedgerFailed`. */
export function lookAtPage(parts: LookParts, key: ResourceKey): PageLook {
  const open = (): VersionFile | undefined => parts.files.page(key);
  for (let looks = 1; ; looks += 1) {
    const before = identityOf(parts, open);
    const revisions = happenedRevisions(parts, key, before);
    const look = withFile(parts, open, (page) => {
      const after = page?.status.identity;
      const [newest] = revisions;
      const isNewest = newest !== undefined && isFileOf(newest, after);
      // The ledger knows of an edit before its page is public, so a page that stood still while the
      // ledger was asked is one that the ledger knows, or another program's.
      if (!isNewest && !isSame(before, after) && looks < looksMax) return undefined;
      return { revisions, now: nowOf(parts, key, revisions, page), moving: movingOf(revisions) };
    });
    if (look !== undefined) return look;
    pauseThread(lookPauseMs);
  }
}

/** What the last group displaces; any other edit has put away what it did. */
function movingOf(revisions: readonly PastRevision[]): ReadonlyMap<number, string> {
  const moving = new Map<number, string>();
  for (const [index, { state, operation }] of revisions.entries()) {
    const displaced = revisions[index + 1];
    if (state !== 'pending' || operation === undefined || displaced === undefined) continue;
    moving.set(displaced.revision, operation);
  }
  return moving;
}

/** Whether the file has the identity that the ledger knows of the revision. */
export function isFileOf({ version }: PastRevision, file: PageIdentity | undefined): boolean {
  return version !== undefined && file !== undefined && sameFile(version.identity, file);
}

function nowOf(
  { tagOf }: LookParts,
  key: ResourceKey,
  revisions: readonly PastRevision[],
  page: VersionFile | undefined,
): PageNow {
  if (page === undefined) return { kind: 'missing' };
  const { identity } = page.status;
  const known = revisions.find((revision) => isFileOf(revision, identity));
  if (known !== undefined) return { kind: 'revision', revision: known.revision };
  const tag = tagOf(page, key);
  if (tag === undefined) return { kind: 'outside', identity };
  // Saved again as it was, or copied together with its history to another disk.
  const [newest] = revisions;
  if (newest?.version?.tag?.opaque === tag.opaque) {
    return { kind: 'revision', revision: newest.revision };
  }
  return { kind: 'outside', identity, tag };
}

function happenedRevisions(
  parts: LookParts,
  key: ResourceKey,
  page: PageIdentity | undefined,
): PastRevision[] {
  const { ledger } = parts;
  if (ledger === undefined) return [];
  const all: PastRevision[] = [];
  for (;;) {
    const some = ledger.revisions(key, all.at(-1)?.revision);
    all.push(...some);
    if (some.length < revisionsListed) break;
  }
  const known = all.filter(({ state }) => state !== 'undone');
  return known.filter((revision, index) => {
    return revision.state === 'done' || hasHappened(parts, revision, known[index + 1], page);
  });
}

/**
 * What became of an edit of the last group, of which the ledger says only when the next one comes
 * whether it happened: the same as would be found after a crash.
 */
function hasHappened(
  parts: LookParts,
  pending: PastRevision,
  replaced: PastRevision | undefined,
  page: PageIdentity | undefined,
): boolean {
  const { kind, operation, page: number, version } = pending;
  assert(kind !== 'outside' && operation !== undefined, 'only an edit is pending');
  const displaced = kind === 'create' || !replaced?.version ? undefined : replaced;
  const edit = {
    ...(version && { prepared: version.identity }),
    ...(displaced?.version && {
      displaced: { revision: displaced.revision, identity: displaced.version.identity },
    }),
  };
  const { files } = parts;
  const temporary = identityOf(parts, () => files.underWay(operation));
  const keep = (): VersionFile | undefined =>
    displaced === undefined ? undefined : files.kept(number, displaced.revision);
  return decide(kind, {
    temporary: temporaryOf(edit, temporary, page),
    page: pageOf(edit, page),
    inHistory: identityOf(parts, keep) !== undefined,
  }).happened;
}

function identityOf(
  parts: LookParts,
  open: () => VersionFile | undefined,
): PageIdentity | undefined {
  return withFile(parts, open, (file) => file?.status.identity);
}

function withFile<T>(
  { fileSystem }: LookParts,
  open: () => VersionFile | undefined,
  use: (file: VersionFile | undefined) => T,
): T {
  const file = open();
  try {
    return use(file);
  } finally {
    if (file !== undefined) closeQuietly(fileSystem, file.descriptor);
  }
}

function isSame(a: PageIdentity | undefined, b: PageIdentity | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameFile(a, b);
}
