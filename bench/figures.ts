/** What the benchmarks make of their measurements. */

/** The middle one, or the mean of the two in the middle; NaN for none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/**
 * The median of the ratios of each pair: a machine that slows down slows both of a pair, and so
 * does not move it.
 */
export function pairedRatio(own: readonly number[], peer: readonly number[]): number {
  return median(own.map((rate, index) => rate / (peer[index] ?? Number.NaN)));
}

export function perSecond(rate: number): string {
  return Math.round(rate).toLocaleString('en-US');
}
