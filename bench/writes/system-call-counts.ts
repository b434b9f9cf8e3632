/** How often each thread of a process makes each system call, by strace. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sample } from './contestant.ts';

export interface SystemCallCounts {
  /** Of the load that ran meanwhile; strace makes it slow, and its groups perhaps larger. */
  readonly sample: Sample;
  /** By the name of the thread, then of the call. */
  readonly byThread: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

const attachTimeoutMs = 10_000;

/** Counts while `load` runs; `undefined` where there is no strace, or it may not look. */
export async function countSystemCalls(
  pid: number,
  load: () => Promise<Sample>,
): Promise<SystemCallCounts | undefined> {
  const strace = Bun.which('strace');
  if (strace === null) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'inkwire-calls-'));
  try {
    const output = join(folder, 'calls');
    const tracer = Bun.spawn([strace, '-f', '-o', output, '-p', String(pid)], {
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'pipe',
    });
    if (!(await isAttached(tracer.stderr))) return undefined;
    let sample: Sample;
    try {
      sample = await load();
    } finally {
      tracer.kill('SIGINT');
      await tracer.exited;
    }
    return { sample, byThread: countCalls(readFileSync(output, 'utf8'), pid) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether strace says that it has the process; false when it ends instead. */
async function isAttached(errors: ReadableStream<Uint8Array>): Promise<boolean> {
  const decoder = new TextDecoder();
  let said = '';
  const endMs = performance.now() + attachTimeoutMs;
  for await (const bytes of errors) {
    said += decoder.decode(bytes, { stream: true });
    if (said.includes(' attached')) return true;
    if (performance.now() > endMs) break;
  }
  return false;
}

/** Each line is `TID call(…`; one that another thread interrupted goes on with `<... call`. */
function countCalls(trace: string, pid: number): Map<string, Map<string, number>> {
  const byThread = new Map<string, Map<string, number>>();
  for (const [, id = '', call = ''] of trace.matchAll(/^(\d+) +(\w+)\(/gm)) {
    const thread = nameOf(pid, id);
    const counts = byThread.get(thread) ?? new Map<string, number>();
    byThread.set(thread, counts.set(call, (counts.get(call) ?? 0) + 1));
  }
  return byThread;
}

const names = new Map<string, string>();

function nameOf(pid: number, id: string): string {
  const known = names.get(id);
  if (known !== undefined) return known;
  let name = `thread ${id}`;
  try {
    name = readFileSync(`/proc/${pid}/task/${id}/comm`, 'utf8').trim();
  } catch {
    // It has ended by now.
  }
  names.set(id, name);
  return name;
}
