/**
 * A disk whose power can be cut: what was not synced is lost sector by sector, or not. And calls
 * that fail, that do a part, or that are the last of their process.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { FileError } from '../../../src/store/errno.ts';
import type { FileSystem } from '../../../src/store/file-system.ts';
import { systemFileSystem } from '../../../src/store/system-file-system.ts';
import { Died } from '../faulty-file-system.ts';
import { toldLater } from '../told-later.ts';

/** What is written whole or not at all. */
export const sectorBytes = 512;

interface Unsynced {
  /** What is on the disk for sure. */
  readonly synced: Uint8Array;
  /** By sector: what it has held since. */
  readonly versions: Map<number, Uint8Array[]>;
}

/** Picks one of so many versions of a sector; 0 is the one that was synced. */
export type PickVersion = (sector: number, versions: number) => number;

export class TornDisk {
  readonly #paths = new Map<number, string>();
  readonly #unsynced = new Map<string, Unsynced>();
  #callsLeft = Number.POSITIVE_INFINITY;
  #isDead = false;
  /** How many bytes a write of so many takes. */
  take: (bytes: number) => number = (bytes) => bytes;
  /** Bytes that files may hold. */
  fileBytesMax = Number.POSITIVE_INFINITY;
  syncs = 0;

  readonly fileSystem: FileSystem = {
    ...systemFileSystem,
    open: (path, flags, mode) => {
      const descriptor = systemFileSystem.open(path, flags, mode);
      this.#paths.set(descriptor, path);
      return descriptor;
    },
    close: (descriptor) => {
      this.#paths.delete(descriptor);
      systemFileSystem.close(descriptor);
    },
    pwrite: (descriptor, bytes, position) => this.#write(descriptor, bytes, position),
    fsync: (descriptor) => this.#sync(descriptor),
    fdatasync: (descriptor) => this.#sync(descriptor),
    fdatasyncLater: toldLater((descriptor) => this.#sync(descriptor)),
  };

  /** So many more calls are made that change something; then the process dies before the next. */
  dieAfter(calls: number): void {
    this.#callsLeft = calls;
  }

  /** The process is no more; what it has open is closed. */
  kill(): void {
    for (const descriptor of this.#paths.keys()) systemFileSystem.close(descriptor);
    this.#paths.clear();
    this.#callsLeft = Number.POSITIVE_INFINITY;
    this.#isDead = false;
  }

  /** And the power is cut. */
  cut(pick: PickVersion): void {
    this.kill();
    for (const [path, { synced, versions }] of this.#unsynced) {
      let bytes = new Uint8Array(synced);
      for (const [sector, each] of versions) {
        const kept = pick(sector, each.length + 1);
        const version = each[kept - 1];
        if (version === undefined) continue;
        const end = sector * sectorBytes + version.length;
        if (end > bytes.length) bytes = concatZeros(bytes, end);
        bytes.set(version, sector * sectorBytes);
      }
      writeFileSync(path, bytes);
    }
    this.#unsynced.clear();
  }

  #write(descriptor: number, bytes: Uint8Array, position: number): number {
    this.#before();
    const path = this.#pathOf(descriptor);
    if (!this.#unsynced.has(path)) {
      const synced = new Uint8Array(readFileSync(path));
      this.#unsynced.set(path, { synced, versions: new Map() });
    }
    const room = this.fileBytesMax - position;
    if (room <= 0) throw new FileError('ENOSPC', 'pwrite');
    const taken = Math.max(1, Math.min(room, this.take(bytes.length)));
    const count = systemFileSystem.pwrite(descriptor, bytes.subarray(0, taken), position);
    const first = Math.floor(position / sectorBytes);
    const last = Math.floor((position + count - 1) / sectorBytes);
    for (let sector = first; sector <= last; sector += 1) this.#keep(descriptor, path, sector);
    return count;
  }

  #keep(descriptor: number, path: string, sector: number): void {
    const versions = this.#unsynced.get(path)?.versions;
    const bytes = new Uint8Array(sectorBytes);
    const count = systemFileSystem.pread(descriptor, bytes, sector * sectorBytes);
    const known = versions?.get(sector) ?? [];
    known.push(bytes.subarray(0, count));
    versions?.set(sector, known);
  }

  #sync(descriptor: number): void {
    this.#before();
    this.syncs += 1;
    const path = this.#paths.get(descriptor);
    if (path !== undefined) this.#unsynced.delete(path);
  }

  #pathOf(descriptor: number): string {
    const path = this.#paths.get(descriptor);
    if (path === undefined) throw new Error(`no open file has the number ${descriptor}`);
    return path;
  }

  #before(): void {
    if (this.#callsLeft <= 0) this.#isDead = true;
    if (this.#isDead) throw new Died('the process was killed');
    this.#callsLeft -= 1;
  }
}

function concatZeros(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const longer = new Uint8Array(length);
  longer.set(bytes);
  return longer;
}
