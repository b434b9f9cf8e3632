/** Signals that end a benchmark early, but not before it has put away what it made. */

/** SIGHUP comes when the terminal is closed. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a shell gives a program that Ctrl-C ended. */
const interruptedStatus = 130;

/**
 * What `run` gives, or `undefined` when a signal came first: then `run` is told by its signal, and
 * rejects once all is put away.
 */
export async function untilInterrupted<T>(
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  for (const name of signals) process.on(name, interrupt);
  try {
    return await run(stop.signal);
  } catch (error) {
    // Whatever fails after the signal fails because of it: servers in the same terminal end by it.
    if (!stop.signal.aborted) throw error;
    console.error('interrupted');
    process.exitCode = interruptedStatus;
    return undefined;
  } finally {
    for (const name of signals) process.off(name, interrupt);
  }
}
