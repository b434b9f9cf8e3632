/**
 * A page's history in the middle of a publication, which the ledger calls pending: what happened is
 * told by where the files lie, at every step that a server can be caught at, or killed after.
 */

import { describe, expect, test } from 'bun:test';
import { linkSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import type { PageHistory } from '../../../src/store/history/page-history.ts';
import type { PageVersion } from '../../../src/store/ledger/ledger.ts';
import { openLedger } from '../../../src/store/ledger/open-ledger.ts';
import type { SqliteLedger } from '../../../src/store/ledger/sqlite-ledger.ts';
import { systemFileSystem } from '../../../src/store/system-file-system.ts';
import { FaultyFileSystem } from '../faulty-file-system.ts';
import { testOptions } from '../ledger/support.ts';
import { key, temporaryRoot, testLimits } from '../support.ts';
import { brief, textOf, versionsText, withHistory } from './past-pages.ts';

/** A root with a ledger, in which the test carries out an edit step by step. */
class SteppedRoot implements Disposable {
  readonly root = temporaryRoot();
  readonly options = { root: this.root, portable: false, hashBytesMax: testLimits.hashBytesMax };
  readonly ledger: SqliteLedger;

  constructor() {
    for (const name of ['tmp', 'history/1']) {
      mkdirSync(join(this.root, '.inkwire', name), { recursive: true });
    }
    const path = join(this.root, '.inkwire/ledger.db');
    this.ledger = openLedger(path, testOptions, {
      fileSystem: systemFileSystem,
      clock: systemClock,
    });
    this.ledger.forgetLeftOver();
  }

  /** Writes a temporary file; returns its version. */
  prepare(operation: string): PageVersion {
    writeFileSync(this.temporary(operation), operation);
    return this.version(this.temporary(operation));
  }

  version(path: string): PageVersion {
    const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true });
    return { identity: { device: dev, inode: ino, size, modifiedNs: mtimeNs } };
  }

  temporary(operation: string): string {
    return join(this.root, '.inkwire/tmp', operation);
  }

  kept(revision: number): string {
    return join(this.root, '.inkwire/history/1', String(revision));
  }

  get page(): string {
    return join(this.root, 'a.html');
  }

  /** Makes the page, as revision 1. */
  create(): PageVersion {
    const prepared = this.prepare('one');
    this.ledger.commitGroup([
      { kind: 'create', operation: 'one', key: key('a.html'), keys: [], prepared },
    ]);
    renameSync(this.temporary('one'), this.page);
    this.ledger.finishGroup([]);
    return prepared;
  }

  /** Begins to replace it by revision 2; nothing has its name yet. */
  replace(displaced = this.create()): void {
    const prepared = this.prepare('two');
    const edit = { operation: 'two', key: key('a.html'), keys: [], prepared, displaced };
    this.ledger.commitGroup([{ kind: 'replace', ...edit }]);
  }

  /** Begins to remove it, as revision 2. */
  remove(): void {
    const displaced = this.create();
    const edit = { operation: 'two', key: key('a.html'), keys: [], displaced };
    this.ledger.commitGroup([{ kind: 'remove', ...edit }]);
  }

  /** Lets the page and the temporary file change places. */
  exchange(): void {
    renameSync(this.page, this.temporary('aside'));
    renameSync(this.temporary('two'), this.page);
    renameSync(this.temporary('aside'), this.temporary('two'));
  }

  see(): { versions: string[]; first: string; second: string; now: string } {
    return withHistory(this, 'a.html', (page) => ({
      versions: brief(this, 'a.html'),
      first: textOf(page, 1),
      second: textOf(page, 2),
      now: textOf(page, 'now'),
    }));
  }

  [Symbol.dispose](): void {
    this.ledger.close();
    rmSync(this.root, { recursive: true });
  }
}

const before = {
  versions: ['1 create now'],
  first: 'one',
  second: '<unknown>',
  now: 'one',
};
const replaced = {
  versions: ['2 replace now', '1 create'],
  first: 'one',
  second: 'two',
  now: 'two',
};
const removed = {
  versions: ['2 remove now', '1 create'],
  first: 'one',
  second: '<removal>',
  now: '<missing>',
};

describe('a replacement', () => {
  test('is none before the names are exchanged, and is one from then on', () => {
    using root = new SteppedRoot();
    root.replace();
    expect(root.see()).toEqual(before);
    root.exchange();
    // The displaced version lies where the edit was prepared.
    expect(root.see()).toEqual(replaced);
    renameSync(root.temporary('two'), root.kept(1));
    expect(root.see()).toEqual(replaced);
    root.ledger.finishGroup([]);
    expect(root.see()).toEqual(replaced);
  });

  test('where names cannot be exchanged: the old version is linked before', () => {
    using root = new SteppedRoot();
    root.replace();
    linkSync(root.page, root.kept(1));
    expect(root.see()).toEqual(before);
    renameSync(root.temporary('two'), root.page);
    expect(root.see()).toEqual(replaced);
  });

  test('is withdrawn when another program has slipped in', () => {
    using root = new SteppedRoot();
    root.replace();
    writeFileSync(root.page, 'theirs');
    const theirs = {
      versions: ['now outside now', '1 create dropped'],
      first: '<overwritten>',
      second: '<unknown>',
      now: 'theirs',
    };
    expect(root.see()).toEqual(theirs);
    root.exchange();
    // Public for a moment; what lies aside is no revision.
    expect(root.see()).toEqual({
      ...replaced,
      versions: ['2 replace now', '1 create dropped'],
      first: '<dropped>',
    });
    root.exchange();
    expect(root.see()).toEqual(theirs);
    root.ledger.finishGroup(['two']);
    rmSync(root.temporary('two'));
    expect(root.see()).toEqual(theirs);
  });

  test('that did not happen is none, whatever comes after it', () => {
    using root = new SteppedRoot();
    root.replace();
    rmSync(root.temporary('two'));
    root.ledger.finishGroup(['two']);
    expect(root.see()).toEqual(before);
    const edit = { operation: 'three', key: key('a.html'), keys: [] };
    const displaced = root.version(root.page);
    const prepared = root.prepare('three');
    root.ledger.commitGroup([{ kind: 'replace', ...edit, prepared, displaced }]);
    renameSync(root.page, root.kept(1));
    renameSync(root.temporary('three'), root.page);
    root.ledger.finishGroup([]);
    const versions = ['3 replace now', '1 create'];
    expect(root.see()).toEqual({ versions, first: 'one', second: '<unknown>', now: 'three' });
    root.ledger.forgetRevisions([{ page: 1, revision: 2 }]);
    expect(root.see()).toEqual({
      versions: ['3 replace now'],
      first: '<dropped>',
      second: '<dropped>',
      now: 'three',
    });
  });

  test('that another program saves over right away has happened all the same', () => {
    using root = new SteppedRoot();
    root.replace();
    root.exchange();
    writeFileSync(join(root.root, 'new'), 'theirs');
    renameSync(join(root.root, 'new'), root.page);
    expect(root.see()).toEqual({
      versions: ['now outside now', '2 replace dropped', '1 create'],
      first: 'one',
      second: '<overwritten>',
      now: 'theirs',
    });
  });
});

describe('between any two calls of a reader', () => {
  const steps = [
    {
      name: 'a replacement may be made public',
      before: (root: SteppedRoot) => root.replace(),
      step: (root: SteppedRoot) => root.exchange(),
    },
    {
      name: 'what it displaced may go into the history',
      before(root: SteppedRoot) {
        root.replace();
        root.exchange();
      },
      step: (root: SteppedRoot) => renameSync(root.temporary('two'), root.kept(1)),
    },
    {
      name: 'the page may be replaced',
      before: (root: SteppedRoot) => root.create(),
      step(root: SteppedRoot) {
        root.replace(root.version(root.page));
        root.exchange();
      },
    },
  ];
  for (const { name, before: prepare, step } of steps) {
    test(name, () => {
      for (let moment = 1, calls = moment; calls >= moment; moment += 1) {
        using root = new SteppedRoot();
        prepare(root);
        const fileSystem = new FaultyFileSystem();
        calls = 0;
        const read = (page: PageHistory) => {
          fileSystem.beforeCall = () => {
            calls += 1;
            if (calls === moment) step(root);
          };
          return { versions: versionsText(page), first: textOf(page, 1) };
        };
        const { versions, first } = withHistory(root, 'a.html', read, fileSystem);
        expect([moment, first]).toEqual([moment, 'one']);
        expect([before.versions, replaced.versions]).toContainEqual(versions);
      }
    });
  }
});

test('a page that is made by a second name is there from then on', () => {
  using root = new SteppedRoot();
  const prepared = root.prepare('one');
  const edit = { operation: 'one', key: key('a.html'), keys: [], prepared };
  root.ledger.commitGroup([{ kind: 'create', ...edit }]);
  const nothing = { versions: [], first: '<unknown>', second: '<unknown>', now: '<missing>' };
  expect(root.see()).toEqual(nothing);
  linkSync(root.temporary('one'), root.page);
  expect(root.see()).toEqual(before);
  rmSync(root.temporary('one'));
  expect(root.see()).toEqual(before);
});

describe('a removal', () => {
  test('is none while the page stands, and is one from then on', () => {
    using root = new SteppedRoot();
    root.remove();
    expect(root.see()).toEqual(before);
    renameSync(root.page, root.kept(1));
    expect(root.see()).toEqual(removed);
    root.ledger.finishGroup([]);
    expect(root.see()).toEqual(removed);
  });

  test('the removed page may be looked at aside', () => {
    using root = new SteppedRoot();
    root.remove();
    renameSync(root.page, root.temporary('two'));
    expect(root.see()).toEqual(removed);
  });
});
