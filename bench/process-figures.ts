/** Memory and open files of another process, from /proc: Linux only. */

import { readdirSync, readFileSync } from 'node:fs';

/** Two readings of settled memory differ by less. */
const SETTLED_BYTES = 1024 ** 2;
/** For so long. */
const SETTLED_MS = 2_000;
const PERIOD_MS = 100;

/** Resident memory, bytes. */
export function residentBytes(pid: number): number {
  const line = /^VmRSS:\s+([0-9]+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1]) * 1024;
}

export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Looks at the memory again and again until it is told to stop. */
export class Peak {
  bytes: number;
  readonly #timer: Timer;

  constructor(pid: number) {
    this.bytes = residentBytes(pid);
    this.#timer = setInterval(() => {
      this.bytes = Math.max(this.bytes, residentBytes(pid));
    }, PERIOD_MS / 2);
  }

  stop(): number {
    clearInterval(this.#timer);
    return this.bytes;
  }
}

/** The memory once it has stood still for a while, or after `waitMs`. */
export async function settledBytes(pid: number, waitMs: number): Promise<number> {
  const endMs = performance.now() + waitMs;
  let reference = residentBytes(pid);
  let sinceMs = performance.now();
  while (performance.now() < endMs && performance.now() - sinceMs < SETTLED_MS) {
    await Bun.sleep(PERIOD_MS);
    const now = residentBytes(pid);
    if (Math.abs(now - reference) < SETTLED_BYTES) continue;
    reference = now;
    sinceMs = performance.now();
  }
  return residentBytes(pid);
}
