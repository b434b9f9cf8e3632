/** How many files this process may hold open for connections and what they download. */

import { readFileSync } from 'node:fs';
import { RESERVED_FILES } from '../config/limits.ts';

/**
 * What POSIX promises at least, for a system that will not say (_POSIX_OPEN_MAX is lower still).
 */
const FILES_FALLBACK = 256 + RESERVED_FILES;

/**
 * The limit of open files less those that the server needs itself: at the limit, accepting spins
 * and a new thread ends the process, so it must never be reached.
 */
export function filesAllowed(): number {
  return Math.max(2, fileLimit() - RESERVED_FILES);
}

function fileLimit(): number {
  try {
    const line = /^Max open files +([0-9]+|unlimited)/m.exec(
      readFileSync('/proc/self/limits', 'utf8'),
    );
    const soft = line?.[1];
    if (soft !== undefined) return soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(soft);
  } catch {
    // No Linux: the shell knows.
  }
  const asked = Bun.spawnSync(['sh', '-c', 'ulimit -n']).stdout.toString().trim();
  if (asked === 'unlimited') return Number.MAX_SAFE_INTEGER;
  return /^[0-9]+$/.test(asked) ? Number(asked) : FILES_FALLBACK;
}
