/**
 * `bun run torture`: kills the server again and again, and cuts the power of its disk, under 64
 * connections of inserts, and says whether all that was acknowledged is there each time. Then it
 * does both under a mix of inserts, replacements, removals and reads, and says whether all that was
 * answered has one order.
 *
 * Cuts need root, and loop mounts; without them only the kills are done, and it says so.
 */

import { Seeded, seedOfRun } from '../test/store/seeded.ts';
import { missing } from '../test/support/system.ts';
import { commandLine, refuse } from './command-line.ts';
import { runHistory } from './linearizable/server-history.ts';
import { imagePrograms } from './mounted-image.ts';
import { LoopDisk } from './torture/loop-disk.ts';
import {
  connections,
  type Extent,
  longDiskBytes,
  longRounds,
  type Round,
  runRounds,
} from './torture/rounds.ts';
import { FolderSite, type Site } from './torture/site.ts';

/** Rounds between two lines of progress. */
const progressRounds = 25;
/** So few that most operations have others beside them on each page, and no more than a few. */
const historyConnections = 12;
const historyKills = 5;
/** Answers after the last end of a history. */
const historyAnswers = 500;

const usage = `
Kills servers under load, cuts the power of their disk, and says whether all that was acknowledged
is there, and whether all that was answered has one order.

  bun run torture [--rounds 500] [--cuts 100] [--long-cuts 20] [--histories 30] [--seed NUMBER]

  --rounds N       kills under 64 connections of inserts
  --cuts N         the same, and the power is cut; as root, who may mount a disk
  --long-cuts N    the same after seconds of load, in which pages are settled and versions pruned
  --histories N    kills, and in every other one cuts, under a mix of inserts, replacements,
                   removals and reads
  --seed NUMBER    of a run before: its random moments again

The exit status is 1 when something was lost, or has no order. Ctrl-C ends it after the round that
runs.
`;

const { values } = commandLine(usage, {
  rounds: { type: 'string', default: '500' },
  cuts: { type: 'string', default: '100' },
  'long-cuts': { type: 'string', default: '20' },
  histories: { type: 'string', default: '30' },
  seed: { type: 'string' },
});
const [kills, cuts, longCuts, histories, seed] = [
  Number(values.rounds),
  Number(values.cuts),
  Number(values['long-cuts']),
  Number(values.histories),
  values.seed === undefined ? seedOfRun() : Number(values.seed),
];
const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
if (![kills, cuts, longCuts, histories].every(isCount) || !Number.isSafeInteger(seed)) {
  refuse('--rounds, --cuts, --long-cuts, --histories and --seed take whole numbers');
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
    return [
      `${this.what}: ${count(this.#rounds)} of ${count(this.planned)}`,
      `${count(this.#acknowledged)} edits acknowledged`,
      `${count(this.#unknown)} not known, of which ${count(this.#standing)} stand`,
      this.isClean ? 'nothing lost, doubled, torn or moved' : `${count(this.#faulty)} WRONG`,
    ].join('; ');
  }
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

async function torture(
  what: string,
  rounds: number,
  openSite: () => Site,
  extent?: Extent,
): Promise<void> {
  const total = new Total(what, rounds);
  const startMs = performance.now();
  // Each kind has its moments whatever the other one's number is.
  const choice = new Seeded(seed);
  const onRound = (round: Round): void => total.add(round);
  const plan = { rounds, choice, openSite, onRound, stopped: () => stopped };
  await runRounds(extent === undefined ? plan : { ...plan, extent });
  const seconds = Math.round((performance.now() - startMs) / 1000);
  console.log(`${total.text()}; ${seconds} s`);
  if (!total.isClean) process.exitCode = 1;
}

/**
 * Each history has a seed of its own, which its faults are told with.
 *
 * @param openSites where the histories happen, in turn
 */
async function tortureHistories(
  planned: number,
  openSites: readonly (() => Site)[],
): Promise<void> {
  let [number, operations, unknown, wrong] = [0, 0, 0, 0];
  const startMs = performance.now();
  for (; number < planned && !stopped; number += 1) {
    const own = seed + number;
    const openSite = openSites[number % openSites.length];
    const found = await runHistory({
      seed: own,
      connections: historyConnections,
      kills: historyKills,
      answers: historyAnswers,
      ...(openSite !== undefined && { openSite }),
    });
    for (const ended of Object.values(found.counts)) operations += ended;
    unknown += found.counts.unknown + found.counts.lapsed;
    if (found.faults.length > 0) wrong += 1;
    for (const fault of found.faults) console.log(`history of seed ${own}: ${fault}`);
  }
  const seconds = Math.round((performance.now() - startMs) / 1000);
  const text = [
    `history: ${count(number)} of ${count(planned)}, each with ${historyKills} ends`,
    `${count(operations)} operations on several pages, ${count(unknown)} not known`,
    wrong === 0 ? 'all in one order' : `${count(wrong)} WITHOUT AN ORDER`,
  ].join('; ');
  console.log(`${text}; ${seconds} s`);
  if (wrong > 0) process.exitCode = 1;
}

console.log(`Seed ${seed}; ${connections} connections`);
const openFolder = () => new FolderSite();
const openDisk = () => new LoopDisk();
const openLargeDisk = () => new LoopDisk(longDiskBytes);

if (kills > 0) await torture('kill', kills, openFolder);
const lack = missing({ root: true, programs: imagePrograms }) ?? LoopDisk.missing();
if (lack !== undefined) console.log(`power cut: left out, for it needs ${lack}`);
if (lack === undefined && cuts > 0) await torture('power cut', cuts, openDisk);
if (lack === undefined && longCuts > 0) {
  await torture('late power cut', longCuts, openLargeDisk, longRounds);
}
if (histories > 0) {
  await tortureHistories(histories, lack === undefined ? [openFolder, openDisk] : [openFolder]);
}
