/**
 * What is told of a content that is too large to be read for every request: its tag and its need
 * of a label, found once for each version and remembered.
 */

import { fileMark, isSettled } from '../model/file-identity.ts';
import type { PageState } from '../model/operation.ts';
import type { ResourceKey } from '../model/resource-key.ts';
import {
  type FileDescriptor,
  type FileStatus,
  type FileSystem,
  modifiedMsOf,
} from './file-system.ts';
import { readStable } from './page-file.ts';
import { identityTag, stateOf } from './page-state.ts';

/** Versions that are remembered: some 200 bytes each. */
const REMEMBERED_MAX = 4_096;

export class ContentFacts {
  readonly #fileSystem: FileSystem;
  readonly #hashBytesMax: number;
  /** By key and identity, least recently used first. */
  readonly #remembered = new Map<string, PageState>();

  /** @param hashBytesMax a content above this is known by its identity alone */
  constructor(fileSystem: FileSystem, hashBytesMax: number) {
    this.#fileSystem = fileSystem;
    this.#hashBytesMax = hashBytesMax;
  }

  /**
   * The state of an open page, with the status that it belongs to; `undefined` when the page keeps
   * changing. Throws `FileError`.
   *
   * @param nowMs the wall clock
   */
  of(
    descriptor: FileDescriptor,
    status: FileStatus,
    key: ResourceKey,
    nowMs: number,
  ): { readonly state: PageState; readonly status: FileStatus } | undefined {
    const name = `${key}\0${fileMark(status.identity)}`;
    const remembered = this.#remembered.get(name);
    if (remembered !== undefined) {
      this.#remembered.delete(name);
      this.#remembered.set(name, remembered);
      return { state: remembered, status };
    }
    const read = readStable(this.#fileSystem, descriptor, status, this.#hashBytesMax);
    if (read === undefined) return undefined;
    const { identity } = read.status;
    const modifiedMs = modifiedMsOf(identity);
    if (read.bytes === undefined) {
      const state = { size: Number(identity.size), modifiedMs, tag: identityTag(identity) };
      return { state, status: read.status };
    }
    const state = stateOf(key, read.bytes, modifiedMs);
    if (isSettled(identity, nowMs)) this.#remember(`${key}\0${fileMark(identity)}`, state);
    return { state, status: read.status };
  }

  #remember(name: string, state: PageState): void {
    this.#remembered.set(name, state);
    if (this.#remembered.size <= REMEMBERED_MAX) return;
    for (const oldest of this.#remembered.keys()) {
      this.#remembered.delete(oldest);
      return;
    }
  }
}
