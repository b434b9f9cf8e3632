/** The recorder keeps what it is told, in little room. */

import { expect, test } from 'bun:test';
import { judge } from '../../../src/load/history/checker.ts';
import type { History, Mark, PageNumber } from '../../../src/load/history/history.ts';
import { strayStepsMax } from '../../../src/load/history/page-tree.ts';
import { Recorder } from '../../../src/load/history/recorder.ts';
import { Seeded, seedOfRun } from '../../store/seeded.ts';

/** The marks of a page, oldest first. */
function marksOf({ pages }: History, page: PageNumber): Mark[] {
  const marks: Mark[] = [];
  for (let at = pages[page - 1]; at !== undefined; at = pages[at.after - 1]) marks.push(at.mark);
  return marks.reverse();
}

function countTo(count: number): Mark[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

test('a page that grows takes the room of its marks once, in whatever order it is seen', () => {
  const recorder = new Recorder();
  for (const length of [3, 0, 1, 3, 2, 5, 4, 5]) {
    expect(recorder.sighting(countTo(length))).toEqual({ kind: 'page', page: length });
  }
  expect(recorder.history().pages).toEqual([
    { after: 0, mark: 1 },
    { after: 1, mark: 2 },
    { after: 2, mark: 3 },
    { after: 3, mark: 4 },
    { after: 4, mark: 5 },
  ]);
});

const firstSeed = seedOfRun();

test(`any pages are kept as they were (seeds from ${firstSeed})`, () => {
  for (let seed = firstSeed; seed < firstSeed + 200; seed += 1) {
    const random = new Seeded(seed);
    const recorder = new Recorder();
    const lists = Array.from({ length: 20 }, () =>
      Array.from({ length: random.below(5) }, () => random.below(3)),
    );
    const sightings = lists.map((list) => recorder.sighting(list));
    const history = recorder.history();
    const kept = sightings.map((seen) => (seen.kind === 'page' ? marksOf(history, seen.page) : []));
    expect({ seed, kept }).toEqual({ seed, kept: lists });
    const distinct = new Set(
      lists.flatMap((list) => list.map((_, at) => `${list.slice(0, at + 1)}`)),
    );
    expect({ seed, steps: history.pages.length }).toEqual({ seed, steps: distinct.size });
  }
});

test('an edit is unknown until it is answered', () => {
  const recorder = new Recorder();
  const empty = recorder.sighting([]);
  recorder.invoke(7, 1, empty);
  recorder.invoke(8, 2);
  recorder.invoke(9, 3);
  recorder.invoke(10, 4);
  recorder.acknowledge(7, 5, recorder.sighting([7]));
  recorder.acknowledge(8, 6);
  recorder.refuse(9, 7);
  recorder.read(8, 9, { kind: 'torn', why: 'cut off' });
  expect(recorder.history(empty)).toEqual({
    pages: [{ after: 0, mark: 7 }],
    edits: [
      {
        mark: 7,
        invokedMs: 1,
        builtOn: { kind: 'page', page: 0 },
        answer: { kind: 'acknowledged', atMs: 5, saw: { kind: 'page', page: 1 } },
      },
      { mark: 8, invokedMs: 2, answer: { kind: 'acknowledged', atMs: 6 } },
      { mark: 10, invokedMs: 4, answer: { kind: 'unknown' } },
    ],
    reads: [{ invokedMs: 8, answeredMs: 9, saw: { kind: 'torn', why: 'cut off' } }],
    final: { kind: 'page', page: 0 },
  });
  expect(recorder.history().final).toBeUndefined();
});

test('a refused edit is told of when a page shows its mark, and only then', () => {
  const recorder = new Recorder();
  for (const mark of countTo(3)) {
    recorder.invoke(mark, 0, recorder.sighting([]));
    recorder.refuse(mark, 1);
  }
  recorder.read(2, 3, recorder.sighting([2]));
  const history = recorder.history(recorder.sighting([]));
  const kept = { mark: 2, invokedMs: 0, answer: { kind: 'refused', atMs: 1 } } as const;
  expect(history.edits).toEqual([kept]);
  const { counts, examples } = judge(history);
  expect(counts.phantom).toBe(1);
  expect(examples[0]?.text).toStartWith(
    'Edit 2 was refused at 1.000 ms, and stands in a page seen',
  );
});

test('a history stays as it was when more is recorded', () => {
  const recorder = new Recorder();
  recorder.invoke(1, 0);
  const before = recorder.history();
  recorder.acknowledge(1, 1, recorder.sighting([1]));
  recorder.read(2, 3, recorder.sighting([1]));
  expect(before).toEqual({
    pages: [],
    edits: [{ mark: 1, invokedMs: 0, answer: { kind: 'unknown' } }],
    reads: [],
  });
});

test.each([
  ['a mark a second time', (recorder: Recorder) => recorder.invoke(1, 0)],
  ['an answer to nothing', (recorder: Recorder) => recorder.acknowledge(4, 9)],
  ['an answer before the edit', (recorder: Recorder) => recorder.refuse(1, 4)],
  ['a second answer', (recorder: Recorder) => recorder.refuse(2, 9)],
  ['an answer to one that was refused', (recorder: Recorder) => recorder.acknowledge(3, 9)],
  [
    'a read that ends before it begins',
    (recorder: Recorder) => recorder.read(2, 1, recorder.sighting([])),
  ],
])('does not take %s', (_name, record) => {
  const recorder = new Recorder();
  recorder.invoke(1, 5);
  recorder.invoke(2, 5);
  recorder.acknowledge(2, 6);
  recorder.invoke(3, 5);
  recorder.refuse(3, 6);
  expect(() => record(recorder)).toThrow();
});

test('stray pages are kept up to a limit', () => {
  const recorder = new Recorder(4);
  recorder.sighting([1, 2, 3]);
  const kept = recorder.sighting([1, 9, 9]);
  expect(kept.kind).toBe('page');
  // At the limit: two more steps, one of them behind a stray one.
  expect(recorder.sighting([1, 9, 8]).kind).toBe('page');
  expect(recorder.sighting([1, 9, 8, 7]).kind).toBe('page');
  expect(recorder.sighting([1, 9, 8, 7, 6])).toMatchObject({ kind: 'torn' });
  expect(recorder.sighting([4])).toMatchObject({ kind: 'torn' });
  // What was kept, and the page that grows as it should, are taken at any time.
  expect(recorder.sighting([1, 9, 9])).toEqual(kept);
  expect(recorder.sighting([1, 2, 3, 4, 5]).kind).toBe('page');
  expect(recorder.history().pages).toHaveLength(9);
});

test('a server that mixes up its pages without end is told of, in bounded room', () => {
  const recorder = new Recorder(1_000);
  for (const mark of countTo(200)) {
    recorder.invoke(mark, mark);
    recorder.acknowledge(mark, mark);
    const page = countTo(mark);
    recorder.read(mark, mark, recorder.sighting(mark % 2 === 0 ? page : page.reverse()));
  }
  const history = recorder.history(recorder.sighting(countTo(200)));
  expect(history.pages.length).toBeLessThanOrEqual(200 + 1_000);
  const { linearizable, counts } = judge(history);
  expect(linearizable).toBe(false);
  expect(counts.lost).toBe(0);
});

test('the limit leaves a right page of any length whole', () => {
  const recorder = new Recorder();
  const long = countTo(strayStepsMax + 10);
  expect(recorder.sighting(long)).toEqual({ kind: 'page', page: long.length });
  expect(recorder.sighting([...long, 0])).toEqual({ kind: 'page', page: long.length + 1 });
});
