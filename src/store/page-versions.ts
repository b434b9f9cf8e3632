/**
 * Tells which version of a page a file is, by what the journal says of the page's last edits. No
 * I/O.
 */

import { equalBytes } from '../base/bytes.ts';
import type { FileStatus } from './file-system.ts';
import { sameFile } from './ledger/group-plan.ts';
import type { PageIdentity, UnfinishedEdit } from './ledger/ledger.ts';
import { isTornFile } from './ledger/recovery.ts';

/** What has a name. */
export interface FoundFile {
  readonly status: FileStatus;
  /** What it holds, as far as that can be a version of the journal. */
  readonly bytes?: Uint8Array;
}

/** Which version the page is. */
export type FoundVersion =
  | { readonly kind: 'last' }
  /** As it was before it was created, or after it was removed. */
  | { readonly kind: 'none' }
  /**
   * An earlier one, or a torn one: where it is replaced it is kept under that revision, and what is
   * torn is made whole there.
   */
  | { readonly kind: 'kept'; readonly revision: number }
  | { readonly kind: 'foreign' };

/**
 * What has the page's name, to its edits: they are in order, the last one last. Versions are told
 * by their content, and by their file where that is not in the journal or did not come to the disk.
 */
export function versionOf(
  edits: readonly UnfinishedEdit[],
  found: FoundFile | undefined,
): FoundVersion {
  const last = edits.at(-1);
  for (const edit of edits.toReversed()) {
    const isLast = edit === last;
    if (isMadeBy(edit, found, isLast)) return isLast ? { kind: 'last' } : kept(edit, found);
    if (isFoundBy(edit, found)) return kept(edit.displaced, found);
  }
  const revision = found && revisionOf(edits, found.status.identity);
  return revision === undefined ? { kind: 'foreign' } : { kind: 'kept', revision };
}

/** The revision whose file that is, whole or torn. */
export function revisionOf(
  edits: readonly UnfinishedEdit[],
  file: PageIdentity,
): number | undefined {
  const known = edits.flatMap(({ displaced, prepared, revision }) => [
    ...(displaced === undefined ? [] : [displaced]),
    ...(prepared === undefined ? [] : [{ revision, identity: prepared }]),
  ]);
  return known.find(({ identity }) => sameFile(file, identity) || isTornFile(file, identity))
    ?.revision;
}

/** Whether bytes are what may be left of a content: cut off, or blank in places. */
export function isLeftOf(content: Uint8Array, bytes: Uint8Array): boolean {
  return bytes.every((byte, at) => byte === 0 || byte === content[at]);
}

/**
 * Whether the page is as the edit has left it. A version that was replaced since must be the edit's
 * own file: another program may have brought its content back.
 */
function isMadeBy(edit: UnfinishedEdit, found: FoundFile | undefined, isLast: boolean): boolean {
  const { kind, content, prepared } = edit;
  if (kind === 'remove') return found === undefined;
  if (found === undefined || prepared === undefined) return false;
  if (content === undefined) return sameFile(found.status.identity, prepared);
  const isOwn = isLast || found.status.identity.inode === prepared.inode;
  return isOwn && found.bytes !== undefined && equalBytes(found.bytes, content);
}

/** Whether the page is as the edit has found it. */
function isFoundBy(edit: UnfinishedEdit, found: FoundFile | undefined): boolean {
  if (edit.displaced === undefined) return edit.kind === 'create' && found === undefined;
  return found !== undefined && sameFile(found.status.identity, edit.displaced.identity);
}

function kept(
  version: { readonly revision: number } | undefined,
  found: FoundFile | undefined,
): FoundVersion {
  if (version === undefined || found === undefined) return { kind: 'none' };
  return { kind: 'kept', revision: version.revision };
}
