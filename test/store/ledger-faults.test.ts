/**
 * The ledger goes wrong at each of its calls: what is answered is true, and the next start makes of
 * it that pages, history and ledger agree.
 */

import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Edit } from '../../src/model/operation.ts';
import { disagreements } from '../support/agreement.ts';
import {
  doomed,
  faultsAfter,
  faultsAfterSaves,
  keptTexts,
  Lives,
  type Plan,
  SavesBetween,
  untruths,
} from './deaths.ts';
import { FaultyLedger, type LedgerCall, type LedgerFault } from './faulty-ledger.ts';
import { openParts } from './open-parts.ts';
import { brief, edit, type FileTestStore, insert } from './support.ts';

const all = Object.values(doomed);
const done = all.map((edit) => edit.edits.map(() => edit.done));
const each = (code: string): string[][] => all.map((edit) => edit.edits.map(() => code));

interface Settings extends Pick<Plan, 'meanwhile' | 'portable' | 'edits'> {
  readonly fitting?: number;
  /** Runs when the group was answered, with the fault gone. */
  readonly after?: (store: FileTestStore) => void;
}

/** A life in which the ledger goes wrong for one group; it ends after the answers. */
function withFault(fault: LedgerFault, call: LedgerCall, settings: Settings): Lives {
  const { fitting = 0, after, ...rest } = settings;
  let ledger: FaultyLedger | undefined;
  const open: Plan['open'] = (options, fileSystem) =>
    openParts(options, fileSystem, (openFile) => {
      ledger = new FaultyLedger(openFile('ledger.db'));
      ledger.fitting = fitting;
      return ledger;
    });
  const lives = new Lives({
    ...rest,
    open,
    beforeGroup: () => ledger?.arm(fault, call),
    afterGroup: (store) => {
      ledger?.disarm();
      after?.(store);
    },
  });
  lives.edit(Number.POSITIVE_INFINITY);
  expect(ledger?.struck).toBeGreaterThan(0);
  return lives;
}

function answers(store: FileTestStore, ...edits: readonly Edit[]): string[] {
  return edits.map((one) => brief(edit(store, 'dir/i.html', one)));
}

for (const portable of [false, true]) {
  describe(portable ? 'no room for the ledger, portable calls' : 'no room for the ledger', () => {
    test.each(all)('one edit does not fit: $done', (edit) => {
      using lives = withFault('full', 'commitGroup', { edits: [edit], portable });
      expect(lives.answers).toEqual([edit.edits.map(() => 'storage-full')]);
      expect(faultsAfter(lives)).toEqual([]);
    });

    test.each([1, 2, 3])('of four edits as many are done as fit, by halves: %d', (fitting) => {
      using lives = withFault('full', 'commitGroup', { edits: all, portable, fitting });
      const count = fitting >= 2 ? 2 : 1;
      expect(lives.answers).toEqual([
        ...done.slice(0, count),
        ...each('storage-full').slice(count),
      ]);
      expect(faultsAfter(lives)).toEqual([]);
    });

    test('when there is room again, edits go on', () => {
      const after = (store: FileTestStore): void => {
        expect(store.temporaries()).toEqual([]);
        expect(answers(store, insert('x'), insert('y'))).toEqual(['inserted', 'inserted']);
      };
      using lives = withFault('full', 'commitGroup', { edits: all, portable, after });
      expect(lives.answers).toEqual(each('storage-full'));
      lives.open();
      expect(disagreements(lives.root)).toEqual([]);
    });
  });

  describe(portable ? 'a broken ledger, portable calls' : 'a broken ledger', () => {
    test.each(['failed', 'failed-late'] as const)('at the record of a group: %s', (fault) => {
      const after = (store: FileTestStore): void => {
        expect(answers(store, insert('x'))).toEqual(['read-only']);
      };
      using lives = withFault(fault, 'commitGroup', { edits: all, portable, after });
      expect(lives.answers).toEqual(each('outcome-unknown'));
      expect(faultsAfter(lives)).toEqual([]);
    });

    test.each(['failed', 'failed-late'] as const)('at the sync of the record: %s', (fault) => {
      const after = (store: FileTestStore): void => {
        expect(answers(store, insert('x'))).toEqual(['read-only']);
      };
      // A few, for many are synced with all of the file system.
      const edits = [doomed.insert, doomed.remove];
      using lives = withFault(fault, 'sync', { edits, portable, after });
      expect(lives.answers).toEqual(edits.map((one) => one.edits.map(() => 'outcome-unknown')));
      expect(faultsAfter(lives)).toEqual([]);
    });

    test('at the look for a key', () => {
      const after = (store: FileTestStore): void => {
        expect(answers(store, insert('x'))).toEqual(['read-only']);
      };
      using lives = withFault('failed', 'findKey', { edits: all, portable, after });
      expect(lives.answers).toEqual([
        ...each('outcome-unknown').slice(0, 1),
        ...each('read-only').slice(1),
      ]);
      expect(faultsAfter(lives)).toEqual([]);
    });

    test.each(['failed', 'failed-late'] as const)('at the end of a group: %s', (fault) => {
      const after = (store: FileTestStore): void => {
        expect(answers(store, insert('x'))).toEqual(['read-only']);
      };
      using lives = withFault(fault, 'finishGroup', { edits: all, portable, after });
      expect(lives.answers).toEqual(done);
      expect(faultsAfter(lives)).toEqual([]);
    });
  });
}

describe('an edit that did not happen, and cannot be said so', () => {
  const { path } = doomed.replace;
  const row = { edits: all, portable: false };
  const withdrawn = [...done.slice(0, 1), ['outcome-unknown'], ...done.slice(2)];

  test.each(['full', 'failed', 'failed-late'] as const)('at the end of a group: %s', (fault) => {
    const saves = new SavesBetween(['exchangeat'], path);
    const { meanwhile } = saves;
    const after = (store: FileTestStore): void => {
      // Its file stays, for the next start to find out by it.
      expect(store.temporaries()).toHaveLength(1);
      expect(answers(store, insert('x'))).toEqual(['read-only']);
    };
    using lives = withFault(fault, 'finishGroup', { ...row, meanwhile, after });
    expect(lives.answers).toEqual(withdrawn);
    lives.open();
    expect(faultsAfterSaves(lives, saves)).toEqual([]);
    expect(all.flatMap((edit, at) => untruths(lives, edit, lives.answers[at] ?? []))).toEqual([]);
    expect(readFileSync(join(lives.root, path), 'utf8')).toBe('save no. 1');
  });

  test.each(['full', 'failed', 'failed-late'] as const)(
    'at the record of a save that it displaced: %s',
    (fault) => {
      const saves = new SavesBetween(['exchangeat', 'exchangeat'], path);
      const { meanwhile } = saves;
      const after = (store: FileTestStore): void => {
        expect(answers(store, insert('x'))).toEqual(['read-only']);
      };
      using lives = withFault(fault, 'recordOutside', { ...row, meanwhile, after });
      expect(lives.answers[1]).toEqual(['outcome-unknown']);
      lives.open();
      expect(faultsAfterSaves(lives, saves)).toEqual([]);
      expect(all.flatMap((edit, at) => untruths(lives, edit, lives.answers[at] ?? []))).toEqual([]);
      expect(readFileSync(join(lives.root, path), 'utf8')).toBe('save no. 2');
      expect(keptTexts(lives.root, path)).toContain('save no. 1');
    },
  );
});
