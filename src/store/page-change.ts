/**
 * Makes one prepared change public: the page's name comes to stand for the new file, and nothing
 * that another program has saved meanwhile is destroyed by it.
 *
 * A page is replaced by an exchange of two names, so that the file it displaced is in our hands. If
 * that is not the version which the edit was built on, another program has saved in between: the
 * names are exchanged back. Until that is done a reader may see the page that is withdrawn.
 *
 * Where names cannot be exchanged, the check is a moment older than the rename, and a save in that
 * moment is lost.
 */

import { constants } from 'node:fs';
import { unreachable } from '../base/assert.ts';
import type { FileIdentity, PreparedChange } from '../model/messages.ts';
import { FileError, hasErrno } from './errno.ts';
import {
  closeQuietly,
  type FileDescriptor,
  type FileSystem,
  sameIdentity,
  sameVersion,
} from './file-system.ts';
import type { TemporaryFolder } from './temporary.ts';

/**
 * Opens whatever a name stands for without touching it: a link, a socket or a FIFO too, and without
 * any right to read it. Linux's O_PATH; elsewhere what cannot be opened counts as changed.
 */
const lookFlags =
  (process.platform === 'linux' ? 0o10000000 : constants.O_RDONLY | constants.O_NONBLOCK) |
  constants.O_NOFOLLOW;

/**
 * How often names are exchanged back and forth while another program saves faster than that. Each
 * time it would have to save within some microseconds.
 */
const exchangesMax = 100;

/** What a change came to. */
export type ChangeEnd =
  /** The page is public. `displaced`: the temporary name of the file that it replaced. */
  | { readonly kind: 'changed'; readonly displaced?: string }
  /** The page was not what the edit was built on; it is as the other program left it. */
  | { readonly kind: 'unstable' };

/** The page is public, but the work on it could not be finished. */
export class HalfPublished extends Error {
  override readonly name = 'HalfPublished';
}

export class PageChanger {
  /** Whether names can be exchanged, as far as it was tried. */
  #canExchange: boolean;

  /** @param portable do without the exchange, as on a system that has none */
  constructor(
    readonly fileSystem: FileSystem,
    readonly temporary: TemporaryFolder,
    portable: boolean,
  ) {
    this.#canExchange = !portable;
  }

  /**
   * Changes the page `name` in the open `folder`. Throws `FileError` when nothing was changed, and
   * {@link HalfPublished}.
   */
  change(change: PreparedChange, folder: FileDescriptor, name: string): ChangeEnd {
    switch (change.kind) {
      case 'create':
        this.#create(change.temporary, folder, name);
        return { kind: 'changed' };
      case 'replace':
        return this.#replace(change, folder, name);
      case 'remove':
        return this.#remove(change, folder, name);
      case 'none':
        return { kind: 'changed' };
      default:
        return unreachable(change);
    }
  }

  /** Gives the new page its name, unless something has the name by now (`EEXIST`). */
  #create(temporary: string, folder: FileDescriptor, name: string): void {
    const source = this.temporary.descriptor;
    const rename = (): void => this.fileSystem.renameUnlessTakenat(source, temporary, folder, name);
    if (!this.#tryExchanging(rename)) this.#link(temporary, folder, name);
  }

  /** The same by a second name, which is never given when it is taken. */
  #link(temporary: string, folder: FileDescriptor, name: string): void {
    const source = this.temporary.descriptor;
    try {
      this.fileSystem.linkat(source, temporary, folder, name);
    } catch (error) {
      // Some file systems know no second name: there the check is a moment older than the rename.
      if (!hasErrno(error, 'EPERM', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS')) throw error;
      if (this.#look(folder, name) !== undefined) throw new FileError('EEXIST', 'linkat');
      this.fileSystem.renameat(source, temporary, folder, name);
      return;
    }
    halfDone(() => this.fileSystem.unlinkat(source, temporary));
  }

  #replace(
    change: Extract<PreparedChange, { kind: 'replace' }>,
    folder: FileDescriptor,
    name: string,
  ): ChangeEnd {
    const { temporary, read, file } = change;
    const source = this.temporary.descriptor;
    // The exchange changes the time of change, so that one is compared before it, and nothing else
    // is done between the two.
    if (!this.#is(folder, name, read)) return { kind: 'unstable' };
    const exchange = (): void => this.fileSystem.exchangeat(source, temporary, folder, name);
    try {
      if (!this.#tryExchanging(exchange)) {
        this.fileSystem.renameat(source, temporary, folder, name);
        return { kind: 'changed' };
      }
    } catch (error) {
      // Somebody has removed the page, or the file that was to replace it.
      if (hasErrno(error, 'ENOENT')) return { kind: 'unstable' };
      throw error;
    }
    const displaced = halfDone(() => this.#look(source, temporary));
    if (isVersion(displaced, read)) return { kind: 'changed', displaced: temporary };
    halfDone(() => this.#withdraw(exchange, temporary, file, displaced));
    return { kind: 'unstable' };
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
    temporary: string,
    placed: FileIdentity | undefined,
    held: FileIdentity | undefined,
  ): void {
    let [expected, next] = [placed, held];
    for (let times = 0; times < exchangesMax; times += 1) {
      try {
        exchange();
      } catch (error) {
        // By now the page was removed, and that is newer than all that there was.
        if (hasErrno(error, 'ENOENT')) return;
        throw error;
      }
      const back = this.#look(this.temporary.descriptor, temporary);
      if (expected !== undefined && isVersion(back, expected)) return;
      [expected, next] = [next, back];
    }
    throw new HalfPublished('another program saves the page without end');
  }

  /** Moves the page away, and looks then whether it is the one that was to be removed. */
  #remove(
    change: Extract<PreparedChange, { kind: 'remove' }>,
    folder: FileDescriptor,
    name: string,
  ): ChangeEnd {
    const { read } = change;
    const target = this.temporary.descriptor;
    const displaced = this.temporary.freeName();
    if (!this.#is(folder, name, read)) return { kind: 'unstable' };
    this.fileSystem.renameat(folder, name, target, displaced);
    const moved = halfDone(() => this.#look(target, displaced));
    if (isVersion(moved, read)) return { kind: 'changed', displaced };
    halfDone(() => this.#putBack(displaced, folder, name));
    return { kind: 'unstable' };
  }

  /** Gives a file its name back, unless a newer one has it by now. */
  #putBack(displaced: string, folder: FileDescriptor, name: string): void {
    try {
      this.#create(displaced, folder, name);
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw error;
      this.temporary.remove(displaced);
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
      this.#canExchange = false;
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
    let descriptor: FileDescriptor;
    try {
      descriptor = this.fileSystem.openat(folder, name, lookFlags);
    } catch (error) {
      if (hasErrno(error, 'ENOENT', 'ELOOP', 'EMLINK', 'ENXIO', 'EACCES')) return undefined;
      throw error;
    }
    try {
      return this.fileSystem.fstat(descriptor).identity;
    } finally {
      closeQuietly(this.fileSystem, descriptor);
    }
  }
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
