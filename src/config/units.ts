/** Durations and sizes as people write them: `10s`, `500ms`, `2m`; `64kb`, `16mb`, `1gb`. */

const DURATION_UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

const SIZE_UNITS_BYTES: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['kb', 1024],
  ['mb', 1024 ** 2],
  ['gb', 1024 ** 3],
]);

/** Milliseconds; `undefined` when `text` is no duration. A unit must be given. */
export function takeDurationMs(text: string): number | undefined {
  return takeQuantity(text, DURATION_UNITS_MS);
}

/** Bytes; `undefined` when `text` is no size. A number without a unit counts bytes. */
export function takeSizeBytes(text: string): number | undefined {
  return takeQuantity(/^[0-9]+$/.test(text) ? `${text}b` : text, SIZE_UNITS_BYTES);
}

function takeQuantity(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const match = /^([0-9]{1,12}(?:\.[0-9]{1,3})?)([a-z]+)$/.exec(text.trim().toLowerCase());
  if (match === null) return undefined;
  const [, number = '', unit = ''] = match;
  const factor = units.get(unit);
  return factor === undefined ? undefined : Math.round(Number(number) * factor);
}

/** The shortest way to write a duration, in milliseconds. */
export function durationText(ms: number): string {
  // Half a minute is 30s, and so is a minute 60s; from two on they are minutes.
  if (ms >= 3_600_000 && ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  if (ms >= 120_000 && ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}

/** The shortest way to write a size, in bytes. */
export function sizeText(bytes: number): string {
  for (const [unit, factor] of [...SIZE_UNITS_BYTES].reverse()) {
    if (unit !== 'b' && bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return String(bytes);
}
