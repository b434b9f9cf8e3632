/**
 * What docs/HTTP.md shows of Inkwire beside others is what Inkwire answers today; what the others
 * answer is made anew by `bun run compare --write`, where nginx is installed.
 */

import { expect, test } from 'bun:test';
import { OUTSIDE_NAME, servedFiles } from '../../bench/compare/row.ts';
import { columnOf, compareRows, shown } from '../../bench/compare/table.ts';
import { serve } from '../support/inkwire.ts';
import { SAMPLE, TestRoot } from '../support/root.ts';
import { fileMarkedPart } from './marked.ts';

const [head = [], , ...lines] = fileMarkedPart('docs/HTTP.md', 'compare')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.slice(2, -2).split(' | '));

test("Inkwire's column is what it answers", async () => {
  using root = new TestRoot({ [OUTSIDE_NAME]: 'outside\n' });
  for (const [name, content] of Object.entries(servedFiles(SAMPLE))) {
    root.write(`root/${name}`, content);
  }
  await using server = await serve(root.path, 'root', '--log', 'off');
  const column = await columnOf(server.port);
  const today = compareRows.map((row, at) => [row.name, shown(row, column[at]), row.says]);
  expect(lines.map((cells) => [cells[0], cells[1], cells.at(-1)])).toEqual(today);
});

test('the table is of all three, and no name stands twice', () => {
  expect(head[1]).toBe('Inkwire');
  expect(head[2]).toStartWith('nginx ');
  expect(head[3]).toStartWith('Bun.serve ');
  expect(lines.length).toBeGreaterThan(45);
  expect(new Set(lines.map(([name]) => name)).size).toBe(lines.length);
});

test('where Inkwire deviates, it is known', () => {
  const deviating = lines.filter(([, inkwire]) => inkwire?.startsWith('**')).map(([name]) => name);
  expect(deviating).toEqual([
    'absolute form with `https:`, without TLS',
    '`HEAD` of a missing page',
    '`PUT` of `<p>put</p>`, then `GET`',
    '`POST` to a page that exists',
  ]);
});
