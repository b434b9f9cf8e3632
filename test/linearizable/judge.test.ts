/** Small histories of a page, the verdicts on them, and how a failure is told. */

import { describe, expect, test } from 'bun:test';
import {
  insert,
  type PlainHistory,
  type PlainOperation,
  read,
  remove,
  replace,
  unanswered,
  verdictOn,
} from './plain-operations.ts';

interface Row extends Partial<PlainHistory> {
  readonly name: string;
  readonly operations: PlainHistory['operations'];
}

interface WrongRow extends Row {
  /** The lines that tell which operations have no order. */
  readonly told: readonly string[];
}

/** The page at first, unless a row says otherwise. */
const base = [9];

function failed(operation: PlainOperation): PlainOperation {
  const { saw: _saw, ...rest } = operation;
  return { ...rest, came: 'failed-condition' };
}

function refused(operation: PlainOperation): PlainOperation {
  const { saw: _saw, ...rest } = operation;
  return { ...rest, came: 'refused' };
}

const right: readonly Row[] = [
  { name: 'nothing happened', operations: [] },
  {
    name: 'inserts one after the other',
    operations: [insert(1, 0, 1, [9, 1]), insert(2, 2, 3, [9, 1, 2]), read(4, 5, [9, 1, 2])],
  },
  {
    name: 'two at once, in the order that the answers show',
    operations: [insert(1, 0, 9, [9, 2, 1]), insert(2, 0, 9, [9, 2])],
  },
  {
    name: 'a read that begins as an insert is answered may come before it',
    operations: [insert(1, 2, 3, [9, 1]), read(3, 4, [9])],
  },
  {
    name: 'a read that is answered as an insert begins may come behind it',
    operations: [insert(1, 2, 3, [9, 1]), read(1, 2, [9, 1])],
  },
  {
    name: 'a page is made, edited, removed and made again',
    first: [],
    operations: [
      read(0, 1, []),
      replace(1, 2, 3, { on: [] }),
      insert(2, 4, 5, [1, 2]),
      remove(6, 7, { on: [1, 2] }),
      read(8, 9, []),
      replace(3, 10, 11, { on: [] }),
      read(12, 13, [3]),
    ],
  },
  {
    name: 'an insert and a removal find no page',
    first: [],
    operations: [
      { do: 'insert', mark: 1, from: 0, to: 1, came: 'not-found' },
      { do: 'remove', on: [9], from: 0, to: 1, came: 'not-found' },
    ],
  },
  {
    name: 'one of two that replace the same version wins, the other is told',
    operations: [replace(1, 0, 5, { on: base }), failed(replace(2, 0, 5, { on: base }))],
  },
  {
    name: 'a condition on a version fails where the page is missing, of a replacement only',
    operations: [remove(0, 1), failed(replace(1, 2, 3, { on: base }))],
  },
  {
    name: 'a phantom: what was not answered is seen much later',
    operations: [
      unanswered(insert(1, 0, 0, [])),
      read(5, 6, [9]),
      read(7, 8, [9, 1]),
      insert(2, 9, 10, [9, 1, 2]),
    ],
  },
  {
    name: 'what was not answered is never seen',
    operations: [unanswered(insert(1, 0, 0, [])), unanswered(remove(0, 0)), read(5, 6, [9])],
  },
  {
    name: 'what was not answered, and nobody saw, explains a condition that failed',
    operations: [
      read(0, 1, [9]),
      unanswered(insert(1, 2, 0, [])),
      failed(replace(2, 3, 4, { on: base })),
      remove(5, 6),
    ],
  },
  {
    name: 'it explains one even when it lapsed only later',
    operations: [unanswered(insert(1, 2, 0, []), 5), failed(remove(3, 4, { on: base }))],
  },
  {
    name: 'what had lapsed before may have been done before',
    operations: [unanswered(insert(1, 0, 0, []), 4), read(5, 6, [9, 1])],
  },
  {
    name: 'the page may be done with what was refused',
    operations: [refused(insert(1, 0, 1, [])), read(2, 3, [9])],
  },
  {
    name: 'an insert that was answered without the page',
    operations: [
      { do: 'insert', mark: 1, from: 0, to: 1, came: 'done' },
      insert(2, 2, 3, [9, 1, 2]),
    ],
  },
];

test.each(right)('$name', ({ first = base, operations }) => {
  expect(verdictOn({ first, operations })).toEqual({ kind: 'linearizable' });
});

const wrong: readonly WrongRow[] = [
  {
    name: 'a lost insert',
    operations: [insert(1, 0, 1, [9, 1]), insert(2, 2, 3, [9, 2]), read(4, 5, [9, 2])],
    told: [
      '  0.000 ms to 1.000 ms, 0: insert 1: left page 9 + 1',
      '  2.000 ms to 3.000 ms, 1: insert 2: left page 9 + 2',
    ],
  },
  {
    name: 'a lost insert, into a page that was made',
    first: [],
    operations: [replace(1, 0, 1), insert(2, 2, 3, [1, 2]), insert(3, 4, 5, [1, 3])],
    told: [
      '  2.000 ms to 3.000 ms, 1: insert 2: left page 1 + 2',
      '  4.000 ms to 5.000 ms, 2: insert 3: left page 1 + 3',
    ],
  },
  {
    name: 'a lost insert, whose answer had no page',
    operations: [{ do: 'insert', mark: 1, from: 0, to: 1, came: 'done' }, read(4, 5, [9])],
    told: [
      '  0.000 ms to 1.000 ms, 0: insert 1: done',
      '  4.000 ms to 5.000 ms, 1: read: saw page 9',
    ],
  },
  {
    name: 'a stale read',
    operations: [insert(1, 0, 1, [9, 1]), read(2, 3, [9]), read(4, 5, [9, 1])],
    told: [
      '  0.000 ms to 1.000 ms, 0: insert 1: left page 9 + 1',
      '  2.000 ms to 3.000 ms, 1: read: saw page 9',
    ],
  },
  {
    name: 'an insert that is seen before it was invoked',
    operations: [read(0, 1, [9, 1]), insert(1, 2, 3, [9, 1])],
    told: [
      '  0.000 ms to 1.000 ms, 0: read: saw page 9 + 1',
      '  2.000 ms to 3.000 ms, 1: insert 1: left page 9 + 1',
    ],
  },
  {
    name: 'a mark that nobody sent',
    operations: [read(0, 1, [9, 1])],
    told: ['  0.000 ms to 1.000 ms, 0: read: saw page 9 + 1'],
  },
  {
    name: 'an insert that was refused, and done',
    operations: [refused(insert(1, 0, 1, [])), read(2, 3, [9, 1])],
    told: [
      '  0.000 ms to 1.000 ms, 0: insert 1: refused',
      '  2.000 ms to 3.000 ms, 1: read: saw page 9 + 1',
    ],
  },
  {
    name: 'an insert that was done twice',
    operations: [insert(1, 0, 1, [9, 1]), read(2, 3, [9, 1, 1])],
    told: [
      '  0.000 ms to 1.000 ms, 0: insert 1: left page 9 + 1',
      '  2.000 ms to 3.000 ms, 1: read: saw page 9 + 1 + 1',
    ],
  },
  {
    name: 'the page in an answer is not just as the insert left it',
    operations: [insert(1, 0, 9, [9, 1, 2]), insert(2, 0, 9, [9, 1, 2])],
    told: ['  0.000 ms to 9.000 ms, 0: insert 1: left page 9 + 1 + 2'],
  },
  {
    name: 'two that replaced the same version',
    operations: [replace(1, 0, 5, { on: base }), replace(2, 0, 5, { on: base })],
    told: [
      '  0.000 ms to 5.000 ms, 0: replace by page 1 if it is page 9: done',
      '  0.000 ms to 5.000 ms, 1: replace by page 2 if it is page 9: done',
    ],
  },
  {
    name: 'two that made the same page',
    first: [],
    operations: [replace(1, 0, 5, { on: [] }), replace(2, 0, 5, { on: [] })],
    told: [
      '  0.000 ms to 5.000 ms, 0: replace by page 1 if it is missing: done',
      '  0.000 ms to 5.000 ms, 1: replace by page 2 if it is missing: done',
    ],
  },
  {
    name: 'a page that comes back after its removal',
    operations: [remove(0, 1, { on: base }), read(2, 3, []), read(4, 5, [9])],
    told: [
      '  0.000 ms to 1.000 ms, 0: remove if it is page 9: done',
      '  4.000 ms to 5.000 ms, 2: read: saw page 9',
    ],
  },
  {
    name: 'a page that is gone, and nobody removed it',
    operations: [read(0, 1, [])],
    told: ['  0.000 ms to 1.000 ms, 0: read: there was no page'],
  },
  {
    name: 'what was not answered is seen, and vanishes',
    operations: [unanswered(insert(1, 0, 0, [])), read(2, 3, [9, 1]), read(4, 5, [9])],
    told: [
      '  2.000 ms to 3.000 ms, 1: read: saw page 9 + 1',
      '  4.000 ms to 5.000 ms, 2: read: saw page 9',
    ],
  },
  {
    name: 'what was not answered is done after it had lapsed',
    operations: [unanswered(insert(1, 0, 0, []), 4), read(5, 6, [9]), read(7, 8, [9, 1])],
    told: [
      '  0.000 ms to 4.000 ms, 0: insert 1: no answer, and gone by then',
      '  5.000 ms to 6.000 ms, 1: read: saw page 9',
      '  7.000 ms to 8.000 ms, 2: read: saw page 9 + 1',
    ],
  },
  {
    name: 'a page that comes back, after a removal that was not answered and can have been done',
    operations: [
      insert(1, 0, 30, [9, 1]),
      unanswered(remove(2, 0, { on: [9, 1] }), 6),
      read(11, 15, []),
      read(20, 21, [9, 1]),
    ],
    told: [
      '  11.000 ms to 15.000 ms, 2: read: there was no page',
      '  20.000 ms to 21.000 ms, 3: read: saw page 9 + 1',
    ],
  },
  {
    name: 'a condition that cannot have failed',
    operations: [
      read(0, 1, [9]),
      failed(remove(2, 3, { on: base })),
      insert(1, 4, 5, [9, 1]),
      remove(6, 7),
    ],
    told: [
      '  2.000 ms to 3.000 ms, 1: remove if it is page 9: its condition failed',
      '  4.000 ms to 5.000 ms, 2: insert 1: left page 9 + 1',
    ],
  },
  {
    name: 'a condition that cannot have failed between two reads of one version',
    first: [],
    operations: [
      unanswered(replace(1, 0, 0)),
      read(2, 3, [1]),
      failed(replace(2, 4, 5, { on: [1] })),
      read(6, 7, [1]),
      remove(8, 9),
    ],
    told: [
      '  2.000 ms to 3.000 ms, 1: read: saw page 1',
      '  4.000 ms to 5.000 ms, 2: replace by page 2 if it is page 1: its condition failed',
      '  6.000 ms to 7.000 ms, 3: read: saw page 1',
    ],
  },
  {
    name: 'a page that was not missing, and was found so by who was to make it',
    operations: [remove(0, 1), failed(replace(1, 2, 3, { on: [] }))],
    told: [
      '  0.000 ms to 1.000 ms, 0: remove: done',
      '  2.000 ms to 3.000 ms, 1: replace by page 1 if it is missing: its condition failed',
    ],
  },
  {
    name: 'a missing page is 404 to a removal, whatever its condition',
    first: [],
    operations: [failed(remove(0, 1, { on: base }))],
    told: ['  0.000 ms to 1.000 ms, 0: remove if it is page 9: its condition failed'],
  },
  {
    name: 'a condition failed that nobody asked for',
    operations: [failed(remove(0, 1))],
    told: ['  0.000 ms to 1.000 ms, 0: remove: its condition failed'],
  },
  {
    name: 'a replacement finds no page',
    first: [],
    operations: [{ do: 'replace', mark: 1, from: 0, to: 1, came: 'not-found' }],
    told: ['  0.000 ms to 1.000 ms, 0: replace by page 1: there was no page'],
  },
  {
    name: 'an edit under a condition that stood no more',
    operations: [insert(1, 0, 1, [9, 1]), replace(2, 2, 3, { on: base })],
    told: [
      '  0.000 ms to 1.000 ms, 0: insert 1: left page 9 + 1',
      '  2.000 ms to 3.000 ms, 1: replace by page 2 if it is page 9: done',
    ],
  },
  {
    name: 'two read two inserts in two orders',
    operations: [
      unanswered(insert(1, 0, 0, [])),
      unanswered(insert(2, 0, 0, [])),
      read(0, 9, [9, 1]),
      read(0, 9, [9, 2]),
    ],
    told: [
      '  0.000 ms to 9.000 ms, 2: read: saw page 9 + 1',
      '  0.000 ms to 9.000 ms, 3: read: saw page 9 + 2',
    ],
  },
  {
    name: 'pages with many inserts are told in short',
    operations: [read(0, 1, [9, 1, 2, 3, 4, 5])],
    told: ['  0.000 ms to 1.000 ms, 0: read: saw page 9 + 5 inserts up to 5'],
  },
];

describe('no order', () => {
  test.each(wrong)('$name', ({ first = base, operations, told }) => {
    const verdict = verdictOn({ first, operations });
    if (verdict.kind !== 'impossible') throw new Error(`${verdict.kind}, and not impossible`);
    const [head, ...lines] = verdict.text.split('\n');
    expect(lines).toEqual([...told]);
    expect(head).toBe(
      told.length === 1
        ? 'No order of the operations has a place for this one:'
        : `These ${told.length} operations have no order, whatever else was done:`,
    );
  });
});

test('a search that is given up is no success', () => {
  const operations = [insert(1, 0, 1, [9, 1]), insert(2, 2, 3, [9, 1, 2])];
  expect(verdictOn({ first: base, operations }, 1)).toEqual({
    kind: 'undecided',
    text: 'Not decided: 1 points were not enough to find an order.',
  });
});

test.each([
  ['two edits with one mark', [insert(1, 0, 1, [9, 1]), replace(1, 2, 3)], 'two edits with'],
  ['an answer before the question', [read(3, 2, [9])], 'ended before it began'],
])('%s are no history', (_name, operations, message) => {
  expect(() => verdictOn({ first: base, operations })).toThrow(message);
});
