/** What every store does with idempotency keys, as a suite over a factory of stores. */

import { describe, expect, test } from 'bun:test';
import { utf8Bytes } from '../../src/base/bytes.ts';
import type { PreparedEdit } from '../../src/model/messages.ts';
import type { Edit, EditResult } from '../../src/model/operation.ts';
import {
  brief,
  edit,
  editPage,
  insert,
  key,
  keyed,
  publishOne,
  readText,
  remove,
  replace,
  replacement,
  type TestStore,
} from './support.ts';

const sample = '<body>\n</body>\n';
const other = 'b3RoZXI';

const minimal: Edit = {
  kind: 'insert',
  form: 'text',
  content: utf8Bytes('x'),
  conditions: {},
  answer: 'minimal',
};

/** A replay with what it was of, and the page that it carries. */
function replay(result: EditResult): unknown {
  if (result.kind !== 'replayed') return brief(result);
  const page = result.page && Buffer.from(result.page).toString();
  return [result.of, result.state?.size, page];
}

function prepared(store: TestStore, path: string, edits: readonly Edit[]): PreparedEdit {
  const end = store.executor.prepare({ kind: 'edit', id: 7, key: key(path), edits });
  if (!('change' in end)) throw new Error(end.results.map(brief).join());
  return end;
}

/** Each is done, then the page is changed (or made), then the same is sent again. */
const replayRows: readonly {
  readonly name: string;
  readonly path: string;
  readonly first: Edit;
  readonly between: Edit;
  readonly want: unknown;
}[] = [
  {
    name: 'an insert',
    path: 'page.html',
    first: insert('x'),
    between: insert('y'),
    want: ['inserted', 32, '<body>\n    <h2> x </h2>\n</body>\n'],
  },
  {
    name: 'an insert, with a minimal answer',
    path: 'page.html',
    first: minimal,
    between: insert('y'),
    want: ['inserted', 32, undefined],
  },
  {
    name: 'an insert into a page that is gone',
    path: 'page.html',
    first: insert('x'),
    between: remove(),
    want: ['inserted', 32, '<body>\n    <h2> x </h2>\n</body>\n'],
  },
  {
    name: 'a create',
    path: 'new.txt',
    first: replace('one'),
    between: replace('three'),
    want: ['created', 3, 'one'],
  },
  {
    name: 'a create that must be one',
    path: 'new.txt',
    first: replace('one', { ifNoneMatch: { any: true } }),
    between: replace('three'),
    want: ['created', 3, 'one'],
  },
  {
    name: 'a replace',
    path: 'page.html',
    first: replacement,
    between: remove(),
    want: ['replaced', 1, '1'],
  },
  {
    name: 'a removal',
    path: 'page.html',
    first: remove(),
    between: replace('again'),
    want: ['removed', undefined, undefined],
  },
];

/** Runs the suite; `make` gives an empty store each time. */
export function describeKeys(name: string, make: () => TestStore): void {
  const filled = (): TestStore => {
    const store = make();
    edit(store, 'page.html', replace(sample));
    return store;
  };

  describe(`idempotency keys: ${name}`, () => {
    for (const { name: what, path, first, between, want } of replayRows) {
      test(`is replayed: ${what}`, () => {
        using store = filled();
        const done = keyed(first, 'k');
        const [of] = Array.isArray(want) ? want : [];
        expect(brief(edit(store, path, done))).toBe(of);
        const before = readText(store, path);
        expect(replay(edit(store, path, done))).toEqual(want);
        expect(readText(store, path)).toBe(before);
        expect(brief(edit(store, path, between))).not.toBe('precondition-failed');
        const after = readText(store, path);
        expect(replay(edit(store, path, done))).toEqual(want);
        expect(readText(store, path)).toBe(after);
      });
    }

    test('a key of another request, of this page or another, is refused', () => {
      using store = filled();
      edit(store, 'page.html', keyed(insert('x'), 'k'));
      const before = readText(store, 'page.html');
      for (const path of ['page.html', 'none.html', 'new/page.html']) {
        expect(brief(edit(store, path, keyed(insert('y'), 'k', other)))).toBe('key-reused');
        expect(brief(edit(store, path, keyed(remove(), 'k', other)))).toBe('key-reused');
      }
      expect(brief(edit(store, 'new/page.html', keyed(replace('y'), 'k', other)))).toBe(
        'key-reused',
      );
      expect(readText(store, 'page.html')).toBe(before);
      expect(readText(store, 'new/page.html')).toBe('<not-found>');
    });

    test('what was refused is not known, and is done when it can be', () => {
      using store = filled();
      const first = keyed(insert('x'), 'k');
      expect(brief(edit(store, 'late.html', first))).toBe('not-found');
      // The key is as free for another request as it is for this one.
      expect(brief(edit(store, 'late.html', keyed(insert(''), 'k', other)))).toBe('not-found');
      edit(store, 'late.html', replace(sample));
      expect(brief(edit(store, 'late.html', first))).toBe('inserted');
      expect(brief(edit(store, 'late.html', first))).toBe('replayed');
    });

    test('a refusal under no key is an outcome; under one it is for the publisher', () => {
      using store = filled();
      const operation = { kind: 'edit', id: 7, key: key('none.html') } as const;
      expect(store.executor.prepare({ ...operation, edits: [insert('x')] })).toMatchObject({
        kind: 'edit',
      });
      const edits = [keyed(insert('x'), 'k'), insert('y')];
      expect(prepared(store, 'none.html', edits)).toMatchObject({
        change: { kind: 'none' },
        keys: [{ key: 'k', place: 0, answer: 'page' }],
      });
    });

    test('each key has the place of its edit, and what it is to be answered with', () => {
      using store = filled();
      const edits = [insert('1'), keyed(insert('2'), 'b'), keyed(remove(), 'c')];
      expect(prepared(store, 'page.html', edits).keys).toEqual([
        { key: 'b', fingerprint: 'c2FtZQ', place: 1, answer: 'page' },
        { key: 'c', fingerprint: 'c2FtZQ', place: 2, answer: 'minimal' },
      ]);
      expect(prepared(store, 'page.html', [insert('1')])).not.toHaveProperty('keys');
    });

    test('one that was done before keeps the others of its operation from being published', () => {
      using store = filled();
      edit(store, 'page.html', keyed(insert('old'), 'old'));
      const before = readText(store, 'page.html');
      const edits = [
        insert('a'),
        keyed(insert('old'), 'old'),
        keyed(insert('b'), 'new'),
        insert(''),
      ];
      const { results } = editPage(store, 'page.html', edits);
      expect(results.map(brief)).toEqual(['unstable', 'replayed', 'unstable', 'unstable']);
      expect(readText(store, 'page.html')).toBe(before);
      // What did not happen is not known.
      expect(brief(edit(store, 'page.html', keyed(insert('b'), 'new')))).toBe('inserted');
    });

    test('one that was refused now is in nobody’s way', () => {
      using store = filled();
      const ifMatch = { ifMatch: { tags: [] } };
      edit(store, 'page.html', keyed(insert('old'), 'old'));
      const edits = [
        keyed(insert('old', ifMatch), 'old'),
        keyed(insert('a'), 'new'),
        keyed(insert('x', ifMatch), 'old', other),
      ];
      const { results } = editPage(store, 'page.html', edits);
      expect(results.map(brief)).toEqual(['replayed', 'inserted', 'key-reused']);
      expect(readText(store, 'page.html').match(/old|a </g)).toEqual(['a <', 'old']);
      expect(brief(edit(store, 'page.html', keyed(insert('a'), 'new')))).toBe('replayed');
      expect(brief(edit(store, 'page.html', keyed(insert('old'), 'old')))).toBe('replayed');
    });

    test('inserts that share a publication are known each by its own key', () => {
      using store = filled();
      const edits = [keyed(insert('1'), 'a'), insert('2'), keyed(insert('3'), 'c')];
      editPage(store, 'page.html', edits);
      const page = readText(store, 'page.html');
      for (const again of [edits[0], edits[2]]) {
        if (again === undefined) throw new Error('no edit');
        // They left one page together, and it is all that is kept.
        expect(replay(edit(store, 'page.html', again))).toEqual(['inserted', page.length, page]);
      }
    });

    test('of one group the second with a key is answered by what the first did', () => {
      using store = filled();
      edit(store, 'two.html', replace(sample));
      const group = [
        prepared(store, 'page.html', [keyed(insert('x'), 'k')]),
        prepared(store, 'two.html', [keyed(insert('x'), 'k', other)]),
      ];
      const outcomes = store.publisher.publish(group);
      expect(outcomes.flatMap(({ results }) => results.map(brief))).toEqual([
        'inserted',
        'key-reused',
      ]);
      expect(readText(store, 'two.html')).toBe(sample);
    });

    test('an edit that met a save did not happen, and its key is free', () => {
      using store = filled();
      const late = prepared(store, 'page.html', [keyed(insert('x'), 'k')]);
      edit(store, 'page.html', replace(sample));
      expect(publishOne(store, late).results.map(brief)).toEqual(['unstable']);
      expect(brief(edit(store, 'page.html', keyed(insert('x'), 'k')))).toBe('inserted');
    });
  });
}
