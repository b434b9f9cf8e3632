/** A file system of 1 MiB in memory, which can be filled; mounted for a test, so it needs root. */

import { mkdtempSync, rmdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../support/server.ts';
import { missing } from '../support/system.ts';

const bytes = 1 << 20;
/** What the file system gives away at once. */
const blockBytes = 4_096;
const inodes = 1_000;

export class SmallDisk implements AsyncDisposable {
  /** Why none can be had here; `undefined` when one can. */
  static readonly lack = missing({ root: true, programs: ['mount', 'umount'] });

  readonly path = mkdtempSync(join(tmpdir(), 'inkwire-full-'));
  readonly #filler = join(this.path, 'filler');

  constructor() {
    const options = `size=${bytes},nr_inodes=${inodes}`;
    const { exitCode, stderr } = Bun.spawnSync([
      'mount',
      '-t',
      'tmpfs',
      '-o',
      options,
      'tmpfs',
      this.path,
    ]);
    if (exitCode !== 0) throw new Error(`mount: ${stderr.toString()}`);
  }

  /** Fills it until no byte fits but in so many blocks. */
  fill(blocksLeft = 0): void {
    const block = new Uint8Array(blockBytes);
    let blocks = 0;
    while (doesFit(() => writeFileSync(this.#filler, block, { flag: 'a' }))) blocks += 1;
    truncateSync(this.#filler, Math.max(0, blocks - blocksLeft) * blockBytes);
  }

  /** Fills it until there can be no new file but so many. */
  fillNames(left: number): void {
    let files = 0;
    while (doesFit(() => writeFileSync(`${this.#filler}-${files}`, ''))) files += 1;
    for (let file = 1; file <= left; file += 1) rmSync(`${this.#filler}-${files - file}`);
  }

  /** Takes away all that fills it. */
  makeRoom(): void {
    rmSync(this.#filler, { force: true });
    for (let file = 0; file < inodes; file += 1) rmSync(`${this.#filler}-${file}`, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A thread's last descriptor is closed a moment after the thread has said its last word.
    const isUnmounted = (): boolean => Bun.spawnSync(['umount', this.path]).exitCode === 0;
    await until('nobody uses the disk any more', isUnmounted);
    rmdirSync(this.path);
  }
}

function doesFit(write: () => void): boolean {
  try {
    write();
    return true;
  } catch {
    return false;
  }
}
