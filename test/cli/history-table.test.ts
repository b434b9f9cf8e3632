/** Histories as text and as JSON. */

import { describe, expect, test } from 'bun:test';
import { historyJson, historyTable } from '../../src/cli/history-table.ts';
import type { Version } from '../../src/store/history/page-history.ts';

/** A moment of the local clock. */
const timeMs = new Date(2026, 10, 5, 9, 7, 3).getTime();

const tag = { weak: false, opaque: 'abc' };

function version(revision: Version['revision'], more: Partial<Version> = {}): Version {
  return { revision, kind: 'replace', timeMs, size: 5, isNow: false, isKept: true, ...more };
}

const removal: Version = { revision: 9, kind: 'remove', timeMs, isNow: true, isKept: false };

/** The rows below the head, runs of blanks as one. */
function rows(versions: readonly Version[], isGone = false): string[] {
  const [, ...lines] = historyTable({ versions, isGone }, false).trimEnd().split('\n');
  return lines.map((line) => line.trim().replace(/ +/g, ' '));
}

describe('the table', () => {
  test('has columns that stand below each other', () => {
    const versions = [
      version(10, { size: 12_345, tag, isNow: true }),
      version(9, { kind: 'create', isKept: false }),
    ];
    expect(historyTable({ versions, isGone: false }, false)).toBe(
      [
        'revision  time                 kind     bytes  tag\n',
        '      10  2026-11-05 09:07:03  replace  12345  "abc"  the page now\n',
        '       9  2026-11-05 09:07:03  create       5  -      not kept\n',
      ].join(''),
    );
  });

  test('says what is special', () => {
    const outside = version('now', { kind: 'outside', isNow: true });
    expect(rows([outside])[0]).toEndWith('the page now: no edit was made yet');
    expect(rows([outside, version(1)])[0]).toEndWith('the page now: another program saved it');
    expect(rows([removal])).toEqual(['9 2026-11-05 09:07:03 remove - - now: there is no page']);
    expect(rows([{ ...removal, isNow: false }])[0]).toEndWith('remove - -');
    expect(rows([version(1, { isKept: false })], true)).toEqual([
      '1 2026-11-05 09:07:03 replace 5 - not kept',
      'The page is not there any more: another program has removed it.',
    ]);
  });

  test('is coloured only where it is to be: the page now stands out, the rest back', () => {
    const versions = [version(3, { isNow: true }), version(2), version(1, { isKept: false })];
    const plain = historyTable({ versions, isGone: false }, false).split('\n');
    const painted = historyTable({ versions, isGone: false }, true).split('\n');
    expect(painted).toEqual([
      `\x1b[2m${plain[0]}\x1b[22m`,
      `\x1b[1m${plain[1]}\x1b[22m`,
      `${plain[2]}`,
      `\x1b[2m${plain[3]}\x1b[22m`,
      '',
    ]);
  });
});

describe('JSON', () => {
  test('is one object in one line', () => {
    const versions = [version(2, { tag, isNow: true }), version(1, { isKept: false })];
    const text = historyJson('/a b.html', { versions, isGone: false });
    expect(text).toEndWith('}\n');
    const time = new Date(timeMs).toISOString();
    expect(JSON.parse(text)).toEqual({
      page: '/a b.html',
      now: 2,
      revisions: [
        { revision: 2, time, kind: 'replace', bytes: 5, tag: '"abc"', kept: true },
        { revision: 1, time, kind: 'replace', bytes: 5, tag: null, kept: false },
      ],
    });
  });

  test.each([
    ['a removed page', [removal], null],
    ['a page that another program removed', [version(1, { isKept: false })], null],
    ['one that another program saved', [version('now', { isNow: true }), version(1)], 'now'],
  ])('%s', (_, versions, now) => {
    expect(JSON.parse(historyJson('/a', { versions, isGone: false }))).toMatchObject({ now });
  });
});
