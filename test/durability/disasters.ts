/** Disasters in chosen moments: right after an answer, and before each call that makes an edit. */

import { ServerProcess } from '../../bench/torture/server-process.ts';
import { leftOvers, type Site } from '../../bench/torture/site.ts';
import { disagreements } from '../support/agreement.ts';
import { Fault, type FaultName } from './faulty-server.ts';
import { startTrial, type Trial, type TrialName } from './trials.ts';

/** More calls than any edit makes. */
const callsMax = 40;

/** What was there after a disaster. */
export interface Step {
  /** What came next when the disaster came: the name of a system call, or nothing any more. */
  readonly before: string;
  /** What is wrong, in words. */
  readonly faults: readonly string[];
}

export interface Settings {
  readonly openSite: () => Site;
  readonly trial: TrialName;
  readonly fault?: FaultName;
  readonly durability?: 'sync' | 'none';
  /** Whether the disaster comes once more, right after the next start has settled everything. */
  readonly comesAgain?: boolean;
}

/**
 * Does an edit that is acknowledged, and lets the disaster come in the moment of the answer, with
 * no other edit under way. Returns what is wrong.
 */
export async function afterAnswer(settings: Settings): Promise<readonly string[]> {
  const { openSite, durability = 'sync' } = settings;
  using fault = new Fault(settings.fault ?? 'none');
  await using site = openSite();
  const options = { root: site.root, durability };
  let server = await ServerProcess.start({ ...options, ...fault.server() });
  try {
    const { port } = server;
    const trial = await startTrial(settings.trial, site, port);
    fault.arm();
    const acknowledged = await trial.edit(port);
    await strike(server, site);
    if (!acknowledged) throw new Error('the edit was not acknowledged');
    // What recovers is Inkwire as it is.
    server = await ServerProcess.start({ ...options, port });
    return await faultsOf(trial, site, port);
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

/**
 * Does one edit after the other, and lets the disaster come before the first system call of the
 * first one, the second of the second, and so on, until one has no such call any more. Ends early
 * when something is wrong.
 */
export async function beforeEachCall(settings: Settings): Promise<readonly Step[]> {
  using fault = new Fault(settings.fault ?? 'none');
  await using site = settings.openSite();
  const steps: Step[] = [];
  const options = { root: site.root };
  let server = await ServerProcess.start({ ...options, ...fault.server(0) });
  try {
    const { port } = server;
    const trial = await startTrial(settings.trial, site, port);
    for (let nth = 0; nth < callsMax; nth += 1) {
      fault.arm();
      const before = await untilHalted(server, trial);
      await strike(server, site);
      fault.disarm();
      server = await ServerProcess.start({ ...options, port, ...fault.server(nth + 1) });
      if (settings.comesAgain === true) {
        await strike(server, site);
        server = await ServerProcess.start({ ...options, port, ...fault.server(nth + 1) });
      }
      const faults = await faultsOf(trial, site, port);
      steps.push({ before, faults });
      if (before === 'nothing' || faults.length > 0) return steps;
    }
    throw new Error(`an edit makes more than ${callsMax} calls`);
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

/**
 * Does one edit, and lets the disaster come before the `nth` system call of it, on a server that is
 * followed by Inkwire as it is.
 */
export async function beforeCall(settings: Settings, nth: number): Promise<Step> {
  using fault = new Fault(settings.fault ?? 'none');
  await using site = settings.openSite();
  const options = { root: site.root };
  let server = await ServerProcess.start({ ...options, ...fault.server(nth) });
  try {
    const { port } = server;
    const trial = await startTrial(settings.trial, site, port);
    fault.arm();
    const before = await untilHalted(server, trial);
    await strike(server, site);
    server = await ServerProcess.start({ ...options, port });
    return { before, faults: await faultsOf(trial, site, port) };
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

/** Begins an edit; the call that its commit thread halts before, or `nothing` when it is done. */
async function untilHalted(server: ServerProcess, trial: Trial): Promise<string> {
  const answered = trial.edit(server.port);
  const halted = server.says(/^Halted before (\w+)$/m);
  // When the edit is done nobody waits for the halt, which fails when the server is gone.
  halted.catch(() => {});
  return await Promise.race([
    halted,
    answered.then((acknowledged) => (acknowledged ? 'nothing' : 'a failure')),
  ]);
}

async function strike(server: ServerProcess, site: Site): Promise<void> {
  site.strike();
  await server[Symbol.asyncDispose]();
  await site.restore();
}

async function faultsOf(trial: Trial, site: Site, port: number): Promise<readonly string[]> {
  const left = leftOvers(site).map((name) => `left over: .inkwire/tmp/${name}`);
  const faults = await trial.faults(port);
  return [...left, ...faults, ...disagreements(site.root, { isServed: true })];
}
