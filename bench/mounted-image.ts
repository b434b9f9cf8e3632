/**
 * A file system in an image file, mounted by a loop device: given back whatever happens. Needs root
 * on Linux.
 */

import { mkdirSync } from 'node:fs';

/** What has to be installed. */
export const imagePrograms = ['mkfs.ext4', 'mount', 'umount', 'losetup'] as const;

/** Tries to unmount: a process's last file may be closed a moment after its end. */
const UNMOUNT_TRIES_MAX = 100;
const UNMOUNT_PAUSE_MS = 20;

/** System programs are found also where the path of the user leaves them out. */
export const systemPath = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

export class MountedImage {
  #mounted = false;

  /**
   * @param image the image file, which holds a file system by the time of the first `mount`
   * @param path where it is mounted; a folder that is made here
   * @param options as `mount -o` has them
   */
  constructor(
    readonly image: string,
    readonly path: string,
    readonly options: string,
  ) {}

  mount(): void {
    mkdirSync(this.path, { recursive: true });
    runSystem('mount', '-o', this.options, this.image, this.path);
    this.#mounted = true;
  }

  /** Waits until nobody uses it. Rejects when somebody does for good. */
  async unmount(): Promise<void> {
    for (let tries = 1; this.#mounted; tries += 1) {
      const { exitCode, stderr } = spawnSystem('umount', this.path);
      this.#mounted = exitCode !== 0;
      if (this.#mounted && tries === UNMOUNT_TRIES_MAX) {
        throw new Error(`${this.path} stays mounted: ${stderr.toString()}`);
      }
      if (this.#mounted) await Bun.sleep(UNMOUNT_PAUSE_MS);
    }
  }

  /** Gives it back as it is: nothing stays mounted, and no loop device stays taken. */
  release(): void {
    if (this.#mounted) spawnSystem('umount', '-l', this.path);
    this.#mounted = false;
    const listed = spawnSystem('losetup', '-n', '-O', 'NAME', '-j', this.image);
    const devices = listed.stdout.toString().split('\n').filter(Boolean);
    for (const device of devices) spawnSystem('losetup', '-d', device);
  }
}

function spawnSystem(...command: string[]) {
  return Bun.spawnSync(command, { env: { ...process.env, PATH: systemPath } });
}

/** Throws an error that names no folder, for it stands in results. */
export function runSystem(...command: string[]): void {
  const { exitCode, stderr } = spawnSystem(...command);
  if (exitCode === 0) return;
  const [why = ''] = stderr.toString().trim().split('\n');
  const last = why.slice(why.lastIndexOf(': ') + 1).trim();
  throw new Error(`${command[0]} failed: ${last.replace(/\.$/, '')}`);
}
