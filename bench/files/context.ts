/** What every row is given: the servers, who asks them, how much, and who is told. */

import type { FreshnessTally } from './freshness.ts';
import type { Driver, Load, Sample } from './load.ts';
import type { Plan } from './plan.ts';
import type { Stage } from './stage.ts';

export interface Context {
  readonly stage: Stage;
  readonly driver: Driver;
  readonly plan: Plan;
  readonly signal: AbortSignal;
  /** The sample page. */
  readonly sample: string;
  /** What the changes of files have shown so far, in all rows. */
  readonly freshness: FreshnessTally;
  /** A line of progress. */
  say(text: string): void;
}

/** A load of which nothing is counted; nothing for no time. */
export async function warmUp(
  { driver, signal }: Context,
  port: number,
  load: Load,
  seconds: number,
): Promise<void> {
  if (seconds > 0) await driver.measure({ port, load, seconds, signal });
}

/** Measures once, for `seconds` of the plan unless said otherwise. */
export async function measureLoad(
  { driver, plan, signal }: Context,
  port: number,
  load: Load,
  seconds = plan.seconds,
): Promise<Sample> {
  return await driver.measure({ port, load, seconds, signal });
}
