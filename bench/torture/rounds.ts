/**
 * Rounds of disaster: a server under load is ended in a random moment and started again on the same
 * folder and port, and what it had acknowledged must be there.
 */

import { defaultStoreLimits } from '../../src/config/limits.ts';
import { disagreements } from '../../test/support/agreement.ts';
import { EditLoad, type Findings } from './edit-load.ts';
import type { LoadRun } from './load-run.ts';
import { ServerProcess } from './server-process.ts';
import { leftOvers, makePages, pagesTogether, type Site } from './site.ts';

export const connections = 64;
const readers = 2;
/** The moment is up to so much later than an answer, milliseconds. */
const lateMsMax = 4;
/** How long a server that has lost its disk may go on answering, milliseconds. */
const disklessMs = 5;

/** What happens in a round before its end. */
export interface Extent {
  /** Acknowledged edits: at least, and at most. */
  readonly answersMin: number;
  readonly answersMax: number;
  /** So many pages are edited, the next number in the next round. */
  readonly pages: readonly number[];
  /** Rounds that one folder lives through: its pages grow, and each edit copies its page. */
  readonly roundsOfOneSite: number;
}

/**
 * From the first edit to where all threads are warm. Groups of edits are of all sizes, and several
 * edits meet on each page; the pages lie in one folder, or most of them in folders of their own.
 */
export const shortRounds: Extent = {
  answersMin: 1,
  answersMax: 400,
  pages: [pagesTogether, 2 * pagesTogether],
  roundsOfOneSite: 10,
};

/**
 * Long enough that pages are settled, files of the journal and the ledger's log are used again, and
 * most versions are pruned before they are ever written. So many pages that none grows much.
 */
export const longRounds: Extent = {
  answersMin: 4_000,
  answersMax: 16_000,
  pages: [connections],
  roundsOfOneSite: 2,
};

/** A disk for long rounds, bytes: a hundred versions of each page, and what waits to be pruned. */
export const longDiskBytes = 512 * 1024 ** 2;

/** A source of random numbers that can be repeated. */
export interface Choice {
  /** An integer from 0 to `bound` - 1. */
  below(bound: number): number;
}

export interface RoundsPlan {
  readonly rounds: number;
  /** {@link shortRounds} when absent. */
  readonly extent?: Extent;
  readonly choice: Choice;
  readonly openSite: () => Site;
  /** Another server than Inkwire as it is; see {@link ServerProcess.start}. */
  readonly script?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Called before each load, when the server is known to insert as it should. */
  readonly beforeLoad?: () => void;
  /** Asked after each round whether the rest is not wanted any more. */
  readonly stopped?: () => boolean;
  /** Called after each round. */
  readonly onRound?: (round: Round) => void;
}

export interface Round extends Findings {
  /** Counted from 1. */
  readonly number: number;
}

/** Runs all rounds, and returns what was found in each. */
export async function runRounds(plan: RoundsPlan): Promise<Round[]> {
  const found: Round[] = [];
  while (found.length < plan.rounds && plan.stopped?.() !== true) {
    const { roundsOfOneSite } = plan.extent ?? shortRounds;
    const left = Math.min(roundsOfOneSite, plan.rounds - found.length);
    await liveThrough(plan, left, (findings) => {
      const round = { ...findings, number: found.length + 1 };
      found.push(round);
      plan.onRound?.(round);
    });
  }
  return found;
}

/** Lets one folder live through `rounds` disasters, each after the one before was survived. */
async function liveThrough(
  plan: RoundsPlan,
  rounds: number,
  onFindings: (findings: Findings) => void,
): Promise<void> {
  const { script, environment, extent = shortRounds } = plan;
  await using site = plan.openSite();
  const targets = makePages(site, Math.max(...extent.pages));
  const options = {
    root: site.root,
    ...(script && { script }),
    ...(environment && { environment }),
  };
  let server = await ServerProcess.start(options);
  try {
    const { port } = server;
    const load = await EditLoad.learn(port, targets);
    for (let round = 0; round < rounds && plan.stopped?.() !== true; round += 1) {
      const pages = extent.pages[round % extent.pages.length];
      plan.beforeLoad?.();
      const run = load.start(port, connections, readers, pages);
      await disaster(plan.choice, extent, site, server, run);
      server = await ServerProcess.start({ ...options, port });
      const left = leftOvers(site);
      const findings = await load.findings(port);
      const faults = [
        ...findings.faults,
        ...left.map((name) => `.inkwire/tmp/${name} was left`),
        ...disagreements(site.root, {
          isServed: true,
          kept: defaultStoreLimits.historyRevisionsMax,
        }),
      ];
      onFindings({ ...findings, faults });
    }
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

/** Ends the server, and its disk's power, while it is at work. */
export async function disaster(
  choice: Choice,
  { answersMin, answersMax }: Extent,
  site: Site,
  server: ServerProcess,
  run: LoadRun,
): Promise<void> {
  await run.answered(answersMin + choice.below(answersMax - answersMin + 1));
  const lateMs = choice.below(lateMsMax);
  if (lateMs > 0) await Bun.sleep(lateMs);
  site.strike();
  // What it still says is held against it: without a disk it can acknowledge nothing.
  if (site.losesWrites) await Bun.sleep(disklessMs);
  server.kill();
  await run.end();
  await server[Symbol.asyncDispose]();
  await site.restore();
}
