/** Each limit's flag: at its bounds, one past them, and what is no value at all. */

import { describe, expect, test } from 'bun:test';
import { type DescribedLimit, describedLimits, takeLimits } from '../../src/config/limit-flags.ts';
import { durationText, sizeText } from '../../src/config/units.ts';

const units = { duration: 'ms', size: 'b', rate: 'b', count: '' } as const;

/** The value that the flag sets, whichever part it belongs to; or the sentence. */
function set(group: keyof typeof describedLimits, limit: DescribedLimit, text: string) {
  const limits = takeLimits({ [limit.option]: text });
  const defaults = takeLimits({});
  if (typeof limits === 'string') return limits;
  if (typeof defaults === 'string') return defaults;
  const changed = (['head', 'server', 'dispatch', 'store'] as const).flatMap((part) => {
    const before = new Map<string, number>(Object.entries(defaults[part]));
    return Object.entries(limits[part])
      .filter(([key, value]) => before.get(key) !== value)
      .map(([, value]) => ({ part, value }));
  });
  expect(changed.map(({ part }) => part)).toEqual(changed.map(() => group));
  return changed.map(({ value }) => value);
}

const groups = ['head', 'server', 'dispatch', 'store'] as const;
for (const group of groups) {
  describe(group, () => {
    for (const limit of describedLimits[group]) {
      const { flag, unit, min, max, defaultValue } = limit;
      test(flag, () => {
        expect(min <= defaultValue && defaultValue <= max).toBe(true);
        for (const value of [min, max, min + 1]) {
          const want = value === defaultValue ? [] : [value];
          expect(set(group, limit, `${value}${units[unit]}`)).toEqual(want);
        }
        const past = [`${max + 1}${units[unit]}`, ...(min > 0 ? [`${min - 1}${units[unit]}`] : [])];
        for (const text of [...past, '', 'many', '-1', '1.5.5', 'NaN', '1e3', '٣']) {
          const sentence = set(group, limit, text);
          expect(sentence).toBeTypeOf('string');
          expect(String(sentence)).toStartWith(`${flag} takes `);
        }
      });
    }
  });
}

test('the sentences say what is taken', () => {
  const rows = [
    [{ maxFields: '0' }, '--max-fields takes a whole number from 1 to 1000'],
    [{ maxFields: '1.5' }, '--max-fields takes a whole number from 1 to 1000'],
    [{ maxField: '2gb' }, '--max-field takes a size from 256 to 1mb, such as 8000 or 64kb'],
    [
      { minWriteRate: '2mb' },
      '--min-write-rate takes bytes per second from 0 to 1mb, such as 500 or 2kb',
    ],
    [
      { headerTimeout: '10' },
      '--header-timeout takes a duration from 100ms to 1h, such as 10s or 500ms',
    ],
  ] as const;
  for (const [flags, want] of rows) expect(takeLimits(flags)).toBe(want);
});

test('durations and sizes are written as short as they can be', () => {
  const durations = [0, 100, 1_000, 1_500, 60_000, 120_000, 3_600_000, 86_400_000];
  expect(durations.map(durationText)).toEqual([
    '0s',
    '100ms',
    '1s',
    '1500ms',
    '60s',
    '2m',
    '1h',
    '24h',
  ]);
  const sizes = [0, 1, 8_000, 1_024, 1_536, 1_048_576, 1_073_741_824];
  expect(sizes.map(sizeText)).toEqual(['0', '1', '8000', '1kb', '1536', '1mb', '1gb']);
});
