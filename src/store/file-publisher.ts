/**
 * The publisher over files: makes prepared edits durable and public, one after the other.
 *
 * The order is what the promise rests on: the new page is synced, then renamed into place, then the
 * folder is synced, then the edit is acknowledged. A failure before the rename means that the edit
 * did not happen. A failed sync, or any failure after the rename, means that nobody knows, and from
 * then on no edit is taken: a second sync of the same file may say yes to data that is lost.
 */

import { constants } from 'node:fs';
import { assert, unreachable } from '../base/assert.ts';
import { systemRandom } from '../base/random.ts';
import type {
  FileIdentity,
  PreparedChange,
  PreparedEdit,
  StoreOptions,
} from '../model/messages.ts';
import { type EditOutcome, type RefusalCode, refused } from '../model/operation.ts';
import { keySegments } from '../model/resource-key.ts';
import { Beneath } from './beneath.ts';
import { FileError, hasErrno, refusalOf } from './errno.ts';
import { closeQuietly, type FileDescriptor, type FileSystem, sameIdentity } from './file-system.ts';
import {
  type FolderMaker,
  type OpenFolder,
  openOrMakeFolder,
  removeFolders,
  SyncFailed,
  sync,
} from './folders.ts';
import { keyRefusal } from './layout.ts';
import type { Publisher } from './store.ts';
import { TemporaryFolder } from './temporary.ts';

const checkFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
const temporaryFlags = constants.O_RDONLY | constants.O_NOFOLLOW;

/** How far an edit came. */
type Publication = 'published' | RefusalCode;

/** Opens the served folder, and keeps it open until `close`. Throws `FileError` when it cannot. */
export function createFilePublisher(options: StoreOptions, fileSystem: FileSystem): FilePublisher {
  return new FilePublisher(options, fileSystem);
}

export class FilePublisher implements Publisher {
  readonly #fileSystem: FileSystem;
  readonly #beneath: Beneath;
  readonly #temporary: TemporaryFolder;
  readonly #maker: FolderMaker;
  readonly #durable: boolean;
  #readOnly = false;

  constructor(options: StoreOptions, fileSystem: FileSystem) {
    this.#fileSystem = fileSystem;
    this.#durable = options.durability === 'sync';
    this.#beneath = new Beneath(fileSystem, options.root, options.portable);
    this.#temporary = new TemporaryFolder(fileSystem, options.root, systemRandom);
    this.#maker = { fileSystem, beneath: this.#beneath, durable: this.#durable };
  }

  close(): void {
    this.#beneath.close();
    this.#temporary.close();
  }

  publish(prepared: PreparedEdit): EditOutcome {
    assert(keyRefusal(prepared.key) === undefined, `no page can have the key ${prepared.key}`);
    const done = this.#readOnly ? 'read-only' : this.#publish(prepared);
    const { id, results, change } = prepared;
    if (done === 'published') return { kind: 'edit', id, results };
    if (done === 'outcome-unknown') this.#readOnly = true;
    // Its name is nobody else's, so removing it harms nothing, wherever the edit stopped.
    if (change.kind !== 'remove') this.#temporary.remove(change.temporary);
    return { kind: 'edit', id, results: results.map(() => refused(done)) };
  }

  #publish(prepared: PreparedEdit): Publication {
    try {
      this.#syncTemporary(prepared.change);
    } catch (error) {
      return failureOf(error, 'storage');
    }
    let folder: OpenFolder;
    try {
      folder = this.#openFolder(prepared);
    } catch (error) {
      return failureOf(error, 'edit');
    }
    try {
      const done = this.#publishIn(prepared, folder);
      const leftOver = done !== 'published' && done !== 'outcome-unknown';
      if (leftOver) removeFolders(this.#maker, folder.made);
      return done;
    } finally {
      closeQuietly(this.#fileSystem, folder.descriptor);
    }
  }

  #syncTemporary(change: PreparedChange): void {
    if (change.kind === 'remove' || !this.#durable) return;
    const fileSystem = this.#fileSystem;
    const folder = this.#temporary.descriptor;
    const descriptor = fileSystem.openat(folder, change.temporary, temporaryFlags);
    try {
      sync(fileSystem, descriptor);
    } finally {
      closeQuietly(fileSystem, descriptor);
    }
  }

  #openFolder(prepared: PreparedEdit): OpenFolder {
    const segments = keySegments(prepared.key).slice(0, -1);
    if (prepared.change.kind === 'create') return openOrMakeFolder(this.#maker, segments);
    return { descriptor: this.#beneath.openFolder(segments), made: [] };
  }

  #publishIn(prepared: PreparedEdit, folder: OpenFolder): Publication {
    const name = keySegments(prepared.key).at(-1);
    assert(name !== undefined, 'the root is published');
    const { change } = prepared;
    const { descriptor } = folder;
    try {
      if (change.kind !== 'create' && !this.#stillIs(descriptor, name, change.read)) {
        return 'unstable';
      }
    } catch (error) {
      return failureOf(error, 'edit');
    }
    try {
      this.#change(change, descriptor, name);
    } catch (error) {
      return error instanceof HalfPublished ? 'outcome-unknown' : publishFailureOf(error);
    }
    try {
      if (this.#durable) sync(this.#fileSystem, descriptor);
    } catch (error) {
      return failureOf(error, 'edit');
    }
    return 'published';
  }

  #change(change: PreparedChange, folder: FileDescriptor, name: string): void {
    switch (change.kind) {
      case 'create':
        this.#create(change.temporary, folder, name);
        break;
      case 'replace':
        this.#rename(change.temporary, folder, name);
        break;
      case 'remove':
        this.#fileSystem.unlinkat(folder, name);
        break;
      default:
        unreachable(change);
    }
  }

  /** Gives the new page its name, unless something has the name by now (`EEXIST`). */
  #create(temporary: string, folder: FileDescriptor, name: string): void {
    try {
      this.#fileSystem.linkat(this.#temporary.descriptor, temporary, folder, name);
    } catch (error) {
      // Some file systems know no second name: there the check is a moment older than the rename.
      if (!hasErrno(error, 'EPERM', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS')) throw error;
      if (this.#exists(folder, name)) throw new FileError('EEXIST', 'linkat');
      this.#rename(temporary, folder, name);
      return;
    }
    try {
      this.#fileSystem.unlinkat(this.#temporary.descriptor, temporary);
    } catch (error) {
      if (error instanceof FileError) throw new HalfPublished(error.message);
      throw error;
    }
  }

  #rename(temporary: string, folder: FileDescriptor, name: string): void {
    this.#fileSystem.renameat(this.#temporary.descriptor, temporary, folder, name);
  }

  #exists(folder: FileDescriptor, name: string): boolean {
    try {
      closeQuietly(this.#fileSystem, this.#fileSystem.openat(folder, name, checkFlags));
      return true;
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return false;
      if (hasErrno(error, 'ELOOP', 'EMLINK', 'ENXIO', 'EACCES')) return true;
      throw error;
    }
  }

  /** Whether the page is still the version that the edit was built on. */
  #stillIs(folder: FileDescriptor, name: string, read: FileIdentity): boolean {
    let descriptor: FileDescriptor;
    try {
      descriptor = this.#fileSystem.openat(folder, name, checkFlags);
    } catch (error) {
      // Gone, or a link, a socket or an unreadable file stands there by now.
      if (hasErrno(error, 'ENOENT', 'ELOOP', 'EMLINK', 'ENXIO', 'EACCES')) return false;
      throw error;
    }
    try {
      return sameIdentity(this.#fileSystem.fstat(descriptor).identity, read);
    } finally {
      closeQuietly(this.#fileSystem, descriptor);
    }
  }
}

/** The page is public, but the work on it could not be finished. */
class HalfPublished extends Error {
  override readonly name = 'HalfPublished';
}

/** What a failed step means to the edit; anything but a failed file call is a bug and thrown on. */
function failureOf(error: unknown, purpose: 'edit' | 'storage'): RefusalCode {
  if (error instanceof SyncFailed) return 'outcome-unknown';
  if (!(error instanceof FileError)) throw error;
  return refusalOf(error.errno, purpose);
}

/**
 * What a failed rename, link or unlink means. The kernel refuses before it changes anything, save
 * for an error of the disk itself, after which nobody knows what is on it.
 */
function publishFailureOf(error: unknown): RefusalCode {
  const code = failureOf(error, 'edit');
  const definite = code !== 'storage-error' || hasErrno(error, 'EROFS');
  return definite ? code : 'outcome-unknown';
}
