/** The store's own folder is removed while the server runs: `git clean -fdX` does just that. */

import { expect, test } from 'bun:test';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { rootHolder } from '../../src/store/root-lock.ts';
import { systemFileSystem } from '../../src/store/system-file-system.ts';
import { brief, edit, fileStore, insert, readText, replace } from './support.ts';

for (const portable of [false, true]) {
  test(`edits go on, and leave nothing behind${portable ? ', portable calls' : ''}`, () => {
    using store = fileStore({ portable });
    const page = '<body>\n<p>x</p>\n</body>';
    expect(brief(edit(store, 'a.html', replace(page)))).toBe('created');
    rmSync(join(store.root, '.inkwire'), { recursive: true });
    // Nothing of it was done, so that it may be started over.
    expect(brief(edit(store, 'a.html', insert('one')))).toBe('unstable');
    expect(brief(edit(store, 'a.html', insert('one')))).toBe('inserted');
    expect(brief(edit(store, 'b.html', replace(page)))).toBe('created');
    expect(store.temporaries()).toEqual([]);
    expect(readFileSync(join(store.root, '.inkwire/.gitignore'), 'utf8')).toBe('*\n');
    for (const [folder, text] of [
      ['tmp', 'two'],
      ['history', 'three'],
    ] as const) {
      rmSync(join(store.root, '.inkwire', folder), { recursive: true });
      expect(brief(edit(store, 'a.html', insert(text)))).toBe('inserted');
      expect(readText(store, 'a.html')).toContain(`<h2> ${text} </h2>`);
    }
    expect(store.temporaries()).toEqual([]);
  });
}

test('a ledger that was removed while nothing ran: the history before is not written over', () => {
  using store = fileStore();
  edit(store, 'a.html', replace('1'));
  edit(store, 'a.html', replace('2'));
  expect(store.displaced()).toEqual(['1/1']);
  for (const name of ['ledger.db', 'ledger.db-wal', 'ledger.db-shm']) {
    rmSync(join(store.root, '.inkwire', name));
  }
  expect(brief(edit(store, 'a.html', replace('3')))).toBe('unstable');
  expect(brief(edit(store, 'a.html', replace('3')))).toBe('replaced');
  expect(store.displaced()).toEqual(['1/1', '2/1']);
});

test('the new lock says where the root is served, as the old one did', () => {
  using store = fileStore();
  const url = 'http://127.0.0.1:8080/';
  store.announce(url);
  expect(rootHolder(store.root, systemFileSystem)?.url).toBe(url);
  rmSync(join(store.root, '.inkwire'), { recursive: true });
  expect(brief(edit(store, 'a.html', replace('x')))).toBe('unstable');
  expect(brief(edit(store, 'a.html', replace('x')))).toBe('created');
  expect(rootHolder(store.root, systemFileSystem)?.url).toBe(url);
});
