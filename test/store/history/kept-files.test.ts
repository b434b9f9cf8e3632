/** The rows of the files that are kept: they are used again, and cost what is said of them. */

import { heapStats } from 'bun:jsc';
import { expect, test } from 'bun:test';
import { KeptFiles } from '../../../src/store/history/kept-files.ts';

/** Bytes of memory outside of objects. */
function rowBytes(): number {
  Bun.gc(true);
  return heapStats().extraMemorySize;
}

test('rows of files that are gone are used again', () => {
  const before = rowBytes();
  const kept = new KeptFiles();
  for (let round = 0; round < 50; round += 1) {
    for (let index = 1; index <= 4_000; index += 1) {
      kept.add({ page: index % 7, revision: round * 4_000 + index, bytes: 3 });
    }
    expect(kept.bytes).toBe(12_000);
    while (kept.oldestPage !== undefined) kept.takeOldestOf(kept.oldestPage);
    expect(kept.size).toBe(0);
  }
  // All 200,000 files would have had 8 MB at the least.
  expect(rowBytes() - before).toBeLessThan(2_000_000);
  expect(kept.countOf(1)).toBe(0);
});

test('a row is 40 bytes, in arrays that grow to twice their size', () => {
  const before = rowBytes();
  const kept = new KeptFiles();
  const files = 2 ** 16;
  for (let index = 0; index < files; index += 1) {
    kept.add({ page: index % 100, revision: index, bytes: 1 });
  }
  expect(kept.size).toBe(files);
  // A tenth more or less, for other objects come and go.
  expect(rowBytes() - before).toBeWithin(files * 36, files * 44);
  expect(kept.oldestPage).toBe(0);
});
