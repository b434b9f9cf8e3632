/** One line that says how far something is, drawn over itself for as long as it runs. */

import type { Clock } from '../base/clock.ts';
import type { Output } from './output.ts';

/** Redraws of the line are this far apart: ten a second are smooth and cost nothing. */
const redrawPeriodMs = 100;

/** Removes what follows the cursor in its line. */
const eraseRest = '\x1b[K';

/**
 * Waits for `end`, and meanwhile shows what `text` says, when a person looks on; then the line is
 * removed, and the cursor stands where it began.
 *
 * @param text the line, given the columns there are; it must be narrower, so that nothing wraps
 */
export async function showUntil<End>(
  end: Promise<End>,
  text: (columns: number) => string,
  output: Output,
  clock: Clock,
): Promise<End> {
  if (!output.interactive) return end;
  const redraw = (): void => {
    void output.write(`\r${text(output.columns())}${eraseRest}`);
  };
  redraw();
  const timer = clock.every(redrawPeriodMs, redraw);
  try {
    return await end;
  } finally {
    timer.cancel();
    await output.write(`\r${eraseRest}`);
  }
}
