/**
 * `bun run bench`: files from Inkwire beside nginx and other servers, row by row, and whether each
 * row reaches its goal. docs/PERFORMANCE.md says how it is measured.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryPath } from '../test/docs/marked.ts';
import type { Context } from './files/context.ts';
import { isReached } from './files/finding.ts';
import { FreshnessTally } from './files/freshness.ts';
import type { Driver } from './files/load.ts';
import { machineText } from './files/machine.ts';
import { ownDriver } from './files/own-runner.ts';
import type { Plan } from './files/plan.ts';
import { rowsPlot, sweepPlot } from './files/plots.ts';
import { type Found, measureRows } from './files/rows.ts';
import { makePages } from './files/served-pages.ts';
import { Stage } from './files/stage.ts';
import { findingsTable, freshnessText, sweepTable } from './files/table.ts';
import { wrkDriver } from './files/wrk.ts';

const rowsPicture = 'docs/images/rows-beside-nginx.svg';
const sweepPicture = 'docs/images/sizes-and-connections.svg';

export interface FilesBenchOptions {
  readonly plan: Plan;
  /** Of `rowNames`. */
  readonly rows: ReadonlySet<string>;
  /** Inkwire's. */
  readonly workers: number;
  /** Takes Inkwire's own load runner although there is wrk. */
  readonly own: boolean;
}

export interface FilesBenchResult {
  /** Markdown. */
  readonly text: string;
  /** What Inkwire answered to a request after a change, where that was not the new page. */
  readonly stale: string | undefined;
  /** Rows that could not be measured, and why. */
  readonly failures: readonly string[];
  readonly pictures: ReadonlyMap<string, string>;
}

/** Rejects when `signal` is aborted, with every process ended and nothing left behind. */
export async function benchFiles(
  sample: string,
  options: FilesBenchOptions,
  signal: AbortSignal,
): Promise<FilesBenchResult> {
  return await withContext(sample, options, signal, async (context) => {
    const startMs = performance.now();
    const found = await measureRows(context, options.rows);
    const minutes = (performance.now() - startMs) / 60_000;
    context.say(`took ${minutes.toFixed(1)} minutes`);
    return resultOf(context, found);
  });
}

/** Gives `use` servers to start and files to serve, in a folder that goes when it is done. */
export async function withContext<T>(
  sample: string,
  { plan, workers, own }: FilesBenchOptions,
  signal: AbortSignal,
  use: (context: Context) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), `inkwire-bench-${process.pid}-`));
  try {
    const root = join(folder, 'root');
    mkdirSync(root);
    makePages(root, sample, plan.sweepSizes);
    await using stage = new Stage(root, folder, workers);
    const driver = driverFor(own, folder);
    const say = (text: string): void => console.error(`  ${text}`);
    say(`load by ${driver.name}, one thread`);
    const freshness = new FreshnessTally();
    return await use({ stage, driver, plan, signal, sample, freshness, say });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function driverFor(own: boolean, folder: string): Driver {
  const wrk = Bun.which('wrk');
  return own || wrk === null ? ownDriver : wrkDriver(wrk, join(folder, 'requests.lua'));
}

function resultOf({ plan, driver, freshness }: Context, found: Found): FilesBenchResult {
  const own = freshness.of('Inkwire');
  const { findings, points, peers, failures } = found;
  const how =
    `${plan.pairs} alternating pairs of ${plan.seconds} s after a warm-up; medians, and of the ` +
    `ratios of each pair the median and the quartiles. Load by ${driver.name}, one thread` +
    ' (p99: Inkwire’s load runner).';
  const pictures = new Map<string, string>();
  if (findings.length > 0) pictures.set(rowsPicture, rowsPlot(findings));
  if (points !== undefined) pictures.set(sweepPicture, sweepPlot(points));
  const parts = [
    ...(findings.length > 0 ? [findingsTable(findings), how] : []),
    ...(own.asked > 0 ? [freshnessText(own, freshness.of('nginx'))] : []),
    ...(points === undefined ? [] : [sweepTable(points)]),
    ...(peers === undefined ? [] : [peers]),
    ...failures.map((failure) => `Not measured: ${failure}`),
    machineText(driver.name),
  ];
  const missed = findings.filter(
    ({ goal, measured }) => typeof measured !== 'string' && !isReached(goal, measured.median),
  );
  for (const { row } of missed) console.error(`  not reached: ${row}`);
  return { text: parts.join('\n\n'), stale: freshness.firstStale, failures, pictures };
}

/** Puts the pictures into their places in the repository. */
export function writePictures(pictures: ReadonlyMap<string, string>): void {
  for (const [name, svg] of pictures) writeFileSync(repositoryPath(name), svg);
}
