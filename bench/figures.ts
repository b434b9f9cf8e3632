/** What the benchmarks make of their measurements. */

/** The middle of a sample, and what half of it lies between. */
export interface Spread {
  readonly median: number;
  /** A quarter of the sample is below. */
  readonly lower: number;
  /** A quarter of the sample is above. */
  readonly upper: number;
}

/** The middle one, or the mean of the two in the middle; NaN for none. */
export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

/**
 * The value that `share` of the numbers are below, on the line between the two nearest ones; NaN
 * for none.
 *
 * @param share from 0 to 1
 */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const lower = sorted[Math.floor(at)] ?? Number.NaN;
  const upper = sorted[Math.ceil(at)] ?? Number.NaN;
  return lower + (upper - lower) * (at - Math.floor(at));
}

export function spreadOf(numbers: readonly number[]): Spread {
  const at = (share: number): number => quantile(numbers, share);
  return { median: at(0.5), lower: at(0.25), upper: at(0.75) };
}

/** The ratio of each pair. */
export function pairedRatios(own: readonly number[], peer: readonly number[]): number[] {
  return own.map((rate, index) => rate / (peer[index] ?? Number.NaN));
}

/**
 * The median of the ratios of each pair: a machine that slows down slows both of a pair, and so
 * does not move it.
 */
export function pairedRatio(own: readonly number[], peer: readonly number[]): number {
  return median(pairedRatios(own, peer));
}

export function perSecond(rate: number): string {
  return Math.round(rate).toLocaleString('en-US');
}
