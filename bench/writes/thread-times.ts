/** How long each thread of some processes, and of the kernel, has run, from /proc: Linux only. */

import { readdirSync, readFileSync } from 'node:fs';

/** What a thread has run since its start. */
export interface ThreadTimes {
  /** `server`, `client`, … as its owner calls the process; `kernel` for the kernel's own. */
  readonly process: string;
  /** Linux keeps 15 characters. */
  readonly name: string;
  readonly id: number;
  readonly ranMs: number;
  /** Of that, the part in the kernel: as it was sampled by the kernel's clock. */
  readonly systemPart: number;
  /** It could have run, but both cores were taken. */
  readonly waitedMs: number;
}

/** Kernel threads that a write may keep busy: loop devices, journals, write-back, interrupts. */
const kernelThreads = /^(?:loop\d|jbd2\/|kworker|ksoftirqd)/;

/** @param processes the number of each process, by what it is called */
export function threadTimes(processes: ReadonlyMap<string, number>): ThreadTimes[] {
  const own = [...processes].flatMap(([process, pid]) =>
    readdirSync(`/proc/${pid}/task`).flatMap((id) => timesOf(process, `/proc/${pid}/task/${id}`)),
  );
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const kernel = numbers
    .flatMap((id) => timesOf('kernel', `/proc/${id}`))
    .filter(({ name }) => kernelThreads.test(name));
  return [...own, ...kernel];
}

/** What each ran between two looks, less those that did not run; one that is new began at zero. */
export function timesBetween(
  before: readonly ThreadTimes[],
  after: readonly ThreadTimes[],
): ThreadTimes[] {
  const begun = new Map(before.map((times) => [times.id, times]));
  return after.flatMap((times) => {
    const from = begun.get(times.id) ?? { ranMs: 0, waitedMs: 0, systemPart: 0 };
    const ranMs = times.ranMs - from.ranMs;
    if (ranMs <= 0) return [];
    const systemMs = times.ranMs * times.systemPart - from.ranMs * from.systemPart;
    const systemPart = Math.min(1, Math.max(0, systemMs / ranMs));
    return [{ ...times, ranMs, systemPart, waitedMs: times.waitedMs - from.waitedMs }];
  });
}

/** None where the thread has ended by now. The layouts are those of proc(5) and sched-stats. */
function timesOf(process: string, path: string): ThreadTimes[] {
  let stat: string;
  let schedule: string;
  try {
    stat = readFileSync(`${path}/stat`, 'utf8');
    schedule = readFileSync(`${path}/schedstat`, 'utf8');
  } catch {
    return [];
  }
  const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
  // Behind the name, which may hold blanks: the user's and the system's time are 12th and 13th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  const [ranNs = 0, waitedNs = 0] = schedule.trim().split(' ').map(Number);
  return [
    {
      ...{ process, name, id: Number.parseInt(stat, 10) },
      ...{ ranMs: ranNs / 1e6, waitedMs: waitedNs / 1e6 },
      systemPart: user + system === 0 ? 0 : system / (user + system),
    },
  ];
}
