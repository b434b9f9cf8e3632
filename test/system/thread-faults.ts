/**
 * Faults in the system calls of one thread of a server that runs: strace attaches to that thread
 * alone, so that the calls are counted from then on, whatever other threads do.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { until } from '../support/server.ts';

/** A thread of a server with one store worker. */
export type ThreadName = 'store' | 'commit';

export interface ThreadFault {
  readonly thread: ThreadName;
  /** Names of system calls, with commas; a question mark passes over one that there is not. */
  readonly calls: string;
  /** As strace is told it, without `inject=`: `error=EIO:when=1`. */
  readonly fault: string;
}

/** Ends the attachment, and with it the fault, when it is disposed of. */
export class AttachedFault implements AsyncDisposable {
  #said = '';

  private constructor(readonly strace: Bun.Subprocess<'ignore', 'ignore', 'pipe'>) {
    void this.#read();
  }

  /** Resolves once the thread's calls go wrong. */
  static async attach(pid: number, { thread, calls, fault }: ThreadFault): Promise<AttachedFault> {
    const id = threadOf(pid, thread);
    const inject = ['-e', `trace=${calls}`, '-e', `inject=${calls}:${fault}`];
    const attached = new AttachedFault(
      Bun.spawn(['strace', '-y', '-p', String(id), ...inject], {
        stdin: 'ignore',
        stdout: 'ignore',
        stderr: 'pipe',
      }),
    );
    await until('strace to attach', () => attached.#said.includes('attached'), 20_000);
    return attached;
  }

  /** The calls that failed, as strace writes them. */
  get injected(): string[] {
    return this.#said.split('\n').filter((line) => line.endsWith('(INJECTED)'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It lets go of the thread before it ends.
    this.strace.kill('SIGTERM');
    await this.strace.exited;
  }

  async #read(): Promise<void> {
    for await (const bytes of this.strace.stderr) this.#said += Buffer.from(bytes).toString();
  }
}

/** The number of the thread that has this name; a store worker's has its slot behind it. */
function threadOf(pid: number, thread: ThreadName): number {
  const found = readdirSync(`/proc/${pid}/task`).find((id) => nameOf(pid, id) === thread);
  if (found === undefined) throw new Error(`no thread of ${pid} is called ${thread}`);
  return Number(found);
}

function nameOf(pid: number, id: string): string {
  try {
    return readFileSync(`/proc/${pid}/task/${id}/comm`, 'utf8').replace(/(?: [0-9]+)?\n$/, '');
  } catch {
    // It has ended in between.
    return '';
  }
}
