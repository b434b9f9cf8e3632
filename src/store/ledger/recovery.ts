/**
 * Decides what became of an edit that was pending when the server ended, by what lies where it was
 * at work. Pure: whoever calls has looked, and carries out the steps.
 *
 * The order matters, for a second crash may come in between: first the steps of every unfinished
 * edit, then a sync of what was changed, then `Ledger.settle` for all of them. What is left in
 * `tmp/`, prepared files among it, is removed last of all.
 */

import { AssertionFailed, assert, unreachable } from '../../base/assert.ts';
import { sameFile } from './group-plan.ts';
import type { EditKind, PageIdentity, UnfinishedEdit } from './ledger.ts';

/** What `tmp/<operation>` is. */
export type TemporaryFile =
  | 'missing'
  /** The file that the edit prepared, and nothing else has its name. */
  | 'prepared'
  /** The same, and the page is that file too: it was published by a second name. */
  | 'published'
  /** The page that the edit was built on, or what a power cut has left of it. */
  | 'displaced'
  /** Any other file: another program saved the page just before the edit displaced it. */
  | 'foreign';

/** What has the page's name: the file that the edit prepared, another one, or nothing. */
export type PageFile = 'prepared' | 'other' | 'missing';

/** The files that an edit has to do with. */
type EditFiles = Pick<UnfinishedEdit, 'prepared' | 'displaced'>;

/** What was found of an edit. */
export interface Found {
  readonly temporary: TemporaryFile;
  readonly page: PageFile;
  /** Whether there is a file `history/<page>/<displaces>`; false for a create, which has none. */
  readonly inHistory: boolean;
}

export type RecoveryStep =
  /** Move `tmp/<operation>` to `history/<page>/<displaces>`. */
  | 'move-to-history'
  /** Give `tmp/<operation>` a number by `Ledger.recordOutside`, and move it to `history/`. */
  | 'keep-as-outside'
  /** Move `tmp/<operation>` to the page's name, or, if that is taken, do `keep-as-outside`. */
  | 'put-back'
  /**
   * Remove `history/<page>/<displaces>` if it is the page's own file, whose second name it is;
   * else leave it: it may be all that is left of a version.
   */
  | 'remove-link-in-history';

export interface Decision {
  readonly happened: boolean;
  /** In this order. */
  readonly steps: readonly RecoveryStep[];
}

/**
 * What the file `tmp/<operation>` is to its edit. The prepared file is known by its inode alone: a
 * power cut without syncs may have taken its content, and the device's number may be another one
 * after a restart.
 *
 * @param file what lies at `tmp/<operation>`
 * @param page what has the page's name
 */
export function temporaryOf(
  edit: EditFiles,
  file: PageIdentity | undefined,
  page: PageIdentity | undefined,
): TemporaryFile {
  if (file === undefined) return 'missing';
  if (edit.prepared?.inode === file.inode) {
    return page?.inode === file.inode ? 'published' : 'prepared';
  }
  const displaced = edit.displaced?.identity;
  if (displaced === undefined) return 'foreign';
  return sameFile(file, displaced) || isTornFile(file, displaced) ? 'displaced' : 'foreign';
}

/**
 * Whether a file that was a page may be what a power cut has left of a version: of its content only
 * a part came to the disk, down to nothing, and then its size is smaller. (That all of the size is
 * there and blank is for content to tell.)
 *
 * Its time of modification did come. The content was written before the file got the page's name, a
 * rename makes the kernel write the whole inode down (it sets the time of change), and a journal
 * commits that together with the name or not at all; so where the name is, the time is, exactly.
 * ext4 and XFS were cut off at each of these steps, ext4 with `lazytime` and `data=writeback` too.
 *
 * Who saves the page after that gives it a later time, or one of their own choice, so what has any
 * other time is no torn file. What is left in doubt is a save into the page within the tick of the
 * clock in which its content was written, some milliseconds: what this takes for torn is kept, and
 * is given up only where it holds nothing but parts of the version (`history-repair.ts`).
 */
export function isTornFile(found: PageIdentity, whole: PageIdentity): boolean {
  const isIts = found.inode === whole.inode && found.modifiedNs === whole.modifiedNs;
  return isIts && found.size < whole.size;
}

/** What has the page's name, to its edit. */
export function pageOf(edit: EditFiles, page: PageIdentity | undefined): PageFile {
  if (page === undefined) return 'missing';
  return edit.prepared?.inode === page.inode ? 'prepared' : 'other';
}

/** What became of an edit, and what is left to do for that to be true. */
export function decide(kind: EditKind, found: Found): Decision {
  switch (kind) {
    case 'create':
      return decideCreate(found);
    case 'insert':
    case 'replace':
      return decideReplace(found);
    case 'remove':
      return decideRemove(found);
    default:
      return unreachable(kind);
  }
}

/**
 * A create is a rename that takes no name away, so it displaces nothing. Where its file is nowhere,
 * it may never have come to the disk. If there is a page all the same, another program made it, and
 * that the edit happened before is nothing that anybody could tell from what there is.
 */
function decideCreate({ temporary, page, inHistory }: Found): Decision {
  assert(!inHistory, 'a create displaces nothing, so nothing of it lies in the history');
  switch (temporary) {
    case 'prepared':
      return no();
    case 'published':
      return yes();
    case 'missing':
      return page === 'missing' ? no() : yes();
    case 'displaced':
    case 'foreign':
      // Cannot be. Whatever it is, it is kept, and that the edit happened loses nothing.
      return yes('keep-as-outside');
    default:
      return unreachable(temporary);
  }
}

/**
 * A replacement changes places with the page, or, elsewhere, is renamed over it once that has a
 * second name in the history. Where its file is nowhere and has displaced nothing, it never came to
 * the disk; but somebody may have removed the history.
 */
function decideReplace({ temporary, page, inHistory }: Found): Decision {
  switch (temporary) {
    case 'prepared':
      // The link was made for a rename that did not come: it would be the page's second name.
      return inHistory ? no('remove-link-in-history') : no();
    case 'published':
      // Cannot be: no replacement is published by a second name. But the page is the edit's.
      return yes();
    case 'displaced':
      // Cannot be in both places. Then nothing is overwritten.
      return yes(inHistory ? 'keep-as-outside' : 'move-to-history');
    case 'foreign':
      return yes('keep-as-outside');
    case 'missing':
      return inHistory || page === 'prepared' ? yes() : no();
    default:
      return unreachable(temporary);
  }
}

/** A removal is a rename into the history, and has prepared no file. */
function decideRemove({ temporary, inHistory }: Found): Decision {
  switch (temporary) {
    case 'missing':
      return inHistory ? yes() : no();
    case 'displaced':
      // Cannot be, unless the page was laid there to be looked at: it is gone from its name.
      return yes(inHistory ? 'keep-as-outside' : 'move-to-history');
    case 'foreign':
      // The same with a page that nobody asked to remove.
      return inHistory ? yes('keep-as-outside') : no('put-back');
    case 'prepared':
    case 'published':
      throw new AssertionFailed('a removal prepares no file');
    default:
      return unreachable(temporary);
  }
}

function yes(...steps: readonly RecoveryStep[]): Decision {
  return { happened: true, steps };
}

function no(...steps: readonly RecoveryStep[]): Decision {
  return { happened: false, steps };
}
