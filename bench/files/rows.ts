/** All rows in their order: what each gives, and what becomes of one that fails. */

import type { Context } from './context.ts';
import type { Finding } from './finding.ts';
import { measureFreshness } from './fresh-row.ts';
import { measureIdle } from './idle-row.ts';
import { measurePeers } from './peer-rows.ts';
import { measureRates, rateRows } from './rate-rows.ts';
import { measureStart } from './start-row.ts';
import { measureSweep, type Point } from './sweep.ts';
import { measureTail } from './tail-row.ts';

export interface Found {
  readonly findings: readonly Finding[];
  /** Absent where the sweep was not asked for, or there is no nginx. */
  readonly points: readonly Point[] | undefined;
  /** The table of the other servers; absent where it was not asked for. */
  readonly peers: string | undefined;
  /** Rows that failed, and why. */
  readonly failures: readonly string[];
}

const otherRows = ['p99', 'freshness', 'sweep', 'start', 'idle', 'peers'] as const;

/** The names that `--only` takes. */
export const rowNames: readonly string[] = [...rateRows.map(({ row }) => row), ...otherRows];

/** @param names of `rowNames`: those that are measured */
export async function measureRows(context: Context, names: ReadonlySet<string>): Promise<Found> {
  const findings: Finding[] = [];
  const failures: string[] = [];
  let nginxTopRates: readonly number[] = [];
  let points: readonly Point[] | undefined;
  let peers: string | undefined;

  /** A row that fails is said to have, and does not take the others with it. */
  const attempt = async (row: string, measure: () => Promise<void>): Promise<void> => {
    if (!names.has(row)) return;
    context.signal.throwIfAborted();
    try {
      await measure();
    } catch (error) {
      context.signal.throwIfAborted();
      const why = error instanceof Error ? error.message : String(error);
      context.say(`${row} failed: ${why}`);
      failures.push(`${row}: ${why.trim().replace(/\s+/g, ' ')}`);
    }
  };

  const isHot = (row: string): boolean => row === 'hot';
  const measureRate = (row: (typeof rateRows)[number]): Promise<void> =>
    attempt(row.row, async () => {
      const rates = await measureRates(context, row);
      findings.push(...rates.findings);
      if (isHot(row.row)) nginxTopRates = rates.nginxPerSecond;
    });

  for (const row of rateRows.filter((one) => one.flags.length === 0 && !one.huge)) {
    await measureRate(row);
  }
  await attempt('p99', async () => {
    findings.push(...(await measureTail(context, nginxTopRates)));
  });
  await attempt('freshness', () => measureFreshness(context));
  await attempt('sweep', async () => {
    points = await measureSweep(context);
  });
  for (const row of rateRows.filter((one) => one.flags.length > 0 || one.huge)) {
    await measureRate(row);
  }
  await attempt('start', async () => {
    findings.push(...(await measureStart(context)));
  });
  await attempt('idle', async () => {
    findings.push(...(await measureIdle(context)));
  });
  await attempt('peers', async () => {
    peers = await measurePeers(context);
  });
  return { findings, points, peers, failures };
}
