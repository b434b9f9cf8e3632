/**
 * A disk whose power can be cut: a journaled ext4 in a file, mounted, and shut down so that nothing
 * more of it reaches the file. Needs root on Linux.
 *
 * The cut loses what the kernel holds in memory. What it does not lose is what a real disk may hold
 * in a cache of its own: that the kernel flushes it with each sync is taken on trust.
 */

import { dlopen, FFIType } from 'bun:ffi';
import { closeSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MountedImage, runSystem } from '../mounted-image.ts';
import { type Site, scratchFolder } from './site.ts';

const MIB = 1024 ** 2;
const DEFAULT_BYTES = 64 * MIB;

/** `FS_IOC_SHUTDOWN`, which is `_IOR('X', 125, __u32)`. */
const SHUTDOWN_REQUEST = 0x8004587d;
/** Not even the journal is written out before. */
const SHUTDOWN_NO_FLUSH = 2;

/**
 * Nothing is written by itself, for else a lucky moment would save what was not synced: no commit
 * of the journal within five minutes, and no allocation of a new file's blocks at its rename.
 * (`auto_da_alloc`, the default, does that for files that replace others, and so hides a missing
 * sync; it is no promise of file systems in general.)
 */
const MOUNT_OPTIONS = 'loop,commit=300,noauto_da_alloc';

/** Disks that are not given back yet. */
const held = new Set<LoopDisk>();

export class LoopDisk implements Site {
  readonly #folder = scratchFolder('disk');
  readonly #image = join(this.#folder, 'image');
  readonly root = join(this.#folder, 'mounted');
  readonly losesWrites = true;
  readonly #mounted = new MountedImage(this.#image, this.root, MOUNT_OPTIONS);

  /** @param bytes its size, of which only as much is taken as is written */
  constructor(bytes = DEFAULT_BYTES) {
    held.add(this);
    try {
      writeFileSync(this.#image, '');
      truncateSync(this.#image, bytes);
      runSystem('mkfs.ext4', '-q', '-F', this.#image);
      this.#mounted.mount();
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Why no such disk can be had here; `undefined` when it can. */
  static missing(): string | undefined {
    try {
      const disk = new LoopDisk();
      disk.release();
      return undefined;
    } catch (error) {
      return error instanceof Error ? `loop mounts (${error.message.trim()})` : 'loop mounts';
    }
  }

  /** For the end of a test that was given up in the middle, when its disk has no owner any more. */
  static releaseAll(): void {
    for (const disk of [...held]) disk.release();
  }

  /** Cuts the power: from now on nothing is written, and what was not written is lost. */
  strike(): void {
    const { symbols } = dlopen('libc.so.6', {
      ioctl: { args: [FFIType.i32, FFIType.u64, FFIType.ptr], returns: FFIType.i32 },
    });
    const descriptor = openSync(this.root, 'r');
    const flag = new Uint32Array([SHUTDOWN_NO_FLUSH]);
    const failed = symbols.ioctl(descriptor, SHUTDOWN_REQUEST, flag) !== 0;
    closeSync(descriptor);
    if (failed) throw new Error('the file system does not let itself be shut down');
  }

  /** Mounts it anew, which replays the journal. */
  async restore(): Promise<void> {
    await this.#mounted.unmount();
    this.#mounted.mount();
  }

  flush(): void {
    runSystem('sync', '-f', this.root);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#mounted.unmount();
    } finally {
      this.release();
    }
  }

  /** Gives it back as it is: nothing stays mounted, and no loop device stays taken. */
  release(): void {
    held.delete(this);
    this.#mounted.release();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
