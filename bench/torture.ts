/**
 * `bun run torture`: kills the server again and again, and cuts the power of its disk, under 64
 * connections of inserts, and says whether all that was acknowledged is there each time.
 *
 *   bun run torture [--rounds 500] [--cuts 100] [--seed NUMBER]
 *
 * Cuts need root, and loop mounts; without them only the kills are done, and it says so. The exit
 * status is 1 when something was lost. Ctrl-C ends it after the round that runs.
 */

import { parseArgs } from 'node:util';
import { Seeded, seedOfRun } from '../test/store/seeded.ts';
import { missing } from '../test/support/system.ts';
import { imagePrograms } from './mounted-image.ts';
import { LoopDisk } from './torture/loop-disk.ts';
import { connections, type Round, runRounds } from './torture/rounds.ts';
import { FolderSite, type Site } from './torture/site.ts';

/** Rounds between two lines of progress. */
const progressRounds = 25;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '500' },
    cuts: { type: 'string', default: '100' },
    seed: { type: 'string' },
  },
});
const [kills, cuts] = [Number(values.rounds), Number(values.cuts)];
const seed = values.seed === undefined ? seedOfRun() : Number(values.seed);
if (![kills, cuts, seed].every(Number.isSafeInteger) || kills < 0 || cuts < 0) {
  console.error('--rounds, --cuts and --seed take whole numbers');
  process.exit(2);
}

let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stopped = true;
  });
}

/** Sums over the rounds of one kind. */
class Total {
  #rounds = 0;
  #acknowledged = 0;
  #unknown = 0;
  #standing = 0;
  #faulty = 0;

  constructor(
    readonly what: string,
    readonly planned: number,
  ) {}

  get isClean(): boolean {
    return this.#faulty === 0;
  }

  add({ number, acknowledged, unknown, unknownStanding, faults }: Round): void {
    this.#rounds = number;
    this.#acknowledged += acknowledged;
    this.#unknown += unknown;
    this.#standing += unknownStanding;
    if (faults.length > 0) this.#faulty += 1;
    for (const fault of faults) console.log(`${this.what} ${number}: ${fault}`);
    if (number % progressRounds === 0 && number < this.planned) console.log(this.text());
  }

  text(): string {
    const count = (value: number): string => value.toLocaleString('en-US');
    return [
      `${this.what}: ${count(this.#rounds)} of ${count(this.planned)}`,
      `${count(this.#acknowledged)} edits acknowledged`,
      `${count(this.#unknown)} not known, of which ${count(this.#standing)} stand`,
      this.isClean ? 'nothing lost, doubled, torn or moved' : `${count(this.#faulty)} WRONG`,
    ].join('; ');
  }
}

async function torture(what: string, rounds: number, openSite: () => Site): Promise<void> {
  const total = new Total(what, rounds);
  const startMs = performance.now();
  // Each kind has its moments whatever the other one's number is.
  const choice = new Seeded(seed);
  const onRound = (round: Round): void => total.add(round);
  await runRounds({ rounds, choice, openSite, onRound, stopped: () => stopped });
  const seconds = Math.round((performance.now() - startMs) / 1000);
  console.log(`${total.text()}; ${seconds} s`);
  if (!total.isClean) process.exitCode = 1;
}

console.log(`Seed ${seed}; ${connections} connections`);
await torture('kill', kills, () => new FolderSite());
if (cuts > 0) {
  const lack = missing({ root: true, programs: imagePrograms }) ?? LoopDisk.missing();
  if (lack === undefined) await torture('power cut', cuts, () => new LoopDisk());
  else console.log(`power cut: left out, for it needs ${lack}`);
}
