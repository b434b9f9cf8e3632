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

/**
 * The commit thread makes the ledger at the start; of the others a store worker has written most,
 * once there was an edit.
 */
function threadOf(pid: number, thread: ThreadName): number {
  const [commit = 0, store = 0] = workersOf(pid);
  return thread === 'store' ? store : commit;
}

/** Numbers of worker threads, those first that have written most. */
function workersOf(pid: number): number[] {
  const told = (id: string, file: string): string => {
    try {
      return readFileSync(`/proc/${pid}/task/${id}/${file}`, 'utf8');
    } catch {
      // It has ended in between.
      return '';
    }
  };
  return readdirSync(`/proc/${pid}/task`)
    .filter((id) => told(id, 'comm') === 'Worker\n')
    .map((id) => ({ id, bytes: Number(/^wchar: (\d+)$/m.exec(told(id, 'io'))?.[1] ?? 0) }))
    .sort((a, b) => b.bytes - a.bytes)
    .map(({ id }) => Number(id));
}
