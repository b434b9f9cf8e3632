/** The progress bar of a load: one line that is drawn over itself, on a terminal only. */

import type { LoadProgress } from '../load/load.ts';

/** Columns of the bar itself on a wide terminal. */
const barColumnsMax = 40;

/** Removes the bar and leaves the cursor where it began. */
export const eraseBar = '\r\x1b[K';

const numbers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** What draws the bar over the one before, within `columns`. */
export function drawBar(progress: LoadProgress, columns: number): string {
  return `\r${barText(progress, columns)}\x1b[K`;
}

/** The bar as text of fewer than `columns` columns, so that the terminal never wraps it. */
export function barText(progress: LoadProgress, columns: number): string {
  const { done, count, elapsedMs } = progress;
  const share = count === 0 ? 1 : Math.min(1, done / count);
  const perSecond = elapsedMs > 0 ? (done * 1000) / elapsedMs : 0;
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  const [doneText, countText, rate] = [done, count, perSecond].map((n) => numbers.format(n));
  const tail = `${percent}  ${doneText}/${countText}  ${rate}/s`;
  const room = Math.min(barColumnsMax, columns - tail.length - 4);
  if (room < 4) return tail.slice(0, Math.max(0, columns - 1));
  const filled = Math.floor(share * room);
  return `[${'#'.repeat(filled)}${'-'.repeat(room - filled)}] ${tail}`;
}
