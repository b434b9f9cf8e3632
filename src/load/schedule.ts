/** When the requests of an open load are due: a fixed schedule that no answer can move. */

import { assert } from '../base/assert.ts';

export interface Schedule {
  /** When request number `index`, from 0 on, is due: milliseconds from the start of the load. */
  dueMs(index: number): number;
  /** How many are due before `ms`. */
  countBefore(ms: number): number;
}

/**
 * One request every 1/rate seconds; before that, for `rampMs`, a rate that grows evenly from
 * nothing to `rate`, so that half as many come as at the full rate.
 *
 * @param rate requests per second, above 0
 */
export function openSchedule(rate: number, rampMs: number): Schedule {
  assert(rate > 0 && Number.isFinite(rate), `a rate of ${rate} per second`);
  assert(rampMs >= 0, `a ramp of ${rampMs} ms`);
  const perMs = rate / 1000;
  const inRamp = (perMs * rampMs) / 2;
  const dueMs = (index: number): number => {
    // The number that came by t in the ramp is perMs × t² / (2 × rampMs).
    if (index < inRamp) return Math.sqrt((2 * rampMs * index) / perMs);
    return rampMs + (index - inRamp) / perMs;
  };
  return {
    dueMs,
    countBefore(ms) {
      if (ms <= 0) return 0;
      const exact = ms < rampMs ? (perMs * ms * ms) / (2 * rampMs) : inRamp + perMs * (ms - rampMs);
      // Rounding may be off by one either way.
      let count = Math.ceil(exact);
      while (dueMs(count) < ms) count += 1;
      while (count > 0 && dueMs(count - 1) >= ms) count -= 1;
      return count;
    },
  };
}
