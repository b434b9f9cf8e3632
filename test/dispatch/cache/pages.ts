/** Pages and their files for tests of the cache, without files. */

import { type FileIdentity, fileMark } from '../../../src/model/file-identity.ts';
import type { FileWatch } from '../../../src/model/file-watch.ts';
import { type ResourceKey, resourceKey } from '../../../src/model/resource-key.ts';

/** The wall clock when the files of these tests were last changed. */
export const CHANGED_MS = 1_700_000_000_000;

export function keyOf(name: string): ResourceKey {
  return resourceKey([name]);
}

/** Files as a watch sees them: each has a version, which a change makes another. */
export class Files {
  readonly #versions = new Map<string, bigint>();
  /** How often a file was looked at. */
  looks = 0;
  /** Nanoseconds of the second in which every file was changed. */
  fractionNs = 1n;

  change(name: string): void {
    this.#versions.set(name, (this.#versions.get(name) ?? 0n) + 1n);
  }

  identity(name: string): FileIdentity {
    const inode = this.#versions.get(name) ?? 0n;
    const changedNs = BigInt(CHANGED_MS) * 1_000_000n + this.fractionNs;
    return { device: 1n, inode, size: 3n, modifiedNs: changedNs, changedNs };
  }

  mark(name: string): string {
    return fileMark(this.identity(name));
  }

  readonly watch = (key: ResourceKey): FileWatch => {
    const identity = this.identity(key);
    const holds = (): boolean => {
      this.looks += 1;
      return this.identity(key).inode === identity.inode;
    };
    return { identity, holds };
  };
}
