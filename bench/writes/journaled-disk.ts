/** A journaled ext4 in an image file, mounted with the default options. Needs root on Linux. */

import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const chunk = new Uint8Array(8 * 1024 ** 2);

/** Tries to unmount: a process's last file may be closed a moment after its end. */
const UNMOUNT_TRIES_MAX = 100;
const UNMOUNT_PAUSE_MS = 20;

const programs = ['mkfs.ext4', 'mount', 'umount', 'losetup'] as const;

/** System programs are found also where the path of the user leaves them out. */
const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/** What is missing for such a disk; `undefined` when it can be tried. */
export function lackOfJournaledDisk(): string | undefined {
  if (process.platform !== 'linux') return 'Linux';
  if (process.getuid?.() !== 0) return 'root';
  return programs.find((name) => Bun.which(name, { PATH: path }) === null);
}

export class JournaledDisk implements AsyncDisposable {
  readonly #folder: string;
  readonly #image: string;
  /** Where it is mounted. */
  readonly path: string;
  #mounted = false;
  readonly #lastCare = (): void => this.#remove();

  /** @param parent the folder that holds the image; on a disk, for in memory a sync is free */
  constructor(parent: string, imageBytes: number) {
    this.#folder = mkdtempSync(join(parent, 'disk-'));
    this.#image = join(this.#folder, 'image');
    this.path = join(this.#folder, 'mounted');
    // A fault that nobody catches ends the program without any disposal.
    process.on('exit', this.#lastCare);
    try {
      fill(this.#image, imageBytes);
      mkdirSync(this.path);
      // Made whole now: else the kernel goes on making it in the background, and is measured too.
      const whole = 'lazy_itable_init=0,lazy_journal_init=0';
      run('mkfs.ext4', '-q', '-F', '-E', whole, this.#image);
      run('mount', '-o', 'loop', this.#image, this.path);
      this.#mounted = true;
    } catch (error) {
      this.#remove();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let tries = 1; this.#mounted && tries <= UNMOUNT_TRIES_MAX; tries += 1) {
      this.#mounted = spawn('umount', this.path).exitCode !== 0;
      if (this.#mounted) await Bun.sleep(UNMOUNT_PAUSE_MS);
    }
    this.#remove();
  }

  /** Whatever went wrong before: nothing stays mounted, and no loop device stays taken. */
  #remove(): void {
    process.off('exit', this.#lastCare);
    if (this.#mounted) spawn('umount', '-l', this.path);
    this.#mounted = false;
    const listed = spawn('losetup', '-n', '-O', 'NAME', '-j', this.#image);
    const devices = listed.stdout.toString().split('\n').filter(Boolean);
    for (const device of devices) spawn('losetup', '-d', device);
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

function spawn(...command: string[]) {
  return Bun.spawnSync(command, { env: { ...process.env, PATH: path } });
}

/** Throws an error that names no folder, for it stands in the results. */
function run(...command: string[]): void {
  const { exitCode, stderr } = spawn(...command);
  if (exitCode === 0) return;
  const [why = ''] = stderr.toString().trim().split('\n');
  throw new Error(
    `${command[0]} failed: ${why
      .slice(why.lastIndexOf(': ') + 1)
      .trim()
      .replace(/\.$/, '')}`,
  );
}
