/** Records of the journal: what goes in comes out, and splices rest on what is there. */

import { afterAll, describe, expect, test } from 'bun:test';
import { AssertionFailed } from '../../../src/base/assert.ts';
import type { PlannedRevision } from '../../../src/store/ledger/group-plan.ts';
import type { RevisionKind } from '../../../src/store/ledger/ledger.ts';
import { decodeRecord, encodeRecord, type LedgerRecord } from '../../../src/store/ledger/record.ts';
import { KnownContents, rememberedBytesMax } from '../../../src/store/ledger/splice.ts';
import { Seeded, seedOfRun } from '../seeded.ts';
import { key } from '../support.ts';
import { keyed, version } from './support.ts';

const seed = seedOfRun();
afterAll(() => console.log(`records: seed ${seed}`));

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const most = 2n ** 64n - 1n;
const wide = { device: most, inode: most - 1n, size: 2n ** 53n + 1n, modifiedNs: -(2n ** 63n) };
const nothing = { group: 1, finished: 0, undone: [], revisions: [], keys: [] } as const;

function revisionOf(id: number, kind: RevisionKind, more: Partial<PlannedRevision> = {}) {
  const of = { id, kind, page: 3, revision: id, key: key('a/é "b".html'), timeMs: 1.7e12 };
  return { ...of, ...more } satisfies PlannedRevision;
}

function roundTrip(record: LedgerRecord): LedgerRecord {
  return decodeRecord(encodeRecord(record, new KnownContents()), () => undefined);
}

describe('a record comes back as it was', () => {
  const operation = 'op';
  const rows: readonly { name: string; record: LedgerRecord }[] = [
    { name: 'empty', record: nothing },
    { name: 'undone', record: { ...nothing, finished: 2 ** 52, undone: [1, 2 ** 52] } },
    ...(['create', 'insert', 'replace', 'remove', 'outside'] as const).map((kind) => ({
      name: kind,
      record: {
        ...nothing,
        revisions: [
          revisionOf(1, kind, {
            ...(kind !== 'outside' && { operation }),
            ...(kind !== 'remove' && { version: version(5, 'tag "\\') }),
            ...(kind !== 'create' && kind !== 'outside' && { displaces: 4, read: wide }),
            ...(kind === 'insert' && { content: bytesOf('page') }),
          }),
        ],
      },
    })),
    {
      name: '64 bits, content of no bytes and of every byte',
      record: {
        ...nothing,
        revisions: [
          revisionOf(1, 'create', { operation, version: { identity: wide }, content: bytesOf('') }),
          revisionOf(2, 'create', {
            ...{ operation: 'other', page: 4, version: version(1) },
            content: Uint8Array.from({ length: 256 }, (_, at) => at),
          }),
        ],
      },
    },
    {
      name: 'keys',
      record: {
        ...nothing,
        keys: ['k', 'l "\n', ''].map((name, place) => {
          return { ...keyed(name, place), edit: 7, page: 3, revision: 9, timeMs: -1 };
        }),
      },
    },
  ];
  for (const { name, record } of rows) {
    test(name, () => expect(roundTrip(record)).toEqual(record));
  }

  test('and keeps no view of the bytes that it was read from', () => {
    const content = bytesOf('page');
    const revisions = [revisionOf(1, 'create', { operation, content })];
    const payload = encodeRecord({ ...nothing, revisions }, new KnownContents());
    const record = decodeRecord(payload, () => undefined);
    payload.fill(0);
    expect(record.revisions[0]?.content).toEqual(content);
  });

  test('a splice whose base is not there is a bug', () => {
    const contents = new KnownContents();
    const first = revisionOf(1, 'create', { operation, content: bytesOf('a page') });
    const next = revisionOf(2, 'insert', { operation, displaces: 1, content: bytesOf('a pages') });
    encodeRecord({ ...nothing, revisions: [first] }, contents);
    const payload = encodeRecord({ ...nothing, revisions: [next] }, contents);
    expect(() => decodeRecord(payload, () => undefined)).toThrow(AssertionFailed);
    const read = decodeRecord(payload, (edit) => (edit === 1 ? bytesOf('a page') : undefined));
    expect(read.revisions[0]?.content).toEqual(bytesOf('a pages'));
  });
});

describe('of a page is written', () => {
  const rows = [
    { name: 'an insert', before: 'abcdef', after: 'abcXdef', middle: 'X' },
    { name: 'a cut', before: 'abcdef', after: 'abef', middle: '' },
    { name: 'nothing new', before: 'abc', after: 'abc', middle: '' },
    { name: 'a repetition', before: 'aaa', after: 'aaaaa', middle: 'aa' },
    { name: 'fewer of the same', before: 'aaaaa', after: 'aa', middle: '' },
    { name: 'all of it', before: 'abc', after: 'xyz', middle: 'xyz' },
    { name: 'a page of nothing', before: '', after: 'ab', middle: 'ab' },
    { name: 'a page that gets empty', before: 'ab', after: '', middle: '' },
  ];
  for (const { name, before, after, middle } of rows) {
    test(name, () => {
      const contents = new KnownContents();
      const first = bytesOf(before);
      expect(contents.splice(revisionOf(1, 'create'), first)).toBe(first);
      // What comes is a part of a message, whose bytes are used again.
      first.fill(0);
      const spliced = contents.splice(revisionOf(2, 'insert', { displaces: 1 }), bytesOf(after));
      expect(spliced).toMatchObject({ base: 1, middle: bytesOf(middle) });
      if (spliced instanceof Uint8Array) return;
      const end = before.slice(before.length - spliced.tail);
      expect(before.slice(0, spliced.head) + middle + end).toBe(after);
    });
  }

  const thirds = [
    { name: 'an insert where the last one was', after: 'abYXcd', head: 2, middle: 'Y' },
    { name: 'one before it', after: 'aZbXcd', head: 1, middle: 'Z' },
    { name: 'one behind it', after: 'abXcZd', head: 4, middle: 'Z' },
    { name: 'one with the same beginning', after: 'abXXcd', head: 2, middle: 'X' },
    { name: 'what is shorter than the last beginning', after: 'a', head: 1, middle: '' },
    { name: 'another page', after: 'xyz', head: 0, middle: 'xyz' },
  ];
  for (const { name, after, head, middle } of thirds) {
    test(`after another insert: ${name}`, () => {
      const contents = new KnownContents();
      contents.splice(revisionOf(1, 'create'), bytesOf('abcd'));
      contents.splice(revisionOf(2, 'insert', { displaces: 1 }), bytesOf('abXcd'));
      const spliced = contents.splice(revisionOf(3, 'insert', { displaces: 2 }), bytesOf(after));
      expect(spliced).toMatchObject({ base: 2, head, middle: bytesOf(middle) });
      if (spliced instanceof Uint8Array) return;
      const end = 'abXcd'.slice('abXcd'.length - spliced.tail);
      expect('abXcd'.slice(0, spliced.head) + middle + end).toBe(after);
    });
  }

  const page = bytesOf('a page');
  const wholes = [
    { name: 'another revision is displaced', displaces: 7, between: () => {} },
    { name: 'none is', displaces: undefined, between: () => {} },
    {
      name: 'all is forgotten',
      displaces: 1,
      between: (contents: KnownContents) => contents.forget(),
    },
    {
      name: 'too much is remembered',
      displaces: 1,
      between: (contents: KnownContents) => {
        const large = new Uint8Array(rememberedBytesMax);
        contents.splice(revisionOf(9, 'create', { page: 9 }), large);
      },
    },
  ];
  for (const { name, displaces, between } of wholes) {
    test(`the whole where ${name}`, () => {
      const contents = new KnownContents();
      contents.splice(revisionOf(1, 'create'), page);
      between(contents);
      const of = displaces === undefined ? {} : { displaces };
      expect(contents.splice(revisionOf(2, 'insert', of), page)).toBe(page);
    });
  }

  test('a part where just so much is remembered, and no page twice', () => {
    const contents = new KnownContents();
    contents.splice(revisionOf(1, 'create'), page);
    const rest = new Uint8Array(rememberedBytesMax - page.length);
    for (const id of [9, 10]) contents.splice(revisionOf(id, 'create', { page: 9 }), rest);
    const next = contents.splice(revisionOf(2, 'insert', { displaces: 1 }), page);
    expect(next).toMatchObject({ base: 1 });
  });
});

test('random pages come back through any number of splices', () => {
  const seeded = new Seeded(seed);
  const contents = new KnownContents();
  const read = new Map<number, Uint8Array>();
  let last = 0;
  for (let id = 1; id <= 300; id += 1) {
    if (seeded.below(20) === 0) contents.forget();
    const before = read.get(last) ?? new Uint8Array();
    const from = seeded.below(before.length + 1);
    const to = from + seeded.below(before.length - from + 1);
    const added = Uint8Array.from({ length: seeded.below(40) }, () => seeded.below(3));
    const content = Uint8Array.from([...before.slice(0, from), ...added, ...before.slice(to)]);
    const revision = revisionOf(id, 'insert', { displaces: last, operation: `${id}`, content });
    const payload = encodeRecord({ ...nothing, revisions: [revision] }, contents);
    const [found] = decodeRecord(payload, (edit) => read.get(edit)).revisions;
    expect(found).toEqual(revision);
    read.set(id, content);
    // One that did not happen is not what the next one displaces.
    if (seeded.below(5) > 0) last = id;
  }
});
