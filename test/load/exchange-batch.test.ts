/** Exchanges that cross threads arrive as they were. */

import { expect, test } from 'bun:test';
import { BatchingSink, unpackBatch } from '../../src/load/exchange-batch.ts';
import type { LoadFailure } from '../../src/load/load.ts';
import type { StatusVerdict } from '../../src/load/tally.ts';

const verdicts: readonly StatusVerdict[] = ['right', 'refused', 'unexpected'];

type Told = readonly [number, StatusVerdict, number, number] | readonly [LoadFailure, string];

/** What comes out of the batches of `sink`. */
function unpacked(sink: BatchingSink): Told[] {
  const told: Told[] = [];
  unpackBatch(structuredClone(sink.take()), {
    completed: (...exchange) => void told.push(exchange),
    failed: (...failure) => void told.push(failure),
  });
  return told;
}

test('what goes in comes out, however much it is', () => {
  const sink = new BatchingSink();
  const want: Told[] = [];
  for (let index = 0; index < 5_000; index += 1) {
    const verdict = verdicts[index % 3] ?? 'right';
    const exchange = [200 + (index % 300), verdict, index / 7, index * 1.5] as const;
    sink.completed(...exchange);
    want.push(exchange);
  }
  sink.failed('reset', '');
  sink.failed('parse', 'why');
  expect(unpacked(sink)).toEqual([...want, ['reset', ''], ['parse', 'why']]);
  expect(unpacked(sink)).toEqual([]);
  sink.completed(204, 'right', 1, 2);
  expect(unpacked(sink)).toEqual([[204, 'right', 1, 2]]);
});
