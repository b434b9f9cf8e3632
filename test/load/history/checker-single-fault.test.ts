/** One spoiled spot in a right history is one fault, wherever it is. */

import { describe, expect, test } from 'bun:test';
import type { Mark } from '../../../src/load/history/history.ts';
import type { FaultKind } from '../../../src/load/history/verdict.ts';
import {
  countsOf,
  edit,
  type PlainEdit,
  type PlainHistory,
  type PlainPage,
  type PlainRead,
  read,
  verdictOn,
} from './plain-history.ts';

const marks: readonly Mark[] = [1, 2, 3, 4, 5, 6, 7, 8];

/** The page after the edit with this mark. */
function upTo(mark: Mark): Mark[] {
  return marks.slice(0, mark);
}

/** One edit after the other, with its page in the answer, and a read after each. */
const edits = marks.map((mark) => edit(mark, mark * 10, mark * 10 + 2, { saw: upTo(mark) }));
const reads = marks.map((mark) => read(mark * 10 + 4, mark * 10 + 6, upTo(mark)));
const sequential: PlainHistory = { edits, reads, final: marks };

/** The same, each edit under the condition that it replaces the page before. */
const conditional: PlainHistory = {
  ...sequential,
  edits: edits.map((each) => ({ ...each, on: upTo(each.mark - 1) })),
};

function withEdit(
  history: PlainHistory,
  mark: Mark,
  change: (edit: PlainEdit) => PlainEdit,
): PlainHistory {
  return {
    ...history,
    edits: history.edits.map((each) => (each.mark === mark ? change(each) : each)),
  };
}

/** The read after the edit with this mark saw something else. */
function withRead(history: PlainHistory, mark: Mark, saw: PlainPage): PlainHistory {
  const change = (each: PlainRead, at: number) => (at === mark - 1 ? { ...each, saw } : each);
  return { ...history, reads: history.reads.map(change) };
}

/** All pages from the edit with this mark on are changed: the server goes on from there. */
function withPages(
  history: PlainHistory,
  from: Mark,
  change: (page: readonly Mark[]) => PlainPage,
): PlainHistory {
  const changed = (page: PlainPage = []) =>
    page === 'torn' || page.length < from ? page : change(page);
  return {
    edits: history.edits.map((each) => ({
      ...each,
      saw: each.mark === from ? upTo(from) : changed(each.saw),
      ...(each.on && { on: changed(each.on) }),
    })),
    reads: history.reads.map((each) => ({ ...each, saw: changed(each.saw) })),
    final: changed(history.final),
  };
}

function without(page: readonly Mark[], mark: Mark): Mark[] {
  return page.filter((each) => each !== mark);
}

/** With the edit `mark` and the one behind it in each other's place. */
function swapped(page: readonly Mark[], mark: Mark): Mark[] {
  return page.map((each) => (each === mark ? mark + 1 : each === mark + 1 ? mark : each));
}

function moved(mark: Mark, to: number): Mark[] {
  return without(marks, mark).toSpliced(to, 0, mark);
}

/** What is changed at the edit `mark`, and the faults that come of it: these and no others. */
interface Operator {
  readonly name: string;
  /** The marks it can be applied to: the first and the last. */
  readonly at: readonly [first: Mark, last: Mark];
  readonly spoil: (history: PlainHistory, mark: Mark) => PlainHistory;
  readonly want: Partial<Record<FaultKind, number>>;
}

const operators: readonly Operator[] = [
  {
    name: 'an edit is gone from the final page, though all had seen it',
    at: [1, 8],
    spoil: (history, mark) => ({ ...history, final: without(marks, mark) }),
    want: { lost: 1 },
  },
  {
    name: 'an edit is gone from every page after it',
    at: [1, 8],
    spoil: (history, mark) => withPages(history, mark, (page) => without(page, mark)),
    want: { lost: 1 },
  },
  {
    name: 'a mark stands twice in a read',
    at: [1, 8],
    spoil: (history, mark) => withRead(history, mark, [...upTo(mark), mark]),
    want: { doubled: 1 },
  },
  {
    name: 'a mark stands twice in every page from here on',
    at: [1, 8],
    spoil: (history, mark) =>
      withPages(history, mark, (page) =>
        page.flatMap((each) => (each === mark ? [each, each] : each)),
      ),
    want: { doubled: 1 },
  },
  {
    name: 'a read is torn',
    at: [1, 8],
    spoil: (history, mark) => withRead(history, mark, 'torn'),
    want: { torn: 1 },
  },
  {
    name: 'two marks are swapped in a read',
    at: [2, 8],
    spoil: (history, mark) => withRead(history, mark, swapped(upTo(mark), mark - 1)),
    want: { reordered: 1 },
  },
  {
    name: 'two marks are swapped in the final page',
    at: [1, 7],
    spoil: (history, mark) => ({ ...history, final: swapped(marks, mark) }),
    want: { reordered: 1 },
  },
  {
    name: 'an edit is at the end of the final page',
    at: [1, 7],
    spoil: (history, mark) => ({ ...history, final: moved(mark, 7) }),
    want: { reordered: 1 },
  },
  {
    name: 'an edit is at the beginning of the final page',
    at: [2, 8],
    spoil: (history, mark) => ({ ...history, final: moved(mark, 0) }),
    want: { reordered: 1 },
  },
  {
    name: 'an edit has the times of one after all others',
    at: [1, 7],
    spoil: (history, mark) => withEdit(history, mark, (each) => ({ ...each, from: 95, to: 97 })),
    want: { reordered: 1 },
  },
  {
    name: 'an edit has the times of one before all others',
    at: [2, 8],
    spoil: (history, mark) =>
      withEdit(history, mark, ({ saw: _, ...each }) => ({ ...each, from: 1, to: 2 })),
    want: { reordered: 1 },
  },
  {
    name: 'an edit was refused',
    at: [1, 8],
    spoil: (history, mark) => withEdit(history, mark, (each) => ({ ...each, refused: true })),
    want: { phantom: 1 },
  },
  {
    name: 'an edit was never sent',
    at: [1, 8],
    spoil: (history, mark) => ({
      ...history,
      edits: history.edits.filter((each) => each.mark !== mark),
    }),
    want: { phantom: 1 },
  },
  {
    name: 'a read sees the final page too early',
    at: [1, 7],
    spoil: (history, mark) => withRead(history, mark, marks),
    want: { phantom: 1 },
  },
  {
    name: 'a read sees one edit that comes later',
    at: [1, 6],
    spoil: (history, mark) => withRead(history, mark, [...upTo(mark), 8]),
    want: { phantom: 1 },
  },
  {
    name: 'a read sees the page before',
    at: [1, 8],
    spoil: (history, mark) => withRead(history, mark, upTo(mark - 1)),
    want: { stale: 1 },
  },
  {
    name: 'a read lacks the first edit',
    at: [1, 8],
    spoil: (history, mark) => withRead(history, mark, without(upTo(mark), 1)),
    want: { stale: 1 },
  },
  {
    name: 'an answer lacks its own edit',
    at: [1, 8],
    spoil: (history, mark) => withEdit(history, mark, (each) => ({ ...each, saw: upTo(mark - 1) })),
    want: { stale: 1 },
  },
  {
    name: 'two reads are swapped, so one saw too much and one too little',
    at: [1, 7],
    spoil: (history, mark) => withRead(withRead(history, mark, marks), 8, upTo(mark)),
    want: { phantom: 1, stale: 1 },
  },
];

const histories = { 'plain edits': sequential, 'edits under conditions': conditional };

describe.each(Object.entries(histories))('%s', (_name, history) => {
  test('one after the other are right', () => {
    expect(verdictOn(history.edits, history.reads, history.final)).toMatchObject({
      linearizable: true,
      confirmed: true,
    });
  });

  test.each([...operators])('$name', ({ at: [first, last], spoil, want }) => {
    for (let mark = first; mark <= last; mark += 1) {
      const { edits, reads, final } = spoil(history, mark);
      const counts = countsOf(verdictOn(edits, reads, final));
      expect({ mark, ...counts }).toEqual({ mark, ...want });
    }
  });
});
