/** A journaled ext4 in an image file, mounted with the default options. Needs root on Linux. */

import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { imagePrograms, MountedImage, runSystem, systemPath } from '../mounted-image.ts';

const chunk = new Uint8Array(8 * 1024 ** 2);

/** What is missing for such a disk; `undefined` when it can be tried. */
export function lackOfJournaledDisk(): string | undefined {
  if (process.platform !== 'linux') return 'Linux';
  if (process.getuid?.() !== 0) return 'root';
  return imagePrograms.find((name) => Bun.which(name, { PATH: systemPath }) === null);
}

export class JournaledDisk implements AsyncDisposable {
  readonly #folder: string;
  readonly #mounted: MountedImage;
  /** Where it is mounted. */
  readonly path: string;
  readonly #lastCare = (): void => this.#remove();

  /** @param parent the folder that holds the image; on a disk, for in memory a sync is free */
  constructor(parent: string, imageBytes: number) {
    this.#folder = mkdtempSync(join(parent, 'disk-'));
    const image = join(this.#folder, 'image');
    this.path = join(this.#folder, 'mounted');
    this.#mounted = new MountedImage(image, this.path, 'loop');
    // A fault that nobody catches ends the program without any disposal.
    process.on('exit', this.#lastCare);
    try {
      fill(image, imageBytes);
      // Made whole now: else the kernel goes on making it in the background, and is measured too.
      const whole = 'lazy_itable_init=0,lazy_journal_init=0';
      runSystem('mkfs.ext4', '-q', '-F', '-E', whole, image);
      this.#mounted.mount();
    } catch (error) {
      this.#remove();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#mounted.unmount();
    } finally {
      this.#remove();
    }
  }

  /** Whatever went wrong before: nothing stays mounted, and no loop device stays taken. */
  #remove(): void {
    process.off('exit', this.#lastCare);
    this.#mounted.release();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Writes zeros: in an image with holes each new block would cost more than on a real disk. */
function fill(image: string, imageBytes: number): void {
  const descriptor = openSync(image, 'wx');
  try {
    for (let at = 0; at < imageBytes; at += chunk.length) {
      writeSync(descriptor, chunk, 0, Math.min(chunk.length, imageBytes - at));
    }
  } finally {
    closeSync(descriptor);
  }
}
