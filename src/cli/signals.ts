/** Signals as people send them: one press of Ctrl-C is one signal, however often it comes. */

import type { Clock } from '../base/clock.ts';

export type EndingSignal = 'SIGINT' | 'SIGTERM';

const endings: readonly EndingSignal[] = ['SIGINT', 'SIGTERM'];

/**
 * How long the same signal is a copy of the one before, milliseconds. A terminal sends its Ctrl-C
 * to `bun run` and to the program that this started, and `bun run` passes its own on, about 0.5 ms
 * later; a person takes longer to press twice.
 */
export const COPY_MS = 100;

/**
 * Calls `hear` at each SIGINT and SIGTERM that was meant, with how many there were so far, this
 * one included.
 *
 * @returns what ends that: the next signal then ends the process, as signals do
 */
export function onEndingSignals(
  clock: Clock,
  hear: (count: number, name: EndingSignal) => void,
): () => void {
  let count = 0;
  let last: { readonly name: EndingSignal; readonly atMs: number } | undefined;
  const listen = (name: EndingSignal): void => {
    const atMs = clock.monotonicMs();
    if (last?.name === name && atMs - last.atMs < COPY_MS) return;
    last = { name, atMs };
    count += 1;
    hear(count, name);
  };
  for (const name of endings) process.on(name, listen);
  return () => {
    for (const name of endings) process.off(name, listen);
  };
}
