/** What a server is asked in a measurement, and the programs that can ask it. */

import type { FieldLine } from '../../src/http/message.ts';

export interface Load {
  /** The requests go to them in turn. Never empty. */
  readonly paths: readonly string[];
  readonly connections: number;
  /** Beside `Host`. Where a value holds `{{n}}` no two heads of a run are the same. */
  readonly fields: readonly FieldLine[];
  /** Requests that are sent in one piece, without waiting for the answers between them. */
  readonly pipeline: number;
  /** The status that each answer has to have. */
  readonly status: number;
}

export interface Sample {
  /** Whole responses per second. */
  readonly perSecond: number;
  /** What came, heads too. Unlike whole responses it does not come in steps of a large page. */
  readonly bytesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Run {
  readonly port: number;
  readonly load: Load;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/** A program that sends a load from one thread. */
export interface Driver {
  readonly name: string;
  /** Rejects when an answer had another status, when one failed, and when the run is aborted. */
  measure(run: Run): Promise<Sample>;
}

/** One request after the other for one page, as it is. */
export function loadOf(path: string, connections: number): Load {
  return { paths: [path], connections, fields: [], pipeline: 1, status: 200 };
}

/**
 * Runs a command to its end.
 *
 * @returns what it wrote to standard output
 * @throws Error with what it wrote to standard error, when its exit status is not 0
 */
export async function outputOf(
  command: readonly string[],
  signal: AbortSignal,
  input?: string,
): Promise<string> {
  signal.throwIfAborted();
  const child = Bun.spawn([...command], {
    stdin: input === undefined ? 'ignore' : new Blob([input]),
    stdout: 'pipe',
    stderr: 'pipe',
    signal,
    killSignal: 'SIGKILL',
  });
  const [text, errors, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  signal.throwIfAborted();
  if (status === 0) return text;
  throw new Error(`${command[0]} ended with status ${status}: ${errors}${text}`);
}
