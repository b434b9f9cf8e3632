/** The statuses that suit a request, as `--expect` has them: `200,201`, `2xx`, `200-299`. */

import type { StatusExpectation } from '../load/load.ts';
import { quoted } from './display.ts';
import { problem } from './language.ts';
import type { ValueReader } from './options.ts';

/** Statuses have three digits (RFC 9110 section 15); 1xx are not final, so they are no answer. */
const statusMin = 200;
const statusMax = 599;

export const statusList: ValueReader<StatusExpectation> = {
  expected: `statuses from ${statusMin} to ${statusMax}, as 200, 200,201, 2xx or 200-299`,
  take(text) {
    const ranges: (readonly [number, number])[] = [];
    for (const piece of text.split(',')) {
      const range = takeRange(piece.trim());
      if (range === undefined) return undefined;
      const [from, to] = range;
      if (from > to) return problem(`${quoted(piece)} runs backwards; expected ${to}-${from}`);
      ranges.push(range);
    }
    return ranges;
  },
};

function takeRange(text: string): readonly [from: number, to: number] | undefined {
  const [, statusClass, first, last] = /^(?:([2-5])xx|(\d{3})(?:-(\d{3}))?)$/i.exec(text) ?? [];
  if (statusClass !== undefined) return [Number(statusClass) * 100, Number(statusClass) * 100 + 99];
  if (first === undefined) return undefined;
  const [from, to] = [Number(first), Number(last ?? first)];
  const known = [from, to].every((status) => status >= statusMin && status <= statusMax);
  return known ? [from, to] : undefined;
}
