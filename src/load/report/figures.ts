/** Numbers, times and sizes as people read them: about three significant digits, and a unit. */

const numbers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A whole number with its thousands apart. */
export function countText(value: number): string {
  return numbers.format(value);
}

/** Requests per second: below ten with a decimal, where it matters. */
export function rateText(perSecond: number): string {
  return perSecond < 9.95 ? perSecond.toFixed(1) : countText(perSecond);
}

/** A number and its unit apart, so that a column can align both. */
export interface Quantity {
  readonly number: string;
  readonly unit: string;
}

/** `value` with three significant digits; from a thousand on all of the whole ones. */
function threeDigits(value: number): string {
  // The limits are those at which the digits would round up into the next form.
  if (value < 9.995) return value.toFixed(2);
  if (value < 99.95) return value.toFixed(1);
  return countText(value);
}

/** Microseconds below 1 ms, seconds from 1 s on. */
export function latencyQuantity(ms: number): Quantity {
  if (ms < 0.9995) return { number: threeDigits(ms * 1_000), unit: 'µs' };
  if (ms < 999.5) return { number: threeDigits(ms), unit: 'ms' };
  return { number: threeDigits(ms / 1_000), unit: 's' };
}

export function latencyText(ms: number): string {
  const { number, unit } = latencyQuantity(ms);
  return `${number} ${unit}`;
}

/** Time that a person waited, in seconds; from two minutes on with minutes. */
export function elapsedText(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 119.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${countText(Math.floor(whole / 60))} min ${whole % 60} s`;
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes in powers of a thousand, as networks count them. */
export function bytesText(bytes: number): string {
  let value = bytes;
  for (const unit of byteUnits) {
    if (value < 999.5 || unit === 'TB') {
      return `${unit === 'B' ? countText(value) : threeDigits(value)} ${unit}`;
    }
    value /= 1_000;
  }
  return countText(bytes);
}

/** A share from 0 to 1 in percent; what is there at all is never 0, what is not all never 100. */
export function shareText(share: number): string {
  if (share <= 0) return '0%';
  if (share < 0.001) return '<0.1%';
  if (share >= 1) return '100%';
  return `${Math.min(99.9, Math.round(share * 1_000) / 10).toFixed(1)}%`;
}
