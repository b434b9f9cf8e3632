/**
 * Runs lines without a prompt: from `-e`, a file, or a pipe. Lines that are known beforehand are
 * all read before the first is run, so that a slip in the last one sends nothing.
 */

import { readLines } from './lines.ts';
import type { Output } from './output.ts';
import type { Session } from './session.ts';

/** The exit statuses. */
export const exitCompleted = 0;
export const exitFailed = 1;
export const exitUsage = 2;

/** A line and where it stands, for a message about it. */
export interface PlacedLine {
  readonly text: string;
  /** `-e`, `requests.txt:7`. */
  readonly place: string;
}

/** Lines that are known, then those of a stream, if there is one. */
export interface BatchPlan {
  readonly lines: readonly PlacedLine[];
  readonly stream?: {
    /** How the stream is called in messages. */
    readonly name: string;
    readonly chunks: AsyncIterable<Uint8Array>;
  };
  /** Once it aborts, what runs is stopped and no further line is run. */
  readonly signal: AbortSignal;
}

/** Runs the plan to its end, or to the first line that is refused; returns the exit status. */
export async function runBatch(session: Session, plan: BatchPlan, output: Output): Promise<number> {
  if (!(await checkAll(session, plan.lines, output))) return exitUsage;
  const interrupt = () => void session.interrupt();
  plan.signal.addEventListener('abort', interrupt);
  const tally = new Tally();
  try {
    for (const line of plan.lines) {
      if (plan.signal.aborted || !tally.add(await session.run(line.text))) return tally.status;
    }
    if (plan.stream !== undefined) await runStream(session, plan.stream, tally, plan, output);
    if (plan.signal.aborted) tally.add('failed');
    return tally.status;
  } finally {
    plan.signal.removeEventListener('abort', interrupt);
  }
}

async function runStream(
  session: Session,
  stream: NonNullable<BatchPlan['stream']>,
  tally: Tally,
  plan: BatchPlan,
  output: Output,
): Promise<void> {
  let number = 0;
  for await (const line of readLines(stream.chunks)) {
    if (plan.signal.aborted) return;
    number += 1;
    const place = `${stream.name}:${number}`;
    const wrong = line.kind === 'line' ? session.check(line.text) : line.message;
    if (wrong !== undefined || line.kind !== 'line') {
      await output.complain(`${place}: ${wrong ?? ''}`);
      tally.add('refused');
      return;
    }
    if (!tally.add(await session.run(line.text))) return;
  }
}

/** Whether every line is understood; says what is wrong with those that are not. */
async function checkAll(
  session: Session,
  lines: readonly PlacedLine[],
  output: Output,
): Promise<boolean> {
  let right = true;
  for (const line of lines) {
    const wrong = session.check(line.text);
    if (wrong === undefined) continue;
    right = false;
    await output.complain(`${line.place}: ${wrong}`);
  }
  return right;
}

/** The exit status that the outcomes so far make. */
class Tally {
  status = exitCompleted;

  /** Takes an outcome in; returns whether to go on. */
  add(outcome: Awaited<ReturnType<Session['run']>>): boolean {
    switch (outcome) {
      case 'completed':
        return true;
      case 'failed':
        this.status = exitFailed;
        return true;
      case 'refused':
        // What follows may rest on what was not done.
        this.status = exitUsage;
        return false;
      case 'quit':
      case 'unread':
        return false;
    }
  }
}
