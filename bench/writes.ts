/**
 * `bun run bench writes`: durable inserts per second, beside one thread that syncs and renames and
 * beside nginx, which syncs nothing; on a journaled ext4 in an image file and on the project's own
 * disk.
 */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryPath } from '../test/docs/marked.ts';
import { perSecond } from './figures.ts';
import { startInkwire } from './servers.ts';
import { startDav } from './verify/peers.ts';
import type { Contestant, Sample } from './writes/contestant.ts';
import { fileSystemName } from './writes/file-system-name.ts';
import { insertContestants, preparePages } from './writes/inserts.ts';
import { JournaledDisk, lackOfJournaledDisk } from './writes/journaled-disk.ts';
import { davContestant, syncContestant } from './writes/peers.ts';
import { figuresTable, goalsTable, type Samples } from './writes/table.ts';

export interface WritesBenchOptions {
  readonly rounds: number;
  /** How long each measurement takes. */
  readonly seconds: number;
  /** Inkwire's workers. */
  readonly workers: number;
  /** Of the image that holds the journaled file system. */
  readonly imageBytes: number;
}

/** The tables as Markdown. Rejects when `signal` is aborted, with everything unmounted. */
export async function benchWrites(
  sample: string,
  options: WritesBenchOptions,
  signal: AbortSignal,
): Promise<string> {
  // In the project's own folder: a folder for temporary files may lie in memory.
  const folder = mkdtempSync(join(repositoryPath('.'), `.bench-writes-${process.pid}-`));
  try {
    const journaled = await onJournaledDisk(folder, sample, options, signal);
    const name = `the project’s own disk: ${fileSystemName(folder)}`;
    const own = await onDisk(folder, name, sample, options, signal);
    return [...journaled, ...own].join('\n\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function onJournaledDisk(
  parent: string,
  sample: string,
  options: WritesBenchOptions,
  signal: AbortSignal,
): Promise<string[]> {
  const leftOut = (why: string): string[] => [`The journaled ext4 is left out: ${why}.`];
  const lack = lackOfJournaledDisk();
  if (lack !== undefined) return leftOut(`it needs ${lack}`);
  let disk: JournaledDisk;
  try {
    disk = new JournaledDisk(parent, options.imageBytes);
  } catch (error) {
    // Root within a container may not mount.
    return leftOut(error instanceof Error ? error.message : String(error));
  }
  await using mounted = disk;
  const name = `an image file: ${fileSystemName(mounted.path)}`;
  return await onDisk(mounted.path, name, sample, options, signal);
}

/** @param path a folder on the disk that is measured */
async function onDisk(
  path: string,
  name: string,
  sample: string,
  { rounds, seconds, workers }: WritesBenchOptions,
  signal: AbortSignal,
): Promise<string[]> {
  const root = join(path, 'root');
  const davRoot = join(path, 'dav');
  for (const made of [root, davRoot]) {
    mkdirSync(made);
    preparePages(made, sample);
  }
  await using inkwire = await startInkwire(root, workers);
  // Its own folder is on that disk too, for it moves the content from there to the page.
  await using nginx = await startDav(davRoot, join(path, 'nginx'));
  const contestants = [
    ...insertContestants(inkwire, sample, seconds),
    syncContestant(join(path, 'sync'), sample.length, seconds),
    ...(nginx === undefined ? [] : [davContestant(nginx, sample, seconds)]),
  ];
  console.error(name);
  const samples = await measure(contestants, rounds, path, signal);
  return [figuresTable(name, samples), goalsTable(samples)];
}

/**
 * In each round each one is measured once, and the one that begins changes, so that a machine that
 * slows down slows all.
 */
async function measure(
  contestants: readonly Contestant[],
  rounds: number,
  path: string,
  signal: AbortSignal,
): Promise<Samples> {
  const samples = new Map(contestants.map(({ name }): [string, Sample[]] => [name, []]));
  // The first run warms the server up and is not counted.
  await contestants[0]?.measure(signal);
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < contestants.length; turn += 1) {
      const contestant = contestants[(round + turn) % contestants.length];
      if (contestant === undefined) continue;
      settle(path);
      const sample = await contestant.measure(signal);
      samples.get(contestant.name)?.push(sample);
      console.error(`  ${contestant.name}: ${perSecond(sample.perSecond)}`);
    }
  }
  return samples;
}

/** What one left to be written, as nginx does, must not be on the bill of the next. */
function settle(path: string): void {
  Bun.spawnSync(process.platform === 'linux' ? ['sync', '-f', path] : ['sync']);
}
