/**
 * Makes one prepared change public: the page's name comes to stand for the new file, and what it
 * stood for goes into the history. Nothing that another program has saved meanwhile is destroyed.
 *
 * A page is replaced by an exchange of two names, so that the file it displaced is in our hands. If
 * that is not the version which the edit was built on, another program has saved in between: the
 * names are exchanged back. Until that is done a reader may see the page that is withdrawn.
 *
 * Where names cannot be exchanged, the old page gets a second name in the history first, and the
 * check is a moment older than the rename: a save in that moment is lost.
 */

import { assert, unreachable } from '../base/assert.ts';
import type { FileIdentity, PreparedChange } from '../model/messages.ts';
import { FileError, hasErrno } from './errno.ts';
import { type FileDescriptor, type FileSystem, sameIdentity, sameVersion } from './file-system.ts';
import type { HistoryFolder, HistoryPlace } from './history-folder.ts';

/**
 * How often names are exchanged back and forth while another program saves faster than that. Each
 * time it would have to save within some microseconds.
 */
const exchangesMax = 100;

/** A change that has something to publish. */
export type PublicChange = Exclude<PreparedChange, { kind: 'none' }>;

/** Where a change takes place. */
export interface ChangePlace {
  /** The open folder for temporary files. */
  readonly temporary: FileDescriptor;
  /** The page's open folder. */
  readonly folder: FileDescriptor;
  /** The page's name in it. */
  readonly name: string;
  /** Where the version that is displaced goes; its folder is there. Absent for a create. */
  readonly displaces?: HistoryPlace;
}

/** What a change came to. */
export type ChangeEnd =
  | { readonly kind: 'changed' }
  /**
   * The page was not what the edit was built on; it is as the other program left it. `left`: an
   * older save of that program, which lies under the temporary name now and belongs to the history.
   */
  | { readonly kind: 'unstable'; readonly left?: FileIdentity };

/** Something was made public, and the work on it could not be finished. */
export class HalfPublished extends Error {
  override readonly name = 'HalfPublished';
}

export class PageChanger {
  /** Whether names can be exchanged, as far as it was tried. */
  #canExchange: boolean;

  /** @param portable do without the exchange, as on a system that has none */
  constructor(
    readonly fileSystem: FileSystem,
    readonly history: HistoryFolder,
    portable: boolean,
  ) {
    this.#canExchange = !portable;
  }

  /** Throws `FileError` when nothing was changed in the end, and {@link HalfPublished}. */
  change(change: PublicChange, place: ChangePlace): ChangeEnd {
    switch (change.kind) {
      case 'create':
        this.giveName(change.temporary, place);
        return { kind: 'changed' };
      case 'replace':
        return this.#replace(change, place);
      case 'remove':
        return this.#remove(change, place);
      default:
        return unreachable(change);
    }
  }

  /** Makes a temporary file the page, unless something has the name by now (`EEXIST`). */
  giveName(temporary: string, place: ChangePlace): void {
    const { temporary: source, folder, name } = place;
    const rename = (): void => this.fileSystem.renameUnlessTakenat(source, temporary, folder, name);
    if (!this.#tryExchanging(rename)) this.#link(temporary, place);
  }

  /** The same by a second name, which is never given when it is taken. */
  #link(temporary: string, { temporary: source, folder, name }: ChangePlace): void {
    try {
      this.fileSystem.linkat(source, temporary, folder, name);
    } catch (error) {
      if (!knowsNoLinks(error)) throw error;
      // There the check is a moment older than the rename.
      if (this.#look(folder, name) !== undefined) throw new FileError('EEXIST', 'linkat');
      this.fileSystem.renameat(source, temporary, folder, name);
      return;
    }
    halfDone(() => this.fileSystem.unlinkat(source, temporary));
  }

  #replace(change: Extract<PublicChange, { kind: 'replace' }>, place: ChangePlace): ChangeEnd {
    const { temporary, read, file } = change;
    const { temporary: source, folder, name, displaces } = place;
    assert(displaces !== undefined, 'what a replacement displaces has a place');
    // The exchange changes the time of change, so that one is compared before it, and nothing else
    // is done between the two.
    if (!this.#is(folder, name, read)) return { kind: 'unstable' };
    const exchange = (): void => this.fileSystem.exchangeat(source, temporary, folder, name);
    try {
      if (!this.#tryExchanging(exchange)) return this.#replaceByRename(change, place, displaces);
    } catch (error) {
      // Somebody has removed the page, or the file that was to replace it.
      if (hasErrno(error, 'ENOENT')) return { kind: 'unstable' };
      throw error;
    }
    const displaced = halfDone(() => this.#look(source, temporary));
    if (!isVersion(displaced, read)) {
      return halfDone(() => this.#withdraw(exchange, place, temporary, file, displaced));
    }
    try {
      this.history.take(source, temporary, displaces);
      return { kind: 'changed' };
    } catch (error) {
      // No room in the history: then the edit does not happen.
      const end = halfDone(() => this.#withdraw(exchange, place, temporary, file, displaced));
      if (end.left !== undefined) return end;
      throw error;
    }
  }

  #replaceByRename(
    change: Extract<PublicChange, { kind: 'replace' }>,
    place: ChangePlace,
    displaces: HistoryPlace,
  ): ChangeEnd {
    const { temporary, read } = change;
    const { temporary: source, folder, name } = place;
    try {
      this.history.link(folder, name, displaces);
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return { kind: 'unstable' };
      if (!knowsNoLinks(error)) throw error;
      // Such a file system has no history.
      this.fileSystem.renameat(source, temporary, folder, name);
      return { kind: 'changed' };
    }
    const kept = halfDone(() => this.history.find(displaces)?.identity);
    const current = halfDone(() => this.#look(folder, name));
    if (!isVersion(kept, read) || !isVersion(current, read)) {
      halfDone(() => this.history.remove(displaces));
      return { kind: 'unstable' };
    }
    try {
      this.fileSystem.renameat(source, temporary, folder, name);
      return { kind: 'changed' };
    } catch (error) {
      halfDone(() => this.history.remove(displaces));
      throw error;
    }
  }

  /**
   * Exchanges back until the newest file of the other program is the page: until what comes back
   * is just what was put there, for anything else was saved in between, and is newer.
   *
   * @param placed what was made the page
   * @param held what the exchange brought, and is to be the page again
   */
  #withdraw(
    exchange: () => void,
    { temporary: source }: ChangePlace,
    temporary: string,
    placed: FileIdentity,
    held: FileIdentity | undefined,
  ): Extract<ChangeEnd, { kind: 'unstable' }> {
    let [expected, next]: (FileIdentity | undefined)[] = [placed, held];
    for (let times = 0; times < exchangesMax; times += 1) {
      try {
        exchange();
      } catch (error) {
        if (!hasErrno(error, 'ENOENT')) throw error;
        // By now the page was removed, and that is newer than all that there was; or it is the file
        // to be put back that is gone, and what was put there stays.
        if (this.#look(source, temporary) !== undefined) return leftBy(next, placed);
        throw new HalfPublished('the file that the edit displaced is gone');
      }
      const back = this.#look(source, temporary);
      if (expected !== undefined && isVersion(back, expected)) return leftBy(back, placed);
      [expected, next] = [next, back];
    }
    throw new HalfPublished('another program saves the page without end');
  }

  /** Moves the page away, and looks then whether it is the one that was to be removed. */
  #remove(change: Extract<PublicChange, { kind: 'remove' }>, place: ChangePlace): ChangeEnd {
    const { temporary: operation, read } = change;
    const { temporary: target, folder, name, displaces } = place;
    assert(displaces !== undefined, 'what a removal displaces has a place');
    if (!this.#is(folder, name, read)) return { kind: 'unstable' };
    this.fileSystem.renameat(folder, name, target, operation);
    const moved = halfDone(() => this.#look(target, operation));
    if (!isVersion(moved, read)) return halfDone(() => this.#putBack(operation, place, moved));
    try {
      this.history.take(target, operation, displaces);
      return { kind: 'changed' };
    } catch (error) {
      const end = halfDone(() => this.#putBack(operation, place, moved));
      if (end.left !== undefined) return end;
      throw error;
    }
  }

  /** Gives a file its name back, unless a newer one has it by now. */
  #putBack(
    operation: string,
    place: ChangePlace,
    moved: FileIdentity | undefined,
  ): Extract<ChangeEnd, { kind: 'unstable' }> {
    try {
      this.giveName(operation, place);
      return { kind: 'unstable' };
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw error;
      return moved === undefined ? { kind: 'unstable' } : { kind: 'unstable', left: moved };
    }
  }

  /** Runs a call of the exchanging kind; false when this system or file system has none. */
  #tryExchanging(call: () => void): boolean {
    if (!this.#canExchange) return false;
    try {
      call();
      return true;
    } catch (error) {
      if (!hasErrno(error, 'ENOSYS', 'EINVAL', 'EOPNOTSUPP')) throw error;
      // The others may be about this name alone, which no file system there can have.
      if (hasErrno(error, 'ENOSYS')) this.#canExchange = false;
      return false;
    }
  }

  /** Whether the name still stands for that version, untouched. */
  #is(folder: FileDescriptor, name: string, read: FileIdentity): boolean {
    const found = this.#look(folder, name);
    return found !== undefined && sameIdentity(found, read);
  }

  /** What the name stands for; `undefined` for nothing, and for what cannot be looked at. */
  #look(folder: FileDescriptor, name: string): FileIdentity | undefined {
    try {
      return this.fileSystem.statat(folder, name).identity;
    } catch (error) {
      if (hasErrno(error, 'ENOENT', 'ELOOP', 'EMLINK', 'ENXIO', 'EACCES')) return undefined;
      throw error;
    }
  }
}

/** Some file systems know no second name for a file. */
function knowsNoLinks(error: unknown): boolean {
  return hasErrno(error, 'EPERM', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS');
}

/** @param back what lies under the temporary name in the end */
function leftBy(
  back: FileIdentity | undefined,
  prepared: FileIdentity,
): Extract<ChangeEnd, { kind: 'unstable' }> {
  const isForeign = back !== undefined && !isVersion(back, prepared);
  return isForeign ? { kind: 'unstable', left: back } : { kind: 'unstable' };
}

/** Runs what follows the change of a name: a failure leaves something public. */
function halfDone<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof FileError) throw new HalfPublished(error.message);
    throw error;
  }
}

function isVersion(found: FileIdentity | undefined, version: FileIdentity): boolean {
  return found !== undefined && sameVersion(found, version);
}
