/** How far an edit came on its way through a group, and what a failure on the way means to it. */

import { assert } from '../base/assert.ts';
import type { PreparedEdit } from '../model/messages.ts';
import {
  type EditOutcome,
  type EditResult,
  type RefusalCode,
  refused,
} from '../model/operation.ts';
import { FileError, hasErrno, refusalOf } from './errno.ts';
import { SyncFailed } from './folders.ts';
import type { PublicChange } from './page-change.ts';

export type Publication =
  /** Nothing of it is public yet. */
  | { readonly kind: 'waiting' }
  /** The page has its name. */
  | { readonly kind: 'public' }
  /** Nothing is to be published: the ledger knew the keys, or every edit was refused. */
  | { readonly kind: 'answered'; readonly results: readonly EditResult[] }
  /** `left`: whether what lies under its temporary name is to stay there for the next start. */
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly left: boolean };

/** An edit of a group. */
export interface Member {
  readonly prepared: PreparedEdit;
  /** Of its edits; from the ledger where that knows better than the worker. */
  results: readonly EditResult[];
  publication: Publication;
}

/** A member that has something to publish. */
export interface Publishing extends Member {
  readonly prepared: PreparedEdit & { readonly change: PublicChange };
}

export function isPublishing(member: Member): member is Publishing {
  return member.prepared.change.kind !== 'none' && member.publication.kind === 'waiting';
}

export function outcomeOf({ prepared: { id }, results, publication }: Member): EditOutcome {
  switch (publication.kind) {
    case 'public':
      return { kind: 'edit', id, results };
    case 'answered':
      return { kind: 'edit', id, results: publication.results };
    case 'refused': {
      const { code } = publication;
      return { kind: 'edit', id, results: results.map(() => refused(code)) };
    }
    case 'waiting':
      assert(false, 'an edit of a group was left out');
  }
}

/** What a failed step means to the edit; anything but a failed file call is a bug and thrown on. */
export function failureOf(error: unknown, purpose: 'edit' | 'storage'): RefusalCode {
  if (error instanceof SyncFailed) return 'outcome-unknown';
  if (!(error instanceof FileError)) throw error;
  // The page, its folder or what lies in the store's own was removed since it was prepared.
  return error.errno === 'ENOENT' ? 'unstable' : refusalOf(error.errno, purpose);
}

/** Errors of the disk itself, or of the way to it: nobody knows what is on it after them. */
const diskErrors = ['EIO', 'ESTALE', 'EREMOTEIO', 'EUCLEAN', 'ETIMEDOUT'];

/**
 * What a failed change of a name means. The kernel refuses before it changes anything, save for an
 * error of the disk itself.
 */
export function changeFailureOf(error: unknown): RefusalCode {
  const code = failureOf(error, 'edit');
  const isUnknown = code === 'storage-error' && hasErrno(error, ...diskErrors);
  return isUnknown ? 'outcome-unknown' : code;
}
