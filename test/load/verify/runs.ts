/** Runs of `:verify` for the tests, at a server on this machine. */

import { type Clock, systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { type FaultKind, faultKinds } from '../../../src/load/history/verdict.ts';
import { startVerify } from '../../../src/load/verify/campaign.ts';
import type { VerifyPlan, VerifyReport, VerifyRun } from '../../../src/load/verify/verify.ts';

export type Wishes = Partial<Omit<VerifyPlan, 'endpoint'>>;

/** A clock whose waits are short: for what is tried again and again in vain. */
export const hurriedClock: Clock = {
  ...systemClock,
  after: (delayMs, task) => systemClock.after(delayMs / 50, task),
};

export function startRun(port: number, wishes: Wishes = {}, clock = systemClock): VerifyRun {
  const authority = `127.0.0.1:${port}`;
  const plan: VerifyPlan = {
    endpoint: { host: '127.0.0.1', port, authority },
    target: '/test.html',
    fields: [['Host', authority]],
    way: { kind: 'insert', method: 'PUT' },
    edits: 200,
    connections: 8,
    readers: 2,
    timeoutMs: 10_000,
    ...wishes,
  };
  return startVerify(plan, clock, systemRandom);
}

/** The report of a run that is expected to have one. */
export async function reportOf(port: number, wishes: Wishes = {}): Promise<VerifyReport> {
  const report = await startRun(port, wishes).report;
  if (report.kind === 'problem') throw new Error(report.message);
  return report;
}

/** The sentence of a run that could not verify anything. */
export async function problemOf(port: number, wishes: Wishes = {}): Promise<string> {
  const report = await startRun(port, wishes).report;
  if (report.kind === 'report') throw new Error('there is a report, and no problem');
  return report.message;
}

/** The kinds of faults that were found. */
export function kindsOf({ counts }: VerifyReport): FaultKind[] {
  return faultKinds.filter((kind) => counts[kind] > 0);
}
