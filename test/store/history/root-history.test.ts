/** The histories of a root: which pages have one, and which names mean a page. */

import { expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { systemClock } from '../../../src/base/clock.ts';
import { openRootHistory, RootHistory } from '../../../src/store/history/root-history.ts';
import { VersionFiles } from '../../../src/store/history/version-files.ts';
import type { LedgerReader } from '../../../src/store/ledger/ledger.ts';
import { pagesListed } from '../../../src/store/ledger/ledger.ts';
import { systemFileSystem } from '../../../src/store/system-file-system.ts';
import { FaultyFileSystem } from '../faulty-file-system.ts';
import { create, done, TestLedger } from '../ledger/support.ts';
import { fileStore, key, temporaryRoot } from '../support.ts';
import { put } from './past-pages.ts';

/** A history without files, of a ledger and on a volume that folds names or does not. */
function historyOf(ledger: LedgerReader | undefined, foldsCase: boolean) {
  const root = temporaryRoot();
  const files = new VersionFiles(systemFileSystem, root, false);
  const parts = { fileSystem: systemFileSystem, files, hashBytesMax: 0, tagOf: () => undefined };
  const history = new RootHistory({ ...parts, ledger }, foldsCase);
  return {
    history,
    [Symbol.dispose]() {
      history[Symbol.dispose]();
      rmSync(root, { recursive: true });
    },
  };
}

test.each([
  ['test.html', 'test.html'],
  ['/test.html', 'test.html'],
  ['/Test.html', 'Test.html', 'test.html'],
  ['notes/', 'notes/index.html'],
  ['', 'index.html'],
  ['a%20b.html', 'a%20b.html'],
  ['.well-known/x', '.well-known/x'],
  ['.inkwire/lock', undefined],
  ['.INKWIRE/lock', undefined],
  ['../a.html', undefined],
  ['//a.html', undefined],
  ['a/.b.html', undefined],
  ['a\\b.html', undefined],
  ['a\0', undefined],
] as const)('the name %j', (...[name, want, foldedOrDone]) => {
  const folded = typeof foldedOrDone === 'string' ? foldedOrDone : want;
  using plain = historyOf(undefined, false);
  expect(plain.history.page(name)?.key).toBe(want === undefined ? undefined : key(want));
  using folding = historyOf(undefined, true);
  expect(folding.history.page(name)?.key).toBe(folded === undefined ? undefined : key(folded));
});

test.each([0, 1, pagesListed, pagesListed + 1])('%d pages', (count) => {
  using test = new TestLedger();
  const ledger = test.open();
  const names = Array.from(
    { length: count },
    (_, index) => `${String(index).padStart(5, '0')}.html`,
  );
  if (count > 0) done(ledger, ...names.map((name, index) => create(name, index + 1)));
  using open = historyOf(ledger, false);
  const paths = Array.from(open.history.pages(), ({ path }) => path);
  expect(paths).toEqual(names.map((name) => `/${name}`));
});

test('nothing stays open, whatever goes wrong', () => {
  using store = fileStore();
  put(store, 'a.html', 'one', 'two');
  for (let call = 0, failed = true; failed; call += 1) {
    const faulty = new FaultyFileSystem();
    {
      using history = openRootHistory(store.options, { fileSystem: faulty, clock: systemClock });
      faulty.arm('EACCES', call);
      try {
        const page = history.page('a.html');
        page?.versions();
        const found = page?.content(1);
        if (found?.kind === 'content') found.content.close();
      } catch (error) {
        expect(error).toMatchObject({ name: 'FileError', errno: 'EACCES' });
      }
    }
    failed = faulty.failed !== undefined;
    expect([call, faulty.failed, faulty.openCount]).toEqual([call, faulty.failed, 0]);
  }
});
