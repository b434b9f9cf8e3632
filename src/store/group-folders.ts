/** The folders in which a group's edits change names: each is opened, or made, once. */

import type { PreparedEdit } from '../model/messages.ts';
import { keySegments } from '../model/resource-key.ts';
import { closeQuietly, type FileDescriptor } from './file-system.ts';
import { type FolderMaker, type OpenFolder, openOrMakeFolder, removeFolders } from './folders.ts';

export class GroupFolders {
  readonly #maker: FolderMaker;
  /** By path below the root. */
  readonly #open = new Map<string, OpenFolder>();
  readonly #vain: OpenFolder[] = [];

  constructor(maker: FolderMaker) {
    this.#maker = maker;
  }

  /**
   * The open folder of the edit's page; a create makes it where it is missing. Throws `FileError`,
   * and `SyncFailed` when a new folder's name cannot be synced.
   */
  of({ key, change }: PreparedEdit): FileDescriptor {
    const segments = keySegments(key).slice(0, -1);
    const path = segments.join('/');
    const known = this.#open.get(path);
    if (known !== undefined) return known.descriptor;
    const folder =
      change.kind === 'create'
        ? openOrMakeFolder(this.#maker, segments)
        : { descriptor: this.#maker.beneath.openFolder(segments), made: [] };
    this.#open.set(path, folder);
    return folder.descriptor;
  }

  /** Nothing was put into the folder for this edit: if it was made for it, it goes at the end. */
  giveUp({ key }: PreparedEdit): void {
    const folder = this.#open.get(keySegments(key).slice(0, -1).join('/'));
    if (folder !== undefined && folder.made.length > 0) this.#vain.push(folder);
  }

  close(): void {
    // One that another edit has filled stays, for it is not empty.
    for (const { made } of this.#vain) removeFolders(this.#maker, made);
    for (const { descriptor } of this.#open.values()) {
      closeQuietly(this.#maker.fileSystem, descriptor);
    }
  }
}
