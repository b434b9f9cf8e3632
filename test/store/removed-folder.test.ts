/** The store's own folder is removed while the server runs: `git clean -fdX` does just that. */

import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Edit } from '../../src/model/operation.ts';
import { openPublisher } from '../../src/store/open-publisher.ts';
import { rootHolder } from '../../src/store/root-lock.ts';
import { systemFileSystem } from '../../src/store/system-file-system.ts';
import { FaultyFileSystem } from './faulty-file-system.ts';
import {
  brief,
  edit,
  type FileTestStore,
  fileStore,
  insert,
  readText,
  remove,
  replace,
} from './support.ts';

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
  // The journal knows them still.
  expect(store.displaced()).toEqual(['1/1', '1/2']);
});

test('and without the journal the page has another number', () => {
  using store = fileStore();
  edit(store, 'a.html', replace('1'));
  edit(store, 'a.html', replace('2'));
  for (const name of readdirSync(join(store.root, '.inkwire'))) {
    if (name.startsWith('ledger')) rmSync(join(store.root, '.inkwire', name), { recursive: true });
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

test('while it cannot be made anew, edits say why, and the log is not filled with it', () => {
  const fileSystem = new FaultyFileSystem();
  const notices: string[] = [];
  using store = fileStore({
    fileSystem,
    open: (options, files, clock) => {
      const onNotice = (text: string): number => notices.push(text);
      const opened = openPublisher(options, { fileSystem: files, clock, onNotice });
      if (opened.kind !== 'open') throw new Error(`the store is ${opened.kind}`);
      return opened;
    },
  });
  rmSync(join(store.root, '.inkwire'), { recursive: true });
  let refused = 0;
  fileSystem.beforeCall = (call) => {
    if (call !== 'lock') return;
    refused += 1;
    fileSystem.arm('EACCES', 0, 'lock');
  };
  expect(brief(edit(store, 'a.html', replace('x')))).toBe('unstable');
  for (let turn = 0; turn < 3; turn += 1) {
    expect(brief(edit(store, 'a.html', replace('x')))).toBe('forbidden');
  }
  expect(refused).toBeGreaterThan(3);
  expect(notices).toEqual([]);
});

/** Removes a folder before the `nth` call from when it is armed. */
function removedBefore(nth: number, root: string, name: string, fileSystem: FaultyFileSystem) {
  let left = nth;
  fileSystem.beforeCall = () => {
    left -= 1;
    if (left === -1) rmSync(join(root, name), { recursive: true, force: true });
  };
  return {
    get happened(): boolean {
      return left < 0;
    },
  };
}

/** An edit as the dispatcher does it: started over as long as that is what it needs. */
function doneInTheEnd(store: FileTestStore, path: string, only: Edit): string {
  for (let tries = 0; tries < 8; tries += 1) {
    const result = brief(edit(store, path, only));
    if (result !== 'unstable') return result;
  }
  return 'unstable';
}

describe('a folder goes before each call of an edit', () => {
  const rows = [
    { name: '.inkwire', path: 'new', only: replace('x'), want: ['created'] },
    { name: '.inkwire', path: 'p', only: remove(), want: ['removed'] },
    { name: '.inkwire/tmp', path: 'new', only: replace('x'), want: ['created'] },
    { name: '.inkwire/tmp', path: 'p', only: remove(), want: ['removed'] },
    { name: '.inkwire/history', path: 'p', only: replace('x'), want: ['replaced'] },
    { name: 'dir', path: 'dir/new', only: replace('x'), want: ['created'] },
    { name: 'dir', path: 'dir/deeper/new', only: replace('x'), want: ['created'] },
    { name: 'dir', path: 'dir/p', only: remove(), want: ['removed', 'not-found'] },
  ];
  test.each(rows)('$name, $path', ({ name, path, only, want }) => {
    const seen = new Set<string>();
    for (let nth = 0; nth < 200; nth += 1) {
      const fileSystem = new FaultyFileSystem();
      using store = fileStore({ fileSystem, portable: false, durability: 'sync' });
      for (const page of ['p', 'dir/p']) edit(store, page, replace('old'));
      const removal = removedBefore(nth, store.root, name, fileSystem);
      const result = doneInTheEnd(store, path, only);
      fileSystem.beforeCall = () => {};
      if (!removal.happened) break;
      // Where the page lay just in the folder that is gone, nobody knows what became of it.
      if (result !== 'outcome-unknown') {
        expect([nth, result, want]).toEqual([nth, result, expect.arrayContaining([result])]);
        expect(doneInTheEnd(store, 'after', replace('x'))).toBe('created');
        expect(store.temporaries()).toEqual([]);
      }
      seen.add(result);
    }
    expect([...seen]).toEqual(expect.arrayContaining(want.slice(0, 1)));
  });

  test("the store's own goes again while it is made anew", () => {
    let isOver = false;
    for (let nth = 0; !isOver; nth += 1) {
      const fileSystem = new FaultyFileSystem();
      using store = fileStore({ fileSystem, portable: false, durability: 'sync' });
      edit(store, 'p', replace('old'));
      rmSync(join(store.root, '.inkwire'), { recursive: true });
      const removal = removedBefore(nth, store.root, '.inkwire', fileSystem);
      const result = doneInTheEnd(store, 'p', replace('x'));
      isOver = !removal.happened;
      // Made anew it was, and then went under an edit.
      if (result === 'outcome-unknown') continue;
      expect([nth, result]).toEqual([nth, 'replaced']);
      fileSystem.beforeCall = () => {};
      expect([nth, doneInTheEnd(store, 'p', replace('y'))]).toEqual([nth, 'replaced']);
      expect(store.publisher.failure).toBeUndefined();
    }
  });
});
