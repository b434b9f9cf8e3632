/** Each kind of fault in a small history of a page, and how it is told. */

import { describe, expect, test } from 'bun:test';
import type { FaultKind } from '../../../src/load/history/verdict.ts';
import { countsOf, edit, type PlainHistory, read, verdictOn } from './plain-history.ts';

interface Row extends Partial<PlainHistory> {
  readonly name: string;
  readonly edits: PlainHistory['edits'];
  readonly want: Partial<Record<FaultKind, number>>;
  /** The first example. */
  readonly told: string;
}

const two = [edit(1, 10, 11), edit(2, 12, 13)];

const wrong: Readonly<Record<FaultKind, readonly Row[]>> = {
  lost: [
    {
      name: 'one that was overwritten, though not by the next edit, which still had it',
      edits: [edit(1, 0, 1), edit(2, 2, 3, { on: [1] }), edit(3, 4, 5, { on: [2] })],
      final: [2, 3],
      want: { lost: 1 },
      told: 'Edit 1 was acknowledged at 1.000 ms and is not in the final page. Edit 3 replaced a page that did not have it.',
    },
    {
      name: 'one that was overwritten, and not by one that was over before',
      edits: [edit(1, 0, 1, { on: [] }), edit(2, 5, 6), edit(3, 7, 8, { on: [1] })],
      final: [1, 3],
      want: { lost: 1 },
      told: 'Edit 2 was acknowledged at 6.000 ms and is not in the final page. Edit 3 replaced a page that did not have it.',
    },
    {
      name: 'one that was overwritten after two edits were built on it',
      edits: [
        edit(1, 0, 1),
        edit(2, 2, 3, { on: [1] }),
        edit(3, 4, 5, { on: [1, 2] }),
        edit(4, 6, 7, { on: [2, 3] }),
      ],
      final: [2, 3, 4],
      want: { lost: 1 },
      told: 'Edit 1 was acknowledged at 1.000 ms and is not in the final page. Edit 4 replaced a page that did not have it.',
    },
    {
      name: 'an acknowledged edit',
      edits: two,
      final: [2],
      want: { lost: 1 },
      told: 'Edit 1 was acknowledged at 1.000 ms and is not in the final page.',
    },
    {
      name: 'an unknown one that somebody saw, and all that saw it are right otherwise',
      edits: [edit(1, 10), edit(2, 12, 13, { saw: [1, 2] })],
      reads: [read(12, 14, [1, 2]), read(15, 16, [2])],
      final: [2],
      want: { lost: 1 },
      told: 'Edit 1 was seen by 3.000 ms, though its outcome is unknown, and is not in the final page.',
    },
    {
      name: 'one that was overwritten',
      edits: [
        edit(1, 0, 1),
        edit(2, 2, 4, { on: [1] }),
        edit(3, 2, 5, { on: [1] }),
        edit(4, 6, 7, { on: [1, 3] }),
      ],
      reads: [read(4, 4, [1, 2]), read(5, 6, [1, 3])],
      final: [1, 3, 4],
      want: { lost: 1 },
      told: 'Edit 2 was acknowledged at 4.000 ms and is not in the final page. Edit 3 replaced a page that did not have it.',
    },
    {
      name: 'one that later pages still had: the later edit overwrote it',
      edits: [
        edit(1, 0, 1),
        edit(2, 1, 3, { on: [] }),
        edit(3, 4, 5, { on: [2, 1] }),
        edit(4, 4, 6, { on: [2] }),
      ],
      reads: [read(3, 4, [2, 1])],
      final: [2, 4],
      want: { lost: 2 },
      told: 'Edit 1 was acknowledged at 1.000 ms and is not in the final page. Edit 4 replaced a page that did not have it.',
    },
    {
      name: 'no final page, and the longest one has an edit that began later',
      edits: two,
      reads: [read(13, 14, [2])],
      want: { lost: 1 },
      told: 'Edit 1 was acknowledged at 1.000 ms and is not in the longest page seen.',
    },
    {
      name: 'no final page, and somebody saw a shorter one with it',
      edits: [edit(1, 0), edit(2, 0), edit(3, 0)],
      reads: [read(1, 2, [1]), read(3, 4, [2, 3])],
      want: { lost: 1 },
      told: 'Edit 1 was seen by 2.000 ms, though its outcome is unknown, and is not in the longest page seen.',
    },
  ],
  doubled: [
    {
      name: 'in two pages, in different places',
      edits: two,
      reads: [read(14, 15, [1, 1]), read(16, 17, [1, 2, 1])],
      final: [1, 2],
      want: { doubled: 1, stale: 1 },
      told: 'Edit 1 stands twice in a page seen by 5.000 ms.',
    },
    {
      name: 'in the final page',
      edits: two,
      final: [1, 2, 1],
      want: { doubled: 1 },
      told: 'Edit 1 stands twice in the final page.',
    },
    {
      name: 'in a page that others grew from',
      edits: two,
      reads: [read(11, 12, [1, 1]), read(13, 14, [1, 1, 2])],
      final: [1, 2],
      want: { doubled: 1 },
      told: 'Edit 1 stands twice in a page seen by 2.000 ms.',
    },
  ],
  torn: [
    {
      name: 'a read',
      edits: two,
      reads: [read(14, 15, 'torn')],
      final: [1, 2],
      want: { torn: 1 },
      told: 'A read from 4.000 ms to 5.000 ms was not a whole page: the end is missing.',
    },
    {
      name: 'an answer',
      edits: [edit(1, 0, 3, { saw: 'torn' })],
      final: [1],
      want: { torn: 1 },
      told: 'The answer to edit 1 at 3.000 ms was not a whole page: the end is missing.',
    },
    {
      name: 'the page that an unknown edit replaced',
      edits: [edit(1, 0, undefined, { on: 'torn' })],
      final: [1],
      want: { torn: 1 },
      told: 'The page that edit 1 replaced was not a whole page: the end is missing.',
    },
    {
      name: 'the final page',
      edits: two,
      reads: [read(14, 15, [1, 2])],
      final: 'torn',
      want: { torn: 1 },
      told: 'The final page was not a whole page: the end is missing.',
    },
  ],
  reordered: [
    {
      name: 'one edit far ahead does not hide that a read misses one of the others',
      edits: [...two, edit(3, 14, 15), edit(4, 16, 17)],
      reads: [read(18, 19, [4, 1, 2])],
      final: [4, 1, 2, 3],
      want: { reordered: 1, stale: 1 },
      told: 'Edit 4 began at 6.000 ms, after edit 1 had been answered at 1.000 ms, and yet stands before it.',
    },
    {
      name: 'an edit under a condition stands between those it was built on and one done before it',
      edits: [edit(1, 0, 1), edit(2, 2, 3), edit(3, 4, 5, { on: [] })],
      final: [1, 3, 2],
      want: { reordered: 1 },
      told: 'Edit 3 replaced a page without edit 1, and yet stands behind it.',
    },
    {
      name: 'an edit under a condition was built on a page that never was',
      edits: [edit(1, 0, 1), edit(2, 0, 9), edit(3, 4, 9, { on: [2] })],
      final: [1, 2, 3],
      want: { reordered: 1 },
      told: 'Edit 2 came before edit 1 in a page seen by 9.000 ms, and behind it in the final page.',
    },
    {
      name: 'a page has an edit that touches it, and not the one before, which touches it too',
      edits: [edit(1, 0, 5), edit(2, 6, 9)],
      reads: [read(5, 6, [2])],
      final: [1, 2],
      want: { reordered: 1 },
      told: 'Edit 2 came before edit 1 in a page seen by 6.000 ms, and behind it in the final page.',
    },
    {
      name: 'against the times',
      edits: two,
      final: [2, 1],
      want: { reordered: 1 },
      told: 'Edit 2 began at 2.000 ms, after edit 1 had been answered at 1.000 ms, and yet stands before it.',
    },
    {
      name: 'one edit far behind is one fault, not one for each that it should stand before',
      edits: [...two, edit(3, 14, 15), edit(4, 16, 17)],
      final: [2, 3, 4, 1],
      want: { reordered: 1 },
      told: 'Edit 4 began at 6.000 ms, after edit 1 had been answered at 1.000 ms, and yet stands before it.',
    },
    {
      name: 'one edit far ahead is one fault',
      edits: [...two, edit(3, 14, 15), edit(4, 16, 17)],
      final: [4, 1, 2, 3],
      want: { reordered: 1 },
      told: 'Edit 4 began at 6.000 ms, after edit 1 had been answered at 1.000 ms, and yet stands before it.',
    },
    {
      name: 'a page tells another order',
      edits: [edit(1, 0, 9), edit(2, 0, 9)],
      reads: [read(5, 6, [2, 1]), read(7, 8, [2, 1])],
      final: [1, 2],
      want: { reordered: 1 },
      told: 'Edit 2 came before edit 1 in a page seen by 6.000 ms, and behind it in the final page.',
    },
    {
      name: 'a page has an edit, and not the one before it, which may not have been done',
      edits: [edit(1, 0, 9), edit(2, 0, 9)],
      reads: [read(5, 6, [2])],
      final: [1, 2],
      want: { reordered: 1 },
      told: 'Edit 2 came before edit 1 in a page seen by 6.000 ms, and behind it in the final page.',
    },
    {
      name: 'an edit under a condition stands behind others than those it was built on',
      edits: [edit(1, 0, 9), edit(2, 0, 9), edit(3, 0, 9, { on: [] })],
      final: [1, 2, 3],
      want: { reordered: 1 },
      told: 'Edit 3 replaced a page without edit 1 and 1 more, and yet stands behind them.',
    },
    {
      name: 'an unknown one under a condition stands before those it was built on',
      edits: [edit(1, 0, 9), edit(2, 0, undefined, { on: [1] })],
      final: [2, 1],
      want: { reordered: 1 },
      told: 'Edit 1 came before edit 2 in the page that an edit of unknown outcome replaced, and behind it in the final page.',
    },
    {
      name: 'an edit under a condition was built on a page with itself',
      edits: [edit(1, 0, 9, { on: [1] })],
      final: [1],
      want: { reordered: 1 },
      told: 'Edit 1 replaced a page with edit 1, and yet stands before it.',
    },
  ],
  phantom: [
    {
      name: 'a mark that nobody sent, in two places',
      edits: two,
      reads: [read(14, 15, [1, 7, 2]), read(16, 17, [1, 2, 7])],
      final: [1, 2],
      want: { phantom: 1 },
      told: 'Mark 7 stands in a page seen by 5.000 ms, and nobody had sent it.',
    },
    {
      name: 'a refused edit, which some have seen and others not',
      edits: [edit(1, 0, 1, { refused: true }), edit(2, 2, 3)],
      reads: [read(4, 5, [2]), read(4, 5, [1, 2])],
      final: [1, 2],
      want: { phantom: 1 },
      told: 'Edit 1 was refused at 1.000 ms, and stands in a page seen by 5.000 ms.',
    },
    {
      name: 'a read saw an edit before it began, and not the one before it, which was done',
      edits: [...two, edit(3, 20, 21)],
      reads: [read(14, 15, [1, 3])],
      final: [1, 2, 3],
      want: { phantom: 1 },
      told: 'Edit 3 stood in a page seen by 5.000 ms, and began at 10.000 ms.',
    },
    {
      name: 'a mark that nobody sent, in the final page and before it',
      edits: two,
      reads: [read(14, 15, [1, 7, 2]), read(16, 17, [1, 7, 2])],
      final: [1, 7, 2],
      want: { phantom: 1 },
      told: 'Mark 7 stands in a page seen by 5.000 ms, and nobody had sent it.',
    },
    {
      name: 'a refused edit',
      edits: [edit(1, 0, 1, { refused: true }), edit(2, 2, 3)],
      final: [1, 2],
      want: { phantom: 1 },
      told: 'Edit 1 was refused at 1.000 ms, and stands in the final page.',
    },
    {
      name: 'a read saw an edit before it began',
      edits: two,
      reads: [read(10, 11, [1, 2])],
      final: [1, 2],
      want: { phantom: 1 },
      told: 'A read from 0.000 ms to 1.000 ms has edit 2, which began at 2.000 ms.',
    },
    {
      name: 'an answer saw an edit before it began',
      edits: [edit(1, 10, 11, { saw: [1, 2] }), edit(2, 12, 13)],
      final: [1, 2],
      want: { phantom: 1 },
      told: 'The answer to edit 1 at 1.000 ms has edit 2, which began at 2.000 ms.',
    },
    {
      name: 'one read that saw many before they began is one fault',
      edits: [...two, edit(3, 14, 15)],
      reads: [read(9, 10, [1, 2, 3]), read(9, 10, [])],
      final: [1, 2, 3],
      want: { phantom: 1 },
      told: 'A read from 0.000 ms to 1.000 ms has edit 3, which began at 5.000 ms.',
    },
    {
      name: 'many reads that saw one before it began are one fault',
      edits: [edit(1, 20)],
      reads: [read(0, 1, [1]), read(2, 3, [1]), read(4, 5, [1])],
      final: [1],
      want: { phantom: 1 },
      told: 'A read from 0.000 ms to 1.000 ms has edit 1, which began at 20.000 ms.',
    },
    {
      name: 'a read saw an edit before it began, and not those before it',
      edits: [...two, edit(3, 14, 15)],
      reads: [read(11, 12, [1, 3])],
      final: [1, 2, 3],
      want: { phantom: 1 },
      told: 'Edit 3 stood in a page seen by 2.000 ms, and began at 4.000 ms.',
    },
  ],
  stale: [
    {
      name: 'a read has a later edit without the earlier one, which another read had seen',
      edits: [edit(1, 0), edit(2, 0)],
      reads: [read(1, 2, [1]), read(3, 4, [2])],
      final: [1, 2],
      want: { stale: 1 },
      told: 'A read from 3.000 ms to 4.000 ms does not have edit 1, done by 2.000 ms, though it has edit 2, which stands behind.',
    },
    {
      name: 'a read misses an acknowledged edit',
      edits: two,
      reads: [read(14, 15, [1]), read(16, 17, [1])],
      final: [1, 2],
      want: { stale: 2 },
      told: 'A read from 4.000 ms to 5.000 ms does not have edit 2, which had been acknowledged at 3.000 ms.',
    },
    {
      name: 'a read misses what another read had seen',
      edits: [edit(1, 0)],
      reads: [read(1, 2, [1]), read(3, 4, [])],
      final: [1],
      want: { stale: 1 },
      told: 'A read from 3.000 ms to 4.000 ms does not have edit 1, which a read from 1.000 ms to 2.000 ms had seen.',
    },
    {
      name: 'a read misses what an answer had seen',
      edits: [edit(1, 0, 2, { saw: [1, 2] }), edit(2, 0)],
      reads: [read(3, 4, [1])],
      final: [1, 2],
      want: { stale: 1 },
      told: 'A read from 3.000 ms to 4.000 ms does not have edit 2, which the answer to edit 1 at 2.000 ms had seen.',
    },
    {
      name: 'an answer lacks its own edit',
      edits: [edit(1, 0, 1), edit(2, 2, 3, { saw: [1] })],
      final: [1, 2],
      want: { stale: 1 },
      told: 'The answer to edit 2 at 3.000 ms does not have that edit.',
    },
    {
      name: 'reads have a later edit without the earlier one',
      edits: [...two, edit(3, 20, 29)],
      reads: [read(21, 22, [1, 3]), read(23, 24, [1, 3])],
      final: [1, 2, 3],
      want: { stale: 2 },
      told: 'A read from 11.000 ms to 12.000 ms does not have edit 2, done by 3.000 ms, though it has edit 3, which stands behind.',
    },
    {
      name: 'no final page, and a read misses an acknowledged edit that nobody saw',
      edits: two,
      reads: [read(14, 15, [1])],
      want: { stale: 1 },
      told: 'A read from 4.000 ms to 5.000 ms does not have edit 2, which had been acknowledged at 3.000 ms.',
    },
  ],
};

describe.each(Object.entries(wrong))('%s', (kind, rows) => {
  test.each([...rows])('$name', ({ edits, reads = [], final, want, told }) => {
    const verdict = verdictOn(edits, reads, final);
    expect(countsOf(verdict)).toEqual(want);
    const [example] = verdict.examples;
    expect<string | undefined>(example?.kind).toBe(kind);
    expect(example?.text).toBe(told);
    expect(verdict).toMatchObject({ linearizable: false, confirmed: false });
  });
});
