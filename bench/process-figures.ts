/** Memory and open files of another process, from /proc: Linux only. */

import { readdirSync, readFileSync } from 'node:fs';

/** Two readings of settled memory differ by less. */
const SETTLED_BYTES = 1024 ** 2;
/** For so long. */
const SETTLED_MS = 2_000;
const PERIOD_MS = 100;

/** Bytes of memory that a process has, by one way of counting. */
export type MemoryReader = (pid: number) => number;

/** Resident memory, bytes. */
export const residentBytes: MemoryReader = (pid) => kibibytesOf(pid, 'VmRSS') * 1024;

/**
 * Resident memory that no file stands behind, bytes: what a process itself takes. Pages of mapped
 * programs and files come and go as the system likes.
 */
export const ownBytes: MemoryReader = (pid) =>
  (kibibytesOf(pid, 'RssAnon') + kibibytesOf(pid, 'RssShmem')) * 1024;

function kibibytesOf(pid: number, name: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${name}:\\s+([0-9]+) kB$`, 'm').exec(status)?.[1]);
}

/** The kernel's own objects, those of sockets among them, bytes: of the whole machine. */
export function kernelObjectBytes(): number {
  const line = /^Slab:\s+([0-9]+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'));
  return Number(line?.[1]) * 1024;
}

export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Looks at the memory again and again until it is told to stop. */
export class Peak {
  bytes: number;
  readonly #timer: Timer;

  constructor(pid: number, read: MemoryReader = residentBytes) {
    this.bytes = read(pid);
    this.#timer = setInterval(() => {
      this.bytes = Math.max(this.bytes, read(pid));
    }, PERIOD_MS / 2);
  }

  stop(): number {
    clearInterval(this.#timer);
    return this.bytes;
  }
}

/** The memory once it has stood still for a while, or after `waitMs`. */
export async function settledBytes(
  pid: number,
  waitMs: number,
  read: MemoryReader = residentBytes,
): Promise<number> {
  const endMs = performance.now() + waitMs;
  let reference = read(pid);
  let sinceMs = performance.now();
  while (performance.now() < endMs && performance.now() - sinceMs < SETTLED_MS) {
    await Bun.sleep(PERIOD_MS);
    const now = read(pid);
    if (Math.abs(now - reference) < SETTLED_BYTES) continue;
    reference = now;
    sinceMs = performance.now();
  }
  return read(pid);
}
