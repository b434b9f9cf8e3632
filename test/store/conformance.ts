/** What every store does, as a suite over a factory of stores. */

import { describe, expect, test } from 'bun:test';
import type { Conditions } from '../../src/model/conditions.ts';
import type { Edit, EditResult } from '../../src/model/operation.ts';
import {
  brief,
  edit,
  editPage,
  insert,
  publishOne,
  readPage,
  readText,
  remove,
  replace,
  replacement,
  type TestStore,
  testLimits,
} from './support.ts';

const sample = '<!DOCTYPE html>\n<html>\n<body>\n    <h1> This is HTML </h1>\n</body>\n</html>\n';
const anyTag: Conditions = { ifMatch: { any: true } };
const noTag: Conditions = { ifNoneMatch: { any: true } };
const wrongTag: Conditions = { ifMatch: { tags: [{ weak: false, opaque: 'wrong' }] } };
const longName = 'n'.repeat(256);

interface Row {
  readonly name: string;
  readonly path: string;
  readonly edits: readonly Edit[];
  readonly want: readonly string[];
  /** The page afterwards, where it is not the one before. */
  readonly after?: string;
}

/**
 * Before each row there are `page.html` (the sample), `notes.txt` ("notes") and `dir/inner.html`.
 */
const editRows: readonly Row[] = [
  { name: 'creates', path: 'new.html', edits: [replace('x')], want: ['created'], after: 'x' },
  {
    name: 'creates folders',
    path: 'a/b/c.txt',
    edits: [replace('x')],
    want: ['created'],
    after: 'x',
  },
  { name: 'creates an empty page', path: 'e', edits: [replace('')], want: ['created'], after: '' },
  { name: 'replaces', path: 'page.html', edits: [replace('y')], want: ['replaced'], after: 'y' },
  {
    name: 'removes',
    path: 'page.html',
    edits: [remove()],
    want: ['removed'],
    after: '<not-found>',
  },
  { name: 'removes nothing', path: 'none', edits: [remove()], want: ['not-found'] },
  { name: 'inserts into nothing', path: 'none.html', edits: [insert('x')], want: ['not-found'] },
  { name: 'inserts into a text file', path: 'notes.txt', edits: [insert('x')], want: ['not-html'] },
  { name: 'replaces a folder', path: 'dir', edits: [replace('x')], want: ['is-folder'] },
  { name: 'removes a folder', path: 'dir', edits: [remove()], want: ['is-folder'] },
  { name: 'replaces the root', path: '', edits: [replace('x')], want: ['is-folder'] },
  {
    name: 'a page as a folder',
    path: 'notes.txt/x',
    edits: [replace('x')],
    want: ['parent-not-folder'],
  },
  {
    name: 'a page as a far folder',
    path: 'notes.txt/x/y',
    edits: [remove()],
    want: ['parent-not-folder'],
  },
  { name: 'a name too long', path: longName, edits: [replace('x')], want: ['not-found'] },
  {
    name: 'a folder name too long',
    path: `${longName}/x`,
    edits: [replace('x')],
    want: ['not-found'],
  },
  { name: 'the store folder', path: '.inkwire/tmp/x', edits: [replace('x')], want: ['not-found'] },
  {
    name: 'the store folder in capitals',
    path: '.INKWIRE/x',
    edits: [replace('x')],
    want: ['not-found'],
  },
  {
    name: 'if-match * on nothing',
    path: 'none',
    edits: [replace('x', anyTag)],
    want: ['precondition-failed'],
  },
  {
    name: 'if-match on nothing',
    path: 'none',
    edits: [replace('x', wrongTag)],
    want: ['precondition-failed'],
  },
  {
    name: 'insert if-match on nothing',
    path: 'none.html',
    edits: [insert('x', wrongTag)],
    want: ['not-found'],
  },
  {
    name: 'remove if-match on nothing',
    path: 'none',
    edits: [remove(wrongTag)],
    want: ['not-found'],
  },
  {
    name: 'if-none-match * on nothing',
    path: 'n',
    edits: [replace('x', noTag)],
    want: ['created'],
    after: 'x',
  },
  {
    name: 'if-none-match * on a page',
    path: 'page.html',
    edits: [replace('x', noTag)],
    want: ['precondition-failed'],
  },
  {
    name: 'if-match * on a page',
    path: 'page.html',
    edits: [replace('x', anyTag)],
    want: ['replaced'],
    after: 'x',
  },
  {
    name: 'another tag',
    path: 'page.html',
    edits: [insert('x', wrongTag)],
    want: ['precondition-failed'],
  },
  {
    name: 'another tag, no HTML',
    path: 'notes.txt',
    edits: [insert('x', wrongTag)],
    want: ['not-html'],
  },
  { name: 'empty content', path: 'page.html', edits: [insert(' \n ')], want: ['content-empty'] },
  {
    name: 'replaces, not creating',
    path: 'page.html',
    edits: [replacement],
    want: ['replaced'],
    after: '1',
  },
  { name: 'replaces nothing', path: 'none', edits: [replacement], want: ['not-found'] },
  {
    name: 'replaces nothing, if-match',
    path: 'none',
    edits: [{ ...replacement, conditions: wrongTag }],
    want: ['not-found'],
  },
  {
    name: 'create, then replace',
    path: 'new',
    edits: [replace('1'), replace('2', anyTag)],
    want: ['created', 'replaced'],
    after: '2',
  },
  {
    name: 'create only once',
    path: 'new',
    edits: [replace('1', noTag), replace('2', noTag)],
    want: ['created', 'precondition-failed'],
    after: '1',
  },
  {
    name: 'create and remove',
    path: 'new',
    edits: [replace('1'), remove()],
    want: ['created', 'removed'],
    after: '<not-found>',
  },
  {
    name: 'remove and create',
    path: 'page.html',
    edits: [remove(), insert('x'), replace('2')],
    want: ['removed', 'not-found', 'created'],
    after: '2',
  },
  {
    name: 'one refused delays none',
    path: 'page.html',
    edits: [replace('1'), insert(''), replace('2', wrongTag), replace('3')],
    want: ['replaced', 'content-empty', 'precondition-failed', 'replaced'],
    after: '3',
  },
];

const readRows: readonly { name: string; path: string; want: string }[] = [
  { name: 'a page', path: 'notes.txt', want: 'notes' },
  { name: 'a page in a folder', path: 'dir/inner.html', want: sample },
  { name: 'a missing page', path: 'none', want: '<not-found>' },
  { name: 'a page in a missing folder', path: 'none/none', want: '<not-found>' },
  { name: 'a folder', path: 'dir', want: '<is-folder>' },
  { name: 'the root', path: '', want: '<is-folder>' },
  { name: 'a page as a folder', path: 'notes.txt/x', want: '<not-found>' },
  { name: 'a name too long', path: longName, want: '<not-found>' },
  { name: 'a path too long', path: 'long/'.repeat(1_600), want: '<not-found>' },
  { name: 'the store folder', path: '.inkwire', want: '<not-found>' },
  { name: 'below the store folder', path: '.inkwire/.gitignore', want: '<not-found>' },
];

function filled(make: () => TestStore): TestStore {
  const store = make();
  for (const [path, content] of [
    ['page.html', sample],
    ['notes.txt', 'notes'],
    ['dir/inner.html', sample],
  ] as const) {
    expect(brief(edit(store, path, replace(content)))).toBe('created');
  }
  return store;
}

/** The state that a result tells. */
function stateOf(result: EditResult) {
  if ('state' in result && result.kind !== 'replayed') return result.state;
  throw new Error(brief(result));
}

function describeEdits(make: () => TestStore): void {
  for (const row of editRows) {
    test(`edit: ${row.name}`, () => {
      using store = filled(make);
      const before = readText(store, row.path);
      const { results } = editPage(store, row.path, row.edits);
      expect(results.map(brief)).toEqual([...row.want]);
      expect(readText(store, row.path)).toBe(row.after ?? before);
    });
  }

  test('inserts are done in order, each into what the former left', () => {
    using store = filled(make);
    const { results } = editPage(store, 'page.html', [insert('one'), insert('two')]);
    expect(results.map(brief)).toEqual(['inserted', 'inserted']);
    const [first, second] = results.map((result) =>
      result.kind === 'inserted' ? Buffer.from(result.page ?? []).toString() : '',
    );
    expect(first).toContain('one');
    expect(first).not.toContain('two');
    expect(second?.indexOf('two')).toBeLessThan(second?.indexOf('one') ?? -1);
    expect(readText(store, 'page.html')).toBe(second ?? '');
  });

  test('an insert takes a page at the limit and refuses one a byte above', () => {
    using store = make();
    for (const [extra, want] of [
      [0, 'inserted'],
      [1, 'page-too-large'],
    ] as const) {
      const page = sample.padEnd(testLimits.insertPageBytesMax + extra, ' ');
      edit(store, 'page.html', replace(page));
      expect(brief(edit(store, 'page.html', insert('x')))).toBe(want);
    }
  });

  test('a minimal answer carries no page', () => {
    using store = make();
    const whole = edit(store, 'p', replace('1'));
    const minimal = edit(store, 'p', { ...replacement, answer: 'minimal' });
    expect(['page' in whole, 'page' in minimal]).toEqual([true, false]);
  });
}

function describeStates(make: () => TestStore): void {
  test('a read, its metadata and the edit tell the same state', () => {
    using store = make();
    for (const content of ['plain', 'Grüße', '<meta charset=utf-8>Grüße', 'x'.repeat(1_001)]) {
      for (const path of ['p.html', 'p.txt']) {
        const state = stateOf(edit(store, path, replace(content)));
        const read = readPage(store, path);
        const head = readPage(store, path, {}, 'metadata');
        if (read.result.kind !== 'found' || head.result.kind !== 'found') throw new Error(path);
        expect(read.result.state).toEqual(state);
        expect(head.result.state).toEqual(state);
        expect(head.result.content.kind).toBe('none');
        expect(state.size).toBe(Buffer.byteLength(content));
        expect(state.tag).toBeDefined();
        expect(state.needsUtf8Label ?? false).toBe(path === 'p.html' && content === 'Grüße');
      }
    }
  });

  test('a tag is the content’s up to the limit of hashing, and the version’s above it', () => {
    using store = make();
    for (const [extra, known] of [
      [0, true],
      [1, false],
    ] as const) {
      const content = 'abcd'.repeat(600).slice(0, testLimits.hashBytesMax + extra);
      const tagOf = (): string | undefined => {
        const { result } = readPage(store, 'p.html', {}, 'metadata');
        return result.kind === 'found' ? result.state.tag?.opaque : undefined;
      };
      const told = stateOf(edit(store, 'p.html', replace(content))).tag?.opaque;
      const first = tagOf();
      expect(told).toBe(known ? first : undefined);
      expect(tagOf()).toBe(first);
      const ifMatch = { tags: [{ weak: false, opaque: first ?? '' }] };
      expect(brief(edit(store, 'p.html', replace(content, { ifMatch })))).toBe('replaced');
      // The same content again: the same tag where it is the content's.
      expect(tagOf() === first).toBe(known);
      expect(brief(edit(store, 'p.html', replace('x', { ifMatch })))).toBe(
        known ? 'replaced' : 'precondition-failed',
      );
    }
  });

  test('content at the inline limit is whole, a byte above it is held open', () => {
    using store = make();
    for (const [extra, want] of [
      [0, 'whole'],
      [1, 'open'],
    ] as const) {
      const content = 'abc'.repeat(400).slice(0, testLimits.inlineBytesMax + extra);
      edit(store, 'p', replace(content));
      const { result, bytes } = readPage(store, 'p');
      expect(result.kind === 'found' && result.content.kind).toBe(want);
      expect(Buffer.from(bytes ?? []).toString()).toBe(content);
    }
  });

  test('a tag that was told guards the next edit, in any coding, until the page changes', () => {
    using store = make();
    const { tag } = stateOf(edit(store, 'p', replace('1')));
    if (tag === undefined) throw new Error('no tag');
    const coded: Conditions = { ifMatch: { tags: [{ ...tag, opaque: `${tag.opaque}-br` }] } };
    expect(brief(edit(store, 'p', replace('2', { ifMatch: { tags: [tag] } })))).toBe('replaced');
    expect(brief(edit(store, 'p', replace('1', coded)))).toBe('precondition-failed');
    expect(brief(edit(store, 'p', replace('1')))).toBe('replaced');
    expect(brief(edit(store, 'p', replace('3', coded)))).toBe('replaced');
  });

  test('a read is judged: not-modified, precondition-failed, or the page', () => {
    using store = make();
    const { tag, modifiedMs } = stateOf(edit(store, 'p', replace('1')));
    if (tag === undefined) throw new Error('no tag');
    const rows: [Conditions, string][] = [
      [{ ifNoneMatch: { tags: [tag] } }, 'not-modified'],
      [{ ifNoneMatch: { any: true } }, 'not-modified'],
      [{ ifMatch: { tags: [{ ...tag, weak: true }] } }, 'precondition-failed'],
      [{ ifMatch: { tags: [tag] } }, 'found'],
      [{ ifModifiedSinceMs: Math.ceil(modifiedMs / 1_000) * 1_000 }, 'not-modified'],
      [{ ifModifiedSinceMs: Math.floor(modifiedMs / 1_000) * 1_000 - 1_000 }, 'found'],
    ];
    for (const [conditions, want] of rows) {
      expect(brief(readPage(store, 'p', conditions).result)).toBe(want);
      expect(brief(readPage(store, 'none', conditions).result)).toBe('not-found');
    }
  });

  test('an edit prepared before another was published comes out unstable', () => {
    using store = make();
    edit(store, 'p', replace('1'));
    for (const [path, late] of [
      ['p', replace('late')],
      ['p', remove()],
      ['q', replace('late')],
    ] as const) {
      const operation = { kind: 'edit', id: 2, key: path as never, edits: [late] } as const;
      const prepared = store.executor.prepare(operation);
      if (!('change' in prepared)) throw new Error('not prepared');
      edit(store, path, replace('between'));
      expect(publishOne(store, prepared).results.map(brief)).toEqual(['unstable']);
      expect(readText(store, path)).toBe('between');
    }
  });
}

/** Runs the suite; `make` gives an empty store each time. */
export function describeStore(name: string, make: () => TestStore): void {
  describe(`store: ${name}`, () => {
    for (const row of readRows) {
      test(`read: ${row.name}`, () => {
        using store = filled(make);
        expect(readText(store, row.path)).toBe(row.want);
      });
    }
    describeEdits(make);
    describeStates(make);
  });
}
