/** The history of a page, read beside the store that makes it. */

import { describe, expect, test } from 'bun:test';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { contentTag } from '../../../src/store/page-state.ts';
import {
  edit,
  fileStore,
  insert,
  readPage,
  remove,
  replace,
  temporaryRoot,
  testLimits,
} from '../support.ts';
import { brief, kept, own, put, versionText, withHistory } from './past-pages.ts';

/** Whatever the file is, another program's. */
function save(root: string, name: string, content: string): void {
  writeFileSync(join(root, `${name}.new`), content);
  renameSync(join(root, `${name}.new`), join(root, name));
}

describe('versions', () => {
  test('a page that never was, and one that nobody has edited', () => {
    using store = fileStore();
    expect(brief(store, 'a.html')).toEqual([]);
    save(store.root, 'a.html', 'theirs');
    expect(brief(store, 'a.html')).toEqual(['now outside now']);
    expect(versionText(store, 'a.html', 'now')).toBe('theirs');
    expect(versionText(store, 'a.html', 1)).toBe('<unknown>');
    expect(versionText(store, 'b.html', 'now')).toBe('<missing>');
  });

  test('each edit is one, the newest first, and the page is the newest', () => {
    using store = fileStore();
    put(store, 'a.html', '<body>', '<body>two');
    edit(store, 'a.html', insert('three'));
    expect(brief(store, 'a.html')).toEqual(['3 insert now', '2 replace', '1 create']);
    expect(versionText(store, 'a.html', 1)).toBe('<body>');
    expect(versionText(store, 'a.html', 2)).toBe('<body>two');
    expect(versionText(store, 'a.html', 3)).toContain('<h2> three </h2>');
    expect(versionText(store, 'a.html', 'now')).toContain('<h2> three </h2>');
    expect(versionText(store, 'a.html', 4)).toBe('<unknown>');
    expect(versionText(store, 'a.html', 0)).toBe('<unknown>');
    expect(withHistory(store, 'a.html', (page) => page.newest())).toBe(3);
  });

  test('size, time and tag are those that the server gives', () => {
    using store = fileStore();
    save(store.root, 'a.html', 'theirs');
    put(store, 'a.html', 'mine');
    const fromMs = Date.now() - 60_000;
    const { versions } = withHistory(store, '/a.html', (page) => page.versions());
    expect(versions.map(({ size, tag }) => [size, tag])).toEqual([
      [4, contentTag(Buffer.from('mine'))],
      [6, contentTag(Buffer.from('theirs'))],
    ]);
    for (const { timeMs } of versions) expect(timeMs).toBeGreaterThan(fromMs);
  });

  test('the tag of a large page is that of its file, as long as it is the page', () => {
    using store = fileStore();
    const large = 'x'.repeat(testLimits.hashBytesMax + 1);
    put(store, 'a.html', large);
    const tags = () =>
      withHistory(store, 'a.html', (page) =>
        page.versions().versions.map(({ tag }) => tag?.opaque),
      );
    const { result } = readPage(store, 'a.html');
    const tag = result.kind === 'found' ? result.state.tag?.opaque : undefined;
    expect(tag).toBeString();
    expect(tags()).toEqual([tag]);
    put(store, 'a.html', large);
    expect(tags()[1]).toBeUndefined();
  });

  test('a removal has no content, and the page can come again', () => {
    using store = fileStore();
    put(store, 'a.html', 'one');
    edit(store, 'a.html', remove());
    expect(brief(store, 'a.html')).toEqual(['2 remove now', '1 create']);
    expect(versionText(store, 'a.html', 2)).toBe('<removal>');
    expect(versionText(store, 'a.html', 'now')).toBe('<missing>');
    expect(versionText(store, 'a.html', 1)).toBe('one');
    put(store, 'a.html', 'three');
    expect(brief(store, 'a.html')).toEqual(['3 create now', '2 remove', '1 create']);
  });

  test('edits that did not happen are none, and leave a gap', () => {
    using store = fileStore();
    put(store, 'a.html', 'one');
    const prepared = store.executor.prepare({
      kind: 'edit',
      id: 1,
      key: withHistory(store, 'a.html', (page) => page.key),
      edits: [replace('never')],
    });
    save(store.root, 'a.html', 'theirs');
    if (!('change' in prepared)) throw new Error('it was refused');
    expect(store.publisher.publish([prepared])[0]?.results).toEqual([
      { kind: 'refused', code: 'unstable' },
    ]);
    expect(brief(store, 'a.html').at(-1)).toBe('1 create dropped');
    expect(versionText(store, 'a.html', 'now')).toBe('theirs');
    put(store, 'a.html', 'four');
    const numbers = brief(store, 'a.html').map((line) => line.split(' ')[0]);
    expect(numbers.length).toBeLessThan(Number(numbers[0]));
  });

  test('more than one listing of the ledger holds', () => {
    using store = fileStore();
    put(store, 'a.html', ...Array.from({ length: 1_100 }, (_, index) => `${index}`));
    const versions = brief(store, 'a.html');
    expect(versions).toHaveLength(1_100);
    expect(versions.at(-1)).toBe('1 create');
    expect(versionText(store, 'a.html', 1)).toBe('0');
  });
});

describe('another program', () => {
  test('saves: the page is a version without a number, until an edit displaces it', () => {
    using store = fileStore();
    put(store, 'a.html', 'one', 'two');
    save(store.root, 'a.html', 'theirs');
    expect(brief(store, 'a.html')).toEqual(['now outside now', '2 replace dropped', '1 create']);
    expect(versionText(store, 'a.html', 'now')).toBe('theirs');
    expect(versionText(store, 'a.html', 2)).toBe('<overwritten>');
    put(store, 'a.html', 'four');
    expect(brief(store, 'a.html')).toEqual([
      '4 replace now',
      '3 outside',
      '2 replace dropped',
      '1 create',
    ]);
    expect(versionText(store, 'a.html', 3)).toBe('theirs');
    expect(versionText(store, 'a.html', 2)).toBe('<overwritten>');
  });

  test('writes into the file in place: that too', () => {
    using store = fileStore();
    put(store, 'a.html', 'one', 'two');
    appendFileSync(join(store.root, 'a.html'), ' and more');
    expect(brief(store, 'a.html')[0]).toBe('now outside now');
    expect(versionText(store, 'a.html', 2)).toBe('<overwritten>');
  });

  test('saves the page as it was: it is still that version', () => {
    using store = fileStore();
    put(store, 'a.html', 'one', 'two');
    const aged = new Date('2020-01-01');
    utimesSync(join(store.root, 'a.html'), aged, aged);
    expect(brief(store, 'a.html')).toEqual(['2 replace now', '1 create']);
    expect(versionText(store, 'a.html', 2)).toBe('two');
    // Of an earlier content nobody can say when it came: it is a save of its own.
    save(store.root, 'a.html', 'one');
    expect(brief(store, 'a.html')[0]).toBe('now outside now');
  });

  test('copies the root: its history comes with it', () => {
    using store = fileStore();
    put(store, 'a.html', 'one', 'two');
    store.close();
    const root = temporaryRoot();
    try {
      cpSync(store.root, root, { recursive: true });
      const copy = { options: { ...store.options, root } };
      expect(brief(copy, 'a.html')).toEqual(['2 replace now', '1 create']);
      expect(versionText(copy, 'a.html', 1)).toBe('one');
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  test('takes the page away', () => {
    using store = fileStore();
    put(store, 'a.html', 'one', 'two');
    unlinkSync(join(store.root, 'a.html'));
    expect(brief(store, 'a.html')).toEqual(['2 replace dropped', '1 create']);
    expect(withHistory(store, 'a.html', (page) => page.versions().isGone)).toBe(true);
    expect(versionText(store, 'a.html', 2)).toBe('<overwritten>');
    edit(store, 'a.html', replace('three'));
    edit(store, 'a.html', remove());
    expect(withHistory(store, 'a.html', (page) => page.versions().isGone)).toBe(false);
  });

  test('puts a version back from the history itself', () => {
    using store = fileStore();
    put(store, 'a.html', 'one', 'two');
    // With the next group the ledger has written down that this one is finished.
    put(store, 'b.html', 'x');
    renameSync(own(store, 'history/1/1'), join(store.root, 'a.html'));
    expect(brief(store, 'a.html')).toEqual(['2 replace dropped', '1 create now']);
    expect(versionText(store, 'a.html', 1)).toBe('one');
  });

  test('changes the page while it is read: the content ends there', () => {
    using store = fileStore();
    put(store, 'a.html', 'x'.repeat(300));
    withHistory(store, 'a.html', (page) => {
      const found = page.content(1);
      if (found.kind !== 'content') throw new Error(found.kind);
      expect(found.content.read(100)).toHaveLength(100);
      appendFileSync(join(store.root, 'a.html'), 'more');
      expect(found.content.read(100)).toBeUndefined();
      found.content.close();
    });
  });
});

describe('what is not kept', () => {
  test('a version whose file is gone, and all of them', () => {
    using store = fileStore();
    put(store, 'a.html', 'one', 'two', 'three');
    expect(kept(store)).toEqual({ 1: 'one', 2: 'two' });
    rmSync(own(store, 'history/1/2'));
    expect(brief(store, 'a.html')).toEqual(['3 replace now', '2 replace dropped', '1 create']);
    expect(versionText(store, 'a.html', 2)).toBe('<dropped>');
    rmSync(own(store, 'history'), { recursive: true });
    expect(versionText(store, 'a.html', 1)).toBe('<dropped>');
    expect(versionText(store, 'a.html', 3)).toBe('three');
  });

  test('what is no file of the store is no version', () => {
    using store = fileStore();
    put(store, 'a.html', 'one', 'two', 'three', 'four');
    for (const revision of [1, 2, 3]) rmSync(own(store, `history/1/${revision}`));
    mkdirSync(own(store, 'history/1/1'));
    symlinkSync('/etc/passwd', own(store, 'history/1/2'));
    writeFileSync(own(store, 'history/1/3.old'), 'x');
    for (const revision of [1, 2, 3]) {
      expect(versionText(store, 'a.html', revision)).toBe('<dropped>');
    }
  });
});
