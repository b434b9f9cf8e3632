/** Right histories, and what the verdict says beside the faults. */

import { expect, test } from 'bun:test';
import { judge } from '../../../src/load/history/checker.ts';
import { examplesMax } from '../../../src/load/history/verdict.ts';
import { countsOf, edit, type PlainHistory, read, verdictOn } from './plain-history.ts';

interface Row extends Partial<PlainHistory> {
  readonly name: string;
  readonly edits: PlainHistory['edits'];
}

const two = [edit(1, 10, 11), edit(2, 12, 13)];

const right: readonly Row[] = [
  { name: 'nothing at all, on an empty page', edits: [], final: [] },
  { name: 'nothing at all, and no final page', edits: [] },
  { name: 'reads of an empty page', edits: [], reads: [read(0, 1, []), read(2, 3, [])], final: [] },
  { name: 'one after the other', edits: [edit(1, 0, 1), edit(2, 2, 3)], final: [1, 2] },
  {
    name: 'side by side, the other way round',
    edits: [edit(1, 0, 5), edit(2, 1, 4)],
    final: [2, 1],
  },
  { name: 'edits that touch', edits: [edit(1, 0, 2), edit(2, 2, 3)], final: [2, 1] },
  { name: 'edits that took no time', edits: [edit(1, 2, 2), edit(2, 2, 2)], final: [2, 1] },
  { name: 'a refused one', edits: [edit(1, 0, 1, { refused: true })], final: [] },
  { name: 'an unknown one that was done', edits: [edit(1, 0), edit(2, 5, 6)], final: [1, 2] },
  { name: 'an unknown one that was not done', edits: [edit(1, 0), edit(2, 5, 6)], final: [2] },
  {
    name: 'an unknown one that was done after everything else',
    edits: [edit(1, 0), edit(2, 5, 6)],
    reads: [read(7, 8, [2])],
    final: [2, 1],
  },
  {
    name: 'a read that touches an edit may see it',
    edits: [edit(1, 2, 3)],
    reads: [read(0, 2, [1])],
    final: [1],
  },
  {
    name: 'a read that touches an edit may miss it',
    edits: [edit(1, 0, 2)],
    reads: [read(2, 3, [])],
    final: [1],
  },
  {
    name: 'a read sees an edit that runs',
    edits: [edit(1, 0, 9)],
    reads: [read(1, 2, []), read(3, 4, [1])],
    final: [1],
  },
  {
    name: 'two reads at once, one before the edit and one after',
    edits: [edit(1, 0, 9)],
    reads: [read(1, 4, [1]), read(4, 5, [])],
    final: [1],
  },
  {
    name: 'answers with their pages',
    edits: [edit(1, 0, 5, { saw: [2, 1, 3] }), edit(2, 0, 5, { saw: [2] }), edit(3, 1, 6)],
    final: [2, 1, 3],
  },
  {
    name: 'edits under conditions, one of them refused',
    edits: [
      edit(1, 0, 1, { on: [] }),
      edit(2, 2, 4, { on: [1] }),
      edit(3, 2, 4, { on: [1], refused: true }),
      edit(4, 5, undefined, { on: [1, 2] }),
    ],
    final: [1, 2, 4],
  },
  {
    name: 'an unknown one that was not done says nothing of the page it was built on',
    edits: [edit(1, 0, 1), edit(2, 2, undefined, { on: [7, 7] })],
    final: [1],
  },
  {
    name: 'no final page, all seen',
    edits: [edit(1, 0, 1), edit(2, 2, 3)],
    reads: [read(4, 5, [1, 2])],
  },
];

test.each([...right])('right: $name', ({ edits, reads = [], final }) => {
  const verdict = verdictOn(edits, reads, final);
  expect(verdict.examples).toEqual([]);
  expect(countsOf(verdict)).toEqual({});
  expect(verdict).toMatchObject({ linearizable: true, confirmed: true });
});

test('the figures', () => {
  const edits = [...two, edit(3, 14, 15, { refused: true }), edit(4, 14), edit(5, 14), edit(6, 14)];
  const { figures } = verdictOn(edits, [read(0, 1, []), read(14, 15, [1, 2])], [1, 2, 4, 6]);
  expect(figures).toEqual({
    acknowledged: 2,
    unknown: 3,
    unknownDone: 2,
    reads: 2,
    judgedBy: 'final',
    unconfirmed: 0,
  });
});

test('without a final page nothing is claimed for what nobody saw', () => {
  const edits = [edit(1, 0, 1), edit(2, 0, 8, { on: [1] }), edit(3, 0, 7), edit(4, 0)];
  const verdict = verdictOn(edits, [read(2, 3, [1])]);
  expect(verdict).toMatchObject({ linearizable: true, confirmed: false });
  expect(verdict.figures).toMatchObject({ judgedBy: 'longest', unconfirmed: 2 });
});

test('without a final page an edit may follow those that it touches', () => {
  const verdict = verdictOn([edit(1, 0, 2), edit(2, 2, 3)], [read(2, 3, [2])]);
  expect(verdict).toMatchObject({ linearizable: true, confirmed: false });
  expect(verdict.figures).toMatchObject({ judgedBy: 'longest', unconfirmed: 1 });
});

test(`at most ${examplesMax} of a kind are told, and all are counted`, () => {
  const edits = Array.from({ length: examplesMax + 2 }, (_, index) => edit(index + 1, 0, 1));
  expect(verdictOn(edits.slice(2), [], []).examples).toHaveLength(examplesMax);
  const verdict = verdictOn(edits, [], []);
  expect(verdict.counts.lost).toBe(examplesMax + 2);
  expect(verdict.examples.map(({ marks }) => marks)).toEqual([[1], [2], [3], [4], [5]]);
});

test('examples stand in the order of the kinds', () => {
  const reads = [read(14, 15, []), read(14, 15, 'torn')];
  const verdict = verdictOn([...two, edit(3, 14, 15)], reads, [1, 1, 2]);
  expect(verdict.examples.map(({ kind }) => kind)).toEqual(['lost', 'doubled', 'torn', 'stale']);
});

test.each([
  ['two edits with one mark', { edits: [edit(1, 0, 1), edit(1, 2, 3)], reads: [] }],
  ['an answer before the edit', { edits: [edit(1, 2, 1)], reads: [] }],
  ['an answer before the read', { edits: [], reads: [read(2, 1, [])] }],
])('no history: %s', (_name, { edits, reads }) => {
  const answers = edits.map(({ mark, from, to = 0 }) => ({
    mark,
    invokedMs: from,
    answer: { kind: 'acknowledged', atMs: to } as const,
  }));
  const looks = reads.map(({ from, to }) => ({
    invokedMs: from,
    answeredMs: to,
    saw: { kind: 'page', page: 0 } as const,
  }));
  expect(() => judge({ pages: [], edits: answers, reads: looks })).toThrow();
});

test('no history: a page that follows a later one', () => {
  const pages = [
    { after: 2, mark: 1 },
    { after: 0, mark: 2 },
  ];
  expect(() => judge({ pages, edits: [], reads: [] })).toThrow();
});
