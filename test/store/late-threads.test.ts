/** The threads that no first answer waits for: when the store starts them, and when it does not. */

import { describe, expect, test } from 'bun:test';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { PrunerOwner } from '../../src/store/history/pruner-link.ts';
import { ledgerFileName } from '../../src/store/layout.ts';
import { openPublisher } from '../../src/store/open-publisher.ts';
import type { SettlerOwner } from '../../src/store/settle/settler-link.ts';
import { systemFileSystem } from '../../src/store/system-file-system.ts';
import { brief, edit, type FileStoreSettings, fileStore, replace } from './support.ts';
import { WaitingClock } from './waiting-clock.ts';

/** A store that says what is asked of its threads. */
function observed(durability: 'sync' | 'none') {
  const clock = new WaitingClock();
  const asked: string[] = [];
  const owners: { pruner?: PrunerOwner; settler?: SettlerOwner } = {};
  const open: FileStoreSettings['open'] = (options) => {
    const opened = openPublisher(options, {
      fileSystem: systemFileSystem,
      clock,
      startPruner: (owner) => {
        owners.pruner = owner;
        asked.push('pruner');
        return {
          added: (files) => asked.push(`added ${files.length}`),
          close: () => asked.push('pruner closes'),
          exited: Promise.resolve(),
        };
      },
      startSettler: (owner) => {
        owners.settler = owner;
        asked.push('settler');
        return {
          settle: () => asked.push('settle'),
          close: () => asked.push('settler closes'),
          exited: Promise.resolve(),
        };
      },
    });
    if (opened.kind !== 'open') throw new Error(opened.kind);
    return opened;
  };
  return { store: fileStore({ durability, open }), clock, asked, owners };
}

describe('the pruner', () => {
  test('is started behind the first answers, and told of what comes then', () => {
    const { store, clock, asked } = observed('none');
    using _ = store;
    expect(brief(edit(store, 'p', replace('1')))).toBe('created');
    expect(brief(edit(store, 'p', replace('2')))).toBe('replaced');
    expect(asked).toEqual([]);
    clock.goOff();
    expect(asked).toEqual(['pruner']);
    expect(brief(edit(store, 'p', replace('3')))).toBe('replaced');
    store.close();
    expect(asked).toEqual(['pruner', 'added 1', 'pruner closes']);
  });

  test('is not started by a store that was closed before', () => {
    const { store, clock, asked } = observed('none');
    using _ = store;
    store.close();
    clock.goOff();
    expect(asked).toEqual([]);
  });

  test('may report a page that nobody knows, before the first group', () => {
    const { store, clock, asked, owners } = observed('none');
    using _ = store;
    clock.goOff();
    owners.pruner?.pruned([{ page: 1, revision: 1 }]);
    expect(asked).toEqual(['pruner']);
  });
});

describe('the settler', () => {
  test('is started once, when there is something to settle', () => {
    const { store, clock, asked, owners } = observed('sync');
    using _ = store;
    clock.goOff();
    expect(asked).toEqual(['pruner']);
    expect(brief(edit(store, 'p', replace('1')))).toBe('created');
    expect(asked).toEqual(['pruner', 'added 0']);
    clock.goOff();
    expect(asked).toEqual(['pruner', 'added 0', 'settler', 'settle']);
    owners.settler?.settled();
    expect(brief(edit(store, 'p', replace('2')))).toBe('replaced');
    clock.goOff();
    expect(asked.slice(4)).toEqual(['added 1', 'settle']);
  });

  test('brings in what edits log, and the thread that publishes does not', () => {
    const logged = (durability: 'sync' | 'none'): number => {
      const { store } = observed(durability);
      using _ = store;
      for (let times = 0; times < 700; times += 1) edit(store, `p${times % 9}`, replace('x'));
      return statSync(join(store.root, '.inkwire', `${ledgerFileName}-wal`)).size;
    };
    expect(logged('sync')).toBeGreaterThan(1.5 * logged('none'));
  });

  test('is not started where nothing is synced', () => {
    const { store, clock, asked } = observed('none');
    using _ = store;
    edit(store, 'p', replace('1'));
    clock.goOff();
    expect(asked).not.toContain('settler');
  });
});
