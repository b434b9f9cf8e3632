/** What became of an edit that a crash cut short: every combination of what may be found. */

import { describe, expect, test } from 'bun:test';
import { AssertionFailed } from '../../../src/base/assert.ts';
import type { EditKind, PageIdentity } from '../../../src/store/ledger/ledger.ts';
import {
  type Decision,
  decide,
  type PageFile,
  pageOf,
  type RecoveryStep,
  type TemporaryFile,
  temporaryOf,
} from '../../../src/store/ledger/recovery.ts';
import { version } from './support.ts';

const no = (...steps: RecoveryStep[]): Decision => ({ happened: false, steps });
const yes = (...steps: RecoveryStep[]): Decision => ({ happened: true, steps });

/**
 * Every kind, every file, in the history or not; `bug` where the caller has looked wrongly. The
 * page is another file, save where the row says so: that counts only where the file is missing.
 */
const table: readonly (readonly [EditKind, TemporaryFile, boolean, Decision | 'bug', PageFile?])[] =
  [
    ['create', 'prepared', false, no()],
    ['create', 'published', false, yes()],
    ['create', 'missing', false, yes()],
    ['create', 'missing', false, yes(), 'prepared'],
    ['create', 'missing', false, no(), 'missing'],
    ['create', 'displaced', false, yes('keep-as-outside')],
    ['create', 'foreign', false, yes('keep-as-outside')],
    ['create', 'prepared', true, 'bug'],
    ['create', 'published', true, 'bug'],
    ['create', 'missing', true, 'bug'],
    ['create', 'displaced', true, 'bug'],
    ['create', 'foreign', true, 'bug'],
    ['replace', 'prepared', false, no()],
    ['replace', 'prepared', true, no('remove-link-in-history')],
    ['replace', 'published', false, yes()],
    ['replace', 'published', true, yes()],
    ['replace', 'displaced', false, yes('move-to-history')],
    ['replace', 'displaced', true, yes('keep-as-outside')],
    ['replace', 'foreign', false, yes('keep-as-outside')],
    ['replace', 'foreign', true, yes('keep-as-outside')],
    ['replace', 'missing', false, no()],
    ['replace', 'missing', false, no(), 'missing'],
    ['replace', 'missing', false, yes(), 'prepared'],
    ['replace', 'missing', true, yes()],
    ['replace', 'missing', true, yes(), 'missing'],
    ['remove', 'missing', false, no()],
    ['remove', 'missing', true, yes()],
    ['remove', 'displaced', false, yes('move-to-history')],
    ['remove', 'displaced', true, yes('keep-as-outside')],
    ['remove', 'foreign', false, no('put-back')],
    ['remove', 'foreign', true, yes('keep-as-outside')],
    ['remove', 'prepared', false, 'bug'],
    ['remove', 'prepared', true, 'bug'],
    ['remove', 'published', false, 'bug'],
    ['remove', 'published', true, 'bug'],
  ];

describe('the decision', () => {
  for (const [kind, temporary, inHistory, want, page = 'other'] of table) {
    const kinds: EditKind[] = kind === 'replace' ? ['insert', 'replace'] : [kind];
    const place = inHistory ? ', in the history' : '';
    test(`${kinds.join(', ')}: ${temporary}${place}, the page is ${page}`, () => {
      for (const one of kinds) {
        const decided = (): Decision => decide(one, { temporary, page, inHistory });
        if (want === 'bug') expect(decided).toThrow(AssertionFailed);
        else expect(decided()).toEqual(want);
      }
    });
  }

  test('the table is whole', () => {
    expect(new Set(table.map((row) => row.slice(0, 3).join())).size).toBe(3 * 5 * 2);
  });
});

test('the page is known by its inode', () => {
  const of = (identity?: PageIdentity): PageFile =>
    pageOf({ prepared: version(2).identity }, identity);
  expect(of()).toBe('missing');
  expect(of(version(1).identity)).toBe('other');
  expect(of(version(2).identity)).toBe('prepared');
  expect(pageOf({}, version(2).identity)).toBe('other');
});

describe('the file', () => {
  const edit = {
    prepared: version(2).identity,
    displaced: { revision: 1, identity: version(1).identity },
  };
  const { prepared: _, ...removal } = edit;
  const { displaced: __, ...creation } = edit;
  const [old, fresh, other] = [version(1).identity, version(2).identity, version(3).identity];
  const rows = [
    { name: 'missing', edit, file: undefined, page: old, want: 'missing' },
    { name: 'prepared', edit, file: fresh, page: old, want: 'prepared' },
    { name: 'prepared, no page', edit, file: fresh, page: undefined, want: 'prepared' },
    { name: 'cut off by a power cut', edit, file: { ...fresh, size: 0n }, want: 'prepared' },
    { name: 'on a renumbered device', edit, file: { ...fresh, device: 9n }, want: 'prepared' },
    { name: 'under two names', edit: creation, file: fresh, page: fresh, want: 'published' },
    { name: 'displaced', edit, file: old, page: fresh, want: 'displaced' },
    {
      name: 'displaced and torn',
      edit,
      file: { ...old, size: 0n },
      page: fresh,
      want: 'displaced',
    },
    { name: 'displaced, renumbered', edit, file: { ...old, device: 9n }, want: 'displaced' },
    { name: 'saved in place', edit, file: { ...old, modifiedNs: 5n }, want: 'foreign' },
    { name: 'saved anew', edit, file: other, page: fresh, want: 'foreign' },
    { name: 'of a create', edit: creation, file: old, want: 'foreign' },
    { name: 'of a removal', edit: removal, file: old, want: 'displaced' },
    { name: 'of a removal, saved', edit: removal, file: fresh, page: fresh, want: 'foreign' },
  ] as const;
  for (const row of rows) {
    test(row.name, () => {
      const page = 'page' in row ? row.page : undefined;
      expect(temporaryOf(row.edit, row.file, page)).toBe(row.want);
    });
  }
});
