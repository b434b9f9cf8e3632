/**
 * Whether an idle connection still stands is only known once the event loop has polled its socket:
 * the server's FIN may lie in the kernel. Servers that close after each response without saying so
 * do it within microseconds of the response, so the first reuse of a connection waits a little; one
 * that survived its first response is only given the turns that a poll needs.
 */

import type { Clock } from '../base/clock.ts';

/** A connection, by what it has done so far. */
export interface Used {
  /** How many whole responses it has carried. */
  readonly responses: number;
}

/**
 * How long the first reuse waits for a FIN: a close that follows its response comes well within.
 */
export const firstReuseWaitMs = 1;

/**
 * Whether `connection` was never used a second time, so that nothing is known of its server's ways.
 */
export function isFirstReuse(connection: Used): boolean {
  return connection.responses === 1;
}

/** Calls `next` when a FIN or reset that is on its way has been seen, so that `state` tells it. */
export function probe(connection: Used, clock: Clock, next: () => void): void {
  // Two turns: the first may end without a poll when this is called from a socket's handler.
  const poll = () => setImmediate(() => setImmediate(next));
  if (isFirstReuse(connection)) clock.after(firstReuseWaitMs, poll);
  else poll();
}
