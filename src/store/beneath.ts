/**
 * Opens files and folders beneath the served root, and nothing outside it, not by a race either.
 *
 * On Linux one `openat2` that follows no link at all opens nearly every page; where it meets a
 * link, and everywhere else, the walk of `walk.ts` takes over, which can tell where each link
 * leads.
 */

import { constants } from 'node:fs';
import { assert } from '../base/assert.ts';
import { keySegments, type ResourceKey } from '../model/resource-key.ts';
import { FileError, hasErrno } from './errno.ts';
import { closeQuietly, type FileDescriptor, type FileSystem } from './file-system.ts';
import { keyRefusal } from './layout.ts';
import {
  resolveBeneath,
  resolveNoMagicLinks,
  resolveNoOtherMount,
  resolveNoSymbolicLinks,
} from './linux-abi.ts';
import { openByWalk } from './walk.ts';

/**
 * The kernel answers EAGAIN when a rename crossed the path, and EXDEV, as for another mount, when
 * it took what was found out of the root before that was open. So many crossings are no accident.
 */
const crossedTriesMax = 32;

const readFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
const writeFlags = constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY;
const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY;

const resolveRead = resolveBeneath | resolveNoMagicLinks | resolveNoSymbolicLinks;
const resolveWrite = resolveRead | resolveNoOtherMount;

export class Beneath {
  readonly root: FileDescriptor;
  readonly #fileSystem: FileSystem;
  readonly #rootDevice: bigint;
  readonly #hasOpenat2: boolean;

  /**
   * @param rootPath absolute path of the served folder; it is opened once, here, and stays open
   * @param portable use the walk even where there is an `openat2`
   */
  constructor(fileSystem: FileSystem, rootPath: string, portable: boolean) {
    assert(rootPath.startsWith('/'), `the root is no absolute path: ${rootPath}`);
    this.#fileSystem = fileSystem;
    this.root = fileSystem.open(rootPath, folderFlags, 0);
    try {
      this.#rootDevice = fileSystem.fstat(this.root).identity.device;
      this.#hasOpenat2 = !portable && this.#probe();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    closeQuietly(this.#fileSystem, this.root);
  }

  /** Opens a page to read it; relative links inside the root are followed. Throws `FileError`. */
  openToRead(key: ResourceKey): FileDescriptor {
    assert(keyRefusal(key) === undefined, `no page can have the key ${key}`);
    if (this.#hasOpenat2) {
      try {
        return this.#openat2(key, readFlags, resolveRead);
      } catch (error) {
        if (!hasErrno(error, 'ELOOP')) throw error;
      }
    }
    return this.#walk(keySegments(key), readFlags, true);
  }

  /**
   * Opens a page that is to be changed: through no link, and on the root's own mount. It is opened
   * for writing, though it never is written to: so the kernel says what the page's permissions say.
   */
  openToEdit(key: ResourceKey): FileDescriptor {
    assert(keyRefusal(key) === undefined, `no page can have the key ${key}`);
    if (this.#hasOpenat2) return this.#openat2(key, writeFlags, resolveWrite);
    return this.#onRootDevice(this.#walk(keySegments(key), writeFlags, false));
  }

  /** Opens a folder in which a name is to be changed; no segments mean the root. */
  openFolder(segments: readonly string[]): FileDescriptor {
    if (this.#hasOpenat2) {
      const path = segments.length === 0 ? '.' : segments.join('/');
      return this.#openat2(path, folderFlags, resolveWrite);
    }
    if (segments.length === 0) return this.#fileSystem.openat(this.root, '.', folderFlags);
    return this.#onRootDevice(this.#walk(segments, folderFlags, false));
  }

  #probe(): boolean {
    try {
      closeQuietly(this.#fileSystem, this.#openat2('.', folderFlags, resolveWrite));
      return true;
    } catch (error) {
      // ENOSYS: an older kernel; EPERM: a sandbox that forbids what it does not know.
      if (hasErrno(error, 'ENOSYS', 'EPERM')) return false;
      throw error;
    }
  }

  #openat2(path: string, flags: number, resolve: number): FileDescriptor {
    for (let tries = 1; ; tries += 1) {
      try {
        return this.#fileSystem.openat2(this.root, path, flags, resolve);
      } catch (error) {
        if (!hasErrno(error, 'EAGAIN', 'EXDEV') || tries >= crossedTriesMax) throw error;
      }
    }
  }

  #walk(segments: readonly string[], flags: number, followLinks: boolean): FileDescriptor {
    return openByWalk({
      fileSystem: this.#fileSystem,
      root: this.root,
      segments,
      flags,
      followLinks,
    });
  }

  /** The walk's share of `RESOLVE_NO_XDEV`; a bind mount shows only when the rename fails. */
  #onRootDevice(descriptor: FileDescriptor): FileDescriptor {
    try {
      const { device } = this.#fileSystem.fstat(descriptor).identity;
      if (device === this.#rootDevice) return descriptor;
      throw new FileError('EXDEV', 'walk');
    } catch (error) {
      closeQuietly(this.#fileSystem, descriptor);
      throw error;
    }
  }
}
