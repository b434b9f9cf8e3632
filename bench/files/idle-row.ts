/** The rows of idle connections: what each takes of memory, and what they cost an active client. */

import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { median, pairedRatios, perSecond, spreadOf } from '../figures.ts';
import { kernelObjectBytes, ownBytes, settledBytes } from '../process-figures.ts';
import { filesAllowed, type MeasuredServer, startInkwire, withAllFiles } from '../servers.ts';
import { type Context, measureLoad, warmUp } from './context.ts';
import { atLeast, type Finding, type Goal, single } from './finding.ts';
import { loadOf, type Sample } from './load.ts';
import { alternate } from './pairs.ts';
import { samplePath } from './served-pages.ts';

const crowdSize = 10_000;
const flags = ['--max-connections', '12000', '--idle-timeout', '120s'];
/** Of the server, and of the crowd: some for all else. Inkwire itself says when it wants more. */
const filesMin = 12_500;
const SETTLE_MAX_MS = 4_000;
const READY_TIMEOUT_MS = 20_000;
/** Two runs of the same differ by as much: more is a finding. */
const noSlower = 0.95;
const one = loadOf(samplePath, 1);

const row = 'idle';
const memoryWork = '10,000 idle connections: memory of each';
const memoryGoal: Goal = { kind: 'under', value: 4, unit: 'KiB' };
const activeWork = 'one active client, with 10,000 idle ones beside it and without';

export async function measureIdle(context: Context): Promise<readonly Finding[]> {
  const lack = lackOfCrowd();
  if (lack !== undefined) {
    const nothing = { row, inkwire: '', nginx: '', measured: `it needs ${lack}` };
    return [
      { ...nothing, work: memoryWork, goal: memoryGoal },
      { ...nothing, work: activeWork, goal: atLeast(noSlower) },
    ];
  }
  const { stage, plan } = context;
  await stage.stopInkwire();
  const crowded = await stage.inkwire(...flags);
  const quietRoot = join(stage.folder, 'quiet-root');
  mkdirSync(quietRoot, { recursive: true });
  copyFileSync(join(stage.root, samplePath), join(quietRoot, samplePath));
  await using quiet = await startInkwire(quietRoot, stage.workers, flags);
  for (const { port } of [crowded, quiet]) {
    // Two hundred connections at once, so that what a server keeps for good is there already.
    await warmUp(context, port, { ...one, connections: 200 }, plan.warmUpSeconds);
    await warmUp(context, port, one, plan.warmUpSeconds);
  }
  const before = await settledBytes(crowded.pid, SETTLE_MAX_MS, ownBytes);
  const kernelBefore = kernelObjectBytes();
  await using crowd = await gather(crowded.port, context.signal);
  const after = await settledBytes(crowded.pid, SETTLE_MAX_MS, ownBytes);
  const kernelEach = (kernelObjectBytes() - kernelBefore) / crowdSize / 1024;
  context.say(
    `${row} · ${crowdSize} connections: ${perSecond((after - before) / crowdSize)} B each`,
  );
  const active = await measureActive(context, crowded, quiet);
  await crowd.leave();
  return [
    {
      row,
      work: memoryWork,
      goal: memoryGoal,
      inkwire: `${perSecond(after / 1024 ** 2)} MiB in all`,
      nginx: '',
      measured: single((after - before) / crowdSize / 1024),
      note: `the kernel’s part, both ends of each connection: about ${kernelEach.toFixed(1)} KiB`,
    },
    active,
  ];
}

async function measureActive(
  context: Context,
  crowded: MeasuredServer,
  quiet: MeasuredServer,
): Promise<Finding> {
  const measure = async (name: string, { port }: MeasuredServer): Promise<Sample> => {
    const sample = await measureLoad(context, port, one);
    context.say(`${row} · ${name}: ${perSecond(sample.perSecond)}/s`);
    return sample;
  };
  const { own, peer } = await alternate(
    context.plan.pairs,
    () => measure('with the crowd', crowded),
    () => measure('without', quiet),
  );
  const rates = (samples: readonly Sample[]): number[] => samples.map((each) => each.perSecond);
  const p99 = (samples: readonly Sample[]): string =>
    `${median(samples.map(({ p99Ms }) => p99Ms)).toFixed(2)} ms`;
  return {
    row,
    work: activeWork,
    goal: atLeast(noSlower),
    inkwire: `${perSecond(median(rates(own)))}/s with, ${perSecond(median(rates(peer)))}/s without`,
    nginx: '',
    measured: spreadOf(pairedRatios(rates(own), rates(peer))),
    note: `p99 ${p99(own)} with the crowd, ${p99(peer)} without`,
  };
}

/** What the machine lacks for that many connections; `undefined` when nothing. */
export function lackOfCrowd(): string | undefined {
  if (process.platform !== 'linux') return 'Linux, for its /proc';
  const allowed = filesAllowed();
  if (allowed >= filesMin) return undefined;
  return `${perSecond(filesMin)} open files, and this user may have ${perSecond(allowed)}`;
}

/** Resolves once all of the crowd are connected and were answered. */
async function gather(port: number, signal: AbortSignal) {
  const script = join(import.meta.dir, 'crowd.ts');
  const numbers = [String(port), samplePath, String(crowdSize)];
  const child = Bun.spawn([...withAllFiles([process.execPath, script, ...numbers])], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
    signal,
    killSignal: 'SIGKILL',
  });
  const reader = child.stdout.getReader();
  const said = async (): Promise<string> =>
    new TextDecoder().decode((await reader.read()).value ?? new Uint8Array());
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await child.exited;
  };
  const killer = setTimeout(() => child.kill('SIGKILL'), READY_TIMEOUT_MS);
  const first = await said();
  clearTimeout(killer);
  if (first.trim() !== 'ready') {
    await end();
    signal.throwIfAborted();
    throw new Error('the crowd of idle connections did not come about');
  }
  return {
    /** Ends it. Rejects when not all had stayed. */
    async leave(): Promise<void> {
      await child.stdin.end();
      const left = (await said()).trim();
      signal.throwIfAborted();
      if (Number(left) !== crowdSize) throw new Error(`of the crowd ${left} had stayed`);
    },
    [Symbol.asyncDispose]: end,
  };
}
