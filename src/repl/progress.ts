/** How far a load is, as one line that fits the terminal. */

import type { Clock } from '../base/clock.ts';
import type { LoadProgress, LoadReport, LoadRun } from '../load/load.ts';
import { countText, latencyText, rateText } from '../load/report/figures.ts';
import type { Output } from './output.ts';
import { showUntil } from './status-line.ts';

/** Columns of the bar itself, on a wide terminal and where it is still worth its room. */
const barColumnsMax = 40;
const barColumnsMin = 10;

/** The rate that is shown is that of so much time before: what happens now, and yet no flicker. */
export const rateWindowMs = 1_000;

/** Waits for the run's report and meanwhile shows how far it is, when a person looks on. */
export function watchLoad(run: LoadRun, output: Output, clock: Clock): Promise<LoadReport> {
  const recent = new RecentRate();
  const text = (columns: number): string => {
    const progress = run.progress();
    return progressText(progress, recent.perSecond(progress), columns);
  };
  return showUntil(run.report, text, output, clock);
}

/** Remembers what it was shown of a run for as long as the rate looks back. */
export class RecentRate {
  /** The oldest first: the last one that is older than the window, then all within it. */
  readonly #seen: Pick<LoadProgress, 'done' | 'elapsedMs'>[] = [{ done: 0, elapsedMs: 0 }];

  /** Exchanges per second that ended in the window before `now`, or since the start if later. */
  perSecond(now: Pick<LoadProgress, 'done' | 'elapsedMs'>): number {
    const windowStartMs = now.elapsedMs - rateWindowMs;
    while ((this.#seen[1]?.elapsedMs ?? Number.POSITIVE_INFINITY) <= windowStartMs) {
      this.#seen.shift();
    }
    const { done, elapsedMs } = now;
    const then = this.#seen[0] ?? now;
    this.#seen.push({ done, elapsedMs });
    const passedMs = elapsedMs - then.elapsedMs;
    return passedMs > 0 ? ((done - then.done) * 1_000) / passedMs : 0;
  }
}

/** A part of the line; the one with the lowest rank is dropped first when there is no room. */
interface Part {
  readonly rank: number;
  readonly text: string;
}

const gap = '  ';

/**
 * The line, narrower than `columns`, so that no terminal wraps it: a bar, and as many of the
 * figures as there is room for.
 *
 * @param perSecond the rate to show
 */
export function progressText(progress: LoadProgress, perSecond: number, columns: number): string {
  const room = Math.max(0, columns - 1);
  const parts = partsOf(progress, perSecond);
  let kept = parts;
  while (kept.length > 1 && textOf(kept).length > room) kept = withoutLowest(kept);
  // The bar comes before the figures that are of less use than a picture, and takes what is left.
  let beside = kept;
  while (beside.some(({ rank }) => rank < barRank) && !fitsBar(beside, room)) {
    beside = withoutLowest(beside);
  }
  if (!fitsBar(beside, room)) return textOf(kept).trimStart().slice(0, room);
  const width = Math.min(barColumnsMax, room - textOf(beside).length - barBorders);
  const filled = Math.floor(shareOf(progress) * width);
  return `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${textOf(beside)}`;
}

/** The brackets of the bar and the blank behind it. */
const barBorders = 3;
/** Figures of a lower rank give way to the bar. */
const barRank = 3;

function fitsBar(parts: readonly Part[], room: number): boolean {
  return textOf(parts).length + barBorders + barColumnsMin <= room;
}

function withoutLowest(parts: readonly Part[]): readonly Part[] {
  const lowest = Math.min(...parts.map(({ rank }) => rank));
  return parts.filter(({ rank }) => rank !== lowest);
}

function textOf(parts: readonly Part[]): string {
  return parts.map(({ text }) => text).join(gap);
}

function shareOf({ warming, extent, done, elapsedMs }: LoadProgress): number {
  if (warming) return 0;
  const share = extent.kind === 'count' ? done / extent.count : elapsedMs / extent.durationMs;
  return Math.min(1, share);
}

function partsOf(progress: LoadProgress, perSecond: number): readonly Part[] {
  const { done, failed, extent, elapsedMs, latency } = progress;
  if (progress.warming) return [{ rank: 9, text: 'warming up, nothing is counted yet' }];
  const parts: Part[] = [{ rank: 9, text: `${Math.floor(shareOf(progress) * 100)}%`.padStart(4) }];
  if (extent.kind === 'count') {
    parts.push({ rank: 6, text: `${countText(done)}/${countText(extent.count)}` });
  } else {
    const fine = extent.durationMs < fineDurationMs;
    const shown = Math.min(elapsedMs, extent.durationMs);
    const text = `${timeText(shown, fine)}/${timeText(extent.durationMs, fine)}`;
    const over = elapsedMs > extent.durationMs;
    parts.push({ rank: 6, text: over ? `${text}, waiting for the last answers` : text });
    parts.push({ rank: 0, text: `${countText(done)} done` });
  }
  parts.push({ rank: 5, text: `${rateText(perSecond)}/s` });
  if (latency !== undefined) {
    parts.push({ rank: 1, text: `p50 ${latencyText(latency.percentileMs(50))}` });
    parts.push({ rank: 2, text: `p99 ${latencyText(latency.percentileMs(99))}` });
  }
  if (failed > 0) parts.push({ rank: 7, text: `${countText(failed)} failed` });
  return parts;
}

/** In a run shorter than this a second is worth telling apart. */
const fineDurationMs = 10_000;

/** Whole seconds, or tenths of them; from two minutes on with minutes. */
function timeText(ms: number, fine: boolean): string {
  if (fine) return `${(Math.floor(ms / 100) / 10).toFixed(1)}s`;
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 120) return `${seconds}s`;
  const rest = seconds % 60;
  return rest === 0 ? `${seconds / 60}m` : `${Math.floor(seconds / 60)}m${rest}s`;
}
