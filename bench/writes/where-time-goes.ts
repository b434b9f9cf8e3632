/**
 * `bun run bench writes --profile`: where the time of a durable insert goes, over all threads that
 * take part, those of the client and of the kernel too: processor time for each edit, what reaches
 * the disk, and the system calls of the server's threads.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryPath } from '../../test/docs/marked.ts';
import { type MeasuredServer, startInkwire } from '../servers.ts';
import { startDav } from '../verify/peers.ts';
import type { WritesBenchOptions } from '../writes.ts';
import type { Contestant } from './contestant.ts';
import { deviceOf, fileSystemName } from './file-system-name.ts';
import { goalName, insertContestants, preparePages } from './inserts.ts';
import { JournaledDisk, lackOfJournaledDisk } from './journaled-disk.ts';
import { davContestant } from './peers.ts';
import { callsTable, type DiskCounts, type Observed, observedTables } from './profile-tables.ts';
import { countSystemCalls } from './system-call-counts.ts';
import { threadTimes, timesBetween } from './thread-times.ts';

/** The just-in-time compilers are busy for some 50,000 edits; what is left then is the work. */
const warmingRuns = 5;

/** The tables as Markdown. Rejects when `signal` is aborted, with everything unmounted. */
export async function profileWrites(
  sample: string,
  options: WritesBenchOptions,
  signal: AbortSignal,
): Promise<string> {
  const lack = lackOfJournaledDisk();
  if (lack !== undefined) return `There is no profile: it needs ${lack}.`;
  const folder = mkdtempSync(join(repositoryPath('.'), `.bench-writes-${process.pid}-`));
  try {
    await using disk = new JournaledDisk(folder, options.imageBytes);
    const inserts = await profileInserts(disk.path, sample, options, signal);
    const peer = await profileDav(disk.path, sample, options, signal);
    return [`On ${fileSystemName(disk.path)}.`, ...inserts, ...peer].join('\n\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function profileInserts(
  path: string,
  sample: string,
  { workers, seconds }: WritesBenchOptions,
  signal: AbortSignal,
): Promise<string[]> {
  const root = join(path, 'root');
  mkdirSync(root);
  preparePages(root, sample);
  await using server = await startInkwire(root, workers);
  const contestant = insertContestants(server, sample, seconds).find(
    ({ name }) => name === goalName,
  );
  if (contestant === undefined) throw new Error(`no contestant ${goalName}`);
  for (let run = 0; run < warmingRuns; run += 1) await contestant.measure(signal);
  const observed = await observe(contestant, server, path, seconds, signal);
  const counts = await countSystemCalls(server.pid, () => contestant.measure(signal));
  const calls = counts === undefined ? [] : [callsTable(counts, seconds)];
  return [...observedTables(goalName, observed), ...calls];
}

async function profileDav(
  path: string,
  sample: string,
  { seconds }: WritesBenchOptions,
  signal: AbortSignal,
): Promise<string[]> {
  const root = join(path, 'dav');
  mkdirSync(root);
  preparePages(root, sample);
  await using nginx = await startDav(root, join(path, 'nginx'));
  if (nginx === undefined) return [];
  const contestant = davContestant(nginx, sample, seconds);
  await contestant.measure(signal);
  return observedTables(contestant.name, await observe(contestant, nginx, path, seconds, signal));
}

async function observe(
  contestant: Contestant,
  server: MeasuredServer,
  path: string,
  seconds: number,
  signal: AbortSignal,
): Promise<Observed> {
  const processes = new Map([
    ['server', server.pid],
    ['client', process.pid],
    ...childrenOf(server.pid).map((pid): [string, number] => ['server', pid]),
  ]);
  const device = deviceOf(path);
  Bun.spawnSync(['sync', '-f', path]);
  const [threads, disk, startMs] = [threadTimes(processes), diskCounts(device), performance.now()];
  const sample = await contestant.measure(signal);
  const elapsedMs = performance.now() - startMs;
  const now = diskCounts(device);
  return {
    ...{ sample, elapsedMs, edits: sample.perSecond * seconds },
    threads: timesBetween(threads, threadTimes(processes)),
    disk: {
      bytesWritten: now.bytesWritten - disk.bytesWritten,
      writes: now.writes - disk.writes,
      flushes: now.flushes - disk.flushes,
    },
  };
}

/** nginx does its work in a process of its own. */
function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === '' ? [] : children.split(' ').map(Number);
}

/** The layout is that of Documentation/block/stat.rst. */
function diskCounts(device: string): DiskCounts {
  const fields = readFileSync(`/sys/block/${device}/stat`, 'utf8').trim().split(/ +/).map(Number);
  const [writes = 0, sectors = 0, flushes = 0] = [fields[4], fields[6], fields[15]];
  return { writes, bytesWritten: sectors * 512, flushes };
}
