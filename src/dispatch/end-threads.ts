/** The end of threads that were told to stop: gently, then by force, and never for ever. */

import type { Clock } from '../base/clock.ts';
import type { Thread } from '../base/thread.ts';
import { threadEndMs, threadStopMs } from './limits.ts';

/**
 * Resolves when all have exited, terminating those that take longer than `threadStopMs`; or
 * `threadEndMs` after that, for a system call can hold a thread for ever.
 */
export async function endThreads(
  threads: readonly Pick<Thread<never>, 'terminate' | 'exited'>[],
  clock: Clock,
): Promise<void> {
  const exited = Promise.all(threads.map((thread) => thread.exited)).then(() => true);
  if (await isWithin(threadStopMs, exited, clock)) return;
  for (const thread of threads) thread.terminate();
  await isWithin(threadEndMs, exited, clock);
}

/** Resolves to true when `done` came within `ms`. */
async function isWithin(ms: number, done: Promise<boolean>, clock: Clock): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = clock.after(ms, () => late.resolve(false));
  const isDone = await Promise.race([done, late.promise]);
  timer.cancel();
  return isDone;
}
