/** The checker and the recorder take long histories in linear time. */

import { expect, test } from 'bun:test';
import { judge } from '../../../src/load/history/checker.ts';
import type { Edit, History, PageStep, Read } from '../../../src/load/history/history.ts';
import { Recorder } from '../../../src/load/history/recorder.ts';

const editCount = 100_000;
/**
 * Linear time takes a tenth of it; what grows with the square of the edits does 10,000,000,000
 * steps, and takes several times as long.
 */
const patienceMs = 4_000;

/** Edits one after the other, each acknowledged and read with the page as it then was. */
function longHistory(readBehind: number): History {
  const pages: PageStep[] = [];
  const edits: Edit[] = [];
  const reads: Read[] = [];
  for (let mark = 1; mark <= editCount; mark += 1) {
    pages.push({ after: mark - 1, mark });
    const saw = { kind: 'page', page: mark } as const;
    const builtOn = { kind: 'page', page: mark - 1 } as const;
    const answer = { kind: 'acknowledged', atMs: mark + 0.2, saw } as const;
    edits.push({ mark, invokedMs: mark, answer, builtOn });
    const page = Math.max(0, mark - readBehind);
    reads.push({ invokedMs: mark + 0.4, answeredMs: mark + 0.6, saw: { kind: 'page', page } });
  }
  return { pages, edits, reads, final: { kind: 'page', page: editCount } };
}

const long = longHistory(0);

function timed<T>(work: () => T): T {
  const beganMs = performance.now();
  const result = work();
  expect(performance.now() - beganMs).toBeLessThan(patienceMs);
  return result;
}

test(`${editCount} edits and as many reads are judged at once`, () => {
  expect(timed(() => judge(long))).toMatchObject({ linearizable: true, confirmed: true });
});

test('and when each read is old', () => {
  const history = longHistory(1);
  const { counts } = timed(() => judge(history));
  expect(counts).toEqual({
    lost: 0,
    doubled: 0,
    torn: 0,
    reordered: 0,
    phantom: 0,
    stale: editCount,
  });
});

test('and when every edit overwrites the one before', () => {
  const pages = long.pages.map(({ mark }) => ({ after: 0, mark }));
  const edits = long.edits.map((edit) => ({
    ...edit,
    builtOn: { kind: 'page', page: 0 } as const,
  }));
  const { counts, examples } = timed(() => judge({ ...long, pages, edits }));
  expect(counts).toMatchObject({ lost: editCount - 1, doubled: 0, torn: 0, phantom: 0 });
  expect(examples[0]?.text).toEndWith(`Edit ${editCount} replaced a page that did not have it.`);
});

test('and when the server held to no condition', () => {
  const builtOn = { kind: 'page', page: 0 } as const;
  const edits = long.edits.map((edit) => ({ ...edit, builtOn }));
  const { counts } = timed(() => judge({ ...long, edits }));
  expect(counts).toMatchObject({ reordered: editCount - 1, lost: 0, stale: 0 });
});

test('and when the final page has the order turned round', () => {
  const pages = long.pages.map(({ after }) => ({ after, mark: editCount - after }));
  const edits = long.edits.map(({ mark, invokedMs }) => {
    const answer = { kind: 'acknowledged', atMs: invokedMs } as const;
    return { mark, invokedMs, answer };
  });
  const { counts } = timed(() => judge({ ...long, pages, edits, reads: [] }));
  expect(counts).toMatchObject({ reordered: editCount - 1, lost: 0 });
});

test('reads of a page with thousands of marks are recorded in the room of the marks', () => {
  const marks = Array.from({ length: 3_000 }, (_, index) => index + 1);
  const recorder = new Recorder();
  timed(() => {
    for (const mark of marks) {
      recorder.invoke(mark, mark);
      recorder.acknowledge(mark, mark, recorder.sighting(marks.slice(0, mark)));
    }
  });
  expect(recorder.history().pages).toHaveLength(marks.length);
});
