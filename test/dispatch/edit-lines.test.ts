/** Who goes along with an insert whose turn it is, and who does not. */

import { describe, expect, test } from 'bun:test';
import { type CombiningLimits, EditLines } from '../../src/dispatch/edit-lines.ts';
import { EditRequest } from '../../src/dispatch/edit-request.ts';
import { defaultDispatchLimits } from '../../src/dispatch/limits.ts';
import { noConditions } from '../../src/model/conditions.ts';
import type { Edit } from '../../src/model/operation.ts';
import { key, keyed } from './harness.ts';

const mib = 1 << 20;

function insertOf(bytes: number): Edit {
  const content = new Uint8Array(bytes);
  return { kind: 'insert', form: 'text', content, conditions: noConditions, answer: 'minimal' };
}

const remove: Edit = { kind: 'remove', conditions: noConditions };
const replace: Edit = {
  kind: 'replace',
  create: true,
  content: new Uint8Array(1),
  conditions: noConditions,
  answer: 'minimal',
};

/** A request of a line: inserts of these sizes, or another edit; `late` was answered already. */
type Wait =
  | readonly number[]
  | 'replace'
  | 'remove'
  | 'late'
  | 'late replace'
  | 'insert and remove';

const edits: Readonly<Record<Exclude<Wait, readonly number[]>, readonly Edit[]>> = {
  replace: [replace],
  remove: [remove],
  late: [insertOf(1)],
  'late replace': [replace],
  'insert and remove': [insertOf(1), remove],
};

let lastId = 0;

function requestOf(wait: Wait, page = 'a.html'): EditRequest {
  lastId += 1;
  const wanted = typeof wait === 'string' ? edits[wait] : wait.map(insertOf);
  const request = new EditRequest(lastId, key(page), wanted, 0, () => {});
  if (typeof wait === 'string' && wait.startsWith('late')) request.expire();
  return request;
}

interface Row {
  readonly name: string;
  readonly waits: readonly Wait[];
  /** How many are taken each time that it is the turn of the one that waits longest. */
  readonly taken: readonly number[];
  readonly pageBytes?: number | 'unknown';
  readonly limits?: Partial<CombiningLimits>;
}

const ones = (count: number): Wait[] => Array.from({ length: count }, () => [1]);

const rows: readonly Row[] = [
  { name: 'one that waits alone goes alone', waits: ones(1), taken: [1] },
  { name: 'inserts go together', waits: ones(3), taken: [3] },
  { name: 'a replace goes alone', waits: ['replace', [1], [1]], taken: [1, 2] },
  { name: 'a remove goes alone', waits: ['remove', 'remove', [1]], taken: [1, 1, 1] },
  { name: 'a replace between', waits: [[1], [1], 'replace', [1], [1]], taken: [2, 1, 2] },
  { name: 'a request of several inserts', waits: [[1, 1], [1], [1, 1, 1]], taken: [3] },
  { name: 'one of mixed edits', waits: [[1], 'insert and remove', [1]], taken: [1, 1, 1] },
  { name: 'one that is late counts for nothing', waits: [[1], 'late', [1]], taken: [3] },
  {
    name: 'a late replace is in nobody’s way',
    waits: [[1], 'late replace', [1], 'replace'],
    taken: [3, 1],
  },
  { name: 'nobody goes with one that is late', waits: ['late', [1], [1]], taken: [1, 2] },
  { name: 'a page of unknown size', waits: ones(3), pageBytes: 'unknown', taken: [1, 1, 1] },
  { name: 'switched off', waits: ones(3), limits: { combinedEditsMax: 1 }, taken: [1, 1, 1] },
  { name: 'at most 256 edits', waits: ones(256), taken: [256] },
  { name: 'not 257', waits: ones(257), taken: [256, 1] },
  { name: 'a request is not taken apart', waits: [...ones(255), [1, 1]], taken: [255, 1] },
  { name: 'more than may be, in one request', waits: [Array(300).fill(1), [1]], taken: [1, 1] },
  { name: '4 MiB of content', waits: [[4 * mib - 1], [1]], taken: [2] },
  { name: 'a byte more', waits: [[4 * mib - 1], [2]], taken: [1, 1] },
  { name: 'a byte more, and then less', waits: [[4 * mib - 1], [2], [1]], taken: [1, 2] },
  { name: '16 MiB of pages', waits: [[0], [0]], pageBytes: 8 * mib, taken: [2] },
  { name: 'a byte more of pages', waits: [[0], [1]], pageBytes: 8 * mib, taken: [1, 1] },
  {
    name: 'a large page takes one at a time',
    waits: ones(3),
    pageBytes: 12 * mib,
    taken: [1, 1, 1],
  },
  {
    name: 'what comes in first is built again by each that follows',
    waits: [[4 * mib - 8], ...ones(8)],
    taken: [4, 5],
    pageBytes: 0,
  },
];

/** How many are done together at each turn, until nobody waits. */
function turnsOf(
  lines: EditLines,
  requests: readonly EditRequest[],
  pageBytes: number | 'unknown' = 100,
): number[] {
  for (const request of requests) lines.join(request);
  if (pageBytes !== 'unknown') lines.learn(key('a.html'), pageBytes);
  const turns: number[] = [];
  for (let next = 0; next < requests.length; ) {
    const first = requests[next];
    if (first === undefined) throw new Error('nobody is left');
    const together = lines.leave(first);
    // In order of arrival, itself first.
    expect(together).toEqual(requests.slice(next, next + together.length));
    turns.push(together.length);
    next += together.length;
  }
  return turns;
}

describe('done together', () => {
  for (const { name, waits, taken, pageBytes = 100, limits } of rows) {
    test(name, () => {
      const lines = new EditLines({ ...defaultDispatchLimits, ...limits });
      const requests = waits.map((wait) => requestOf(wait));
      expect(turnsOf(lines, requests, pageBytes)).toEqual([...taken]);
    });
  }

  interface KeyRow {
    readonly name: string;
    readonly keys: readonly (string | undefined)[];
    readonly late?: number;
    readonly taken: readonly number[];
  }
  const keyRows: readonly KeyRow[] = [
    { name: 'other keys, and none', keys: ['a', 'b', undefined, 'c', undefined], taken: [5] },
    { name: 'a key again', keys: ['a', 'a', 'b'], taken: [1, 2] },
    { name: 'the key of one that went along', keys: [undefined, 'a', 'b', 'a'], taken: [3, 1] },
    { name: 'each time again', keys: ['a', 'a', 'a'], taken: [1, 1, 1] },
    { name: 'the key of one that is late', keys: ['b', 'a', 'a'], late: 1, taken: [3] },
  ];
  for (const { name, keys, late, taken } of keyRows) {
    test(`idempotency keys: ${name}`, () => {
      const lines = new EditLines(defaultDispatchLimits);
      const requests = keys.map((name) => {
        const plain = insertOf(1);
        const edit = name === undefined ? plain : keyed(plain, name);
        return new EditRequest(1, key('a.html'), [edit], 0, () => {});
      });
      if (late !== undefined) requests[late]?.expire();
      expect(turnsOf(lines, requests)).toEqual([...taken]);
    });
  }

  test('pages have lines of their own', () => {
    const lines = new EditLines(defaultDispatchLimits);
    const [a, b, c] = [requestOf([1]), requestOf([1], 'b.html'), requestOf([1])];
    for (const request of [a, b, c]) lines.join(request);
    lines.learn(key('a.html'), 1);
    lines.learn(key('b.html'), 1);
    expect(lines.leave(a)).toEqual([a, c]);
    expect(lines.leave(b)).toEqual([b]);
  });

  test('a size is forgotten with the last who waits, for others may change the page', () => {
    const lines = new EditLines(defaultDispatchLimits);
    const early = requestOf([1]);
    lines.join(early);
    lines.learn(key('a.html'), 1);
    lines.leave(early);
    lines.learn(key('a.html'), 1);
    const late = [requestOf([1]), requestOf([1])] as const;
    for (const request of late) lines.join(request);
    expect(lines.leave(late[0])).toEqual([late[0]]);
  });

  test('who is done holds nobody who came after it', () => {
    const lines = new EditLines(defaultDispatchLimits);
    const requests = [requestOf([1]), requestOf([1]), requestOf('replace')] as const;
    for (const request of requests) lines.join(request);
    lines.learn(key('a.html'), 1);
    lines.leave(requests[0]);
    expect(requests.map(({ next }) => next)).toEqual([undefined, undefined, undefined]);
  });
});
