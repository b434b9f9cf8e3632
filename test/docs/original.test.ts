/** docs/ORIGINAL.md names a test for each of its rows, and each of these tests exists. */

import { expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { repositoryPath } from './marked.ts';

interface NamedTest {
  readonly row: string;
  readonly file: string;
  readonly name: string;
}

const document = readFileSync(repositoryPath('docs/ORIGINAL.md'), 'utf8');
const rows = document
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\|[-|]+\|$/.test(line))
  .filter((line) => !line.startsWith('| the original |'));

/** The last cell of a row: `file`: `name of the test`. */
function namedTest(row: string): NamedTest | undefined {
  const match = /\| `(test\/[a-z/-]+\.test\.ts)`: `([^`]+)` \|$/.exec(row);
  return match === null ? undefined : { row, file: match[1] ?? '', name: match[2] ?? '' };
}

test('every row names a test', () => {
  expect(rows.length).toBeGreaterThan(25);
  for (const row of rows) expect([row, namedTest(row)?.file]).not.toEqual([row, undefined]);
});

test('every test that is named exists', () => {
  for (const row of rows) {
    const named = namedTest(row);
    if (named === undefined) continue;
    const path = repositoryPath(named.file);
    expect([named.file, existsSync(path)]).toEqual([named.file, true]);
    // A test's title, or the row of a table that titles it: a string of its own in either case.
    const found = readFileSync(path, 'utf8').includes(`'${named.name}'`);
    expect([named.name, found]).toEqual([named.name, true]);
  }
});

test('every row says what became of it', () => {
  for (const row of rows) expect(row).toMatch(/\| (kept|corrected|replaced)[^|]*\| `test\//);
});
