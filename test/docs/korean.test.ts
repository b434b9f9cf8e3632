/** The commands in docs/README.ko.md, played in their order, answer as it says. */

import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { openRepl, serve } from '../support/inkwire.ts';
import { SAMPLE, TestRoot } from '../support/root.ts';
import { repositoryPath } from './marked.ts';

test('each command gets the status of its row', async () => {
  using root = new TestRoot();
  await using server = await serve(root.path, '--fresh');
  await using repl = await openRepl(server.url);
  const document = readFileSync(repositoryPath('docs/README.ko.md'), 'utf8');
  const rows = [...document.matchAll(/^\| `([^`]+)` \| .* \| ([0-9]{3})[^|]*\|$/gm)];
  expect(rows).toHaveLength(5);
  for (const [, line = '', status = ''] of rows) {
    expect(await repl.ask(line)).toStartWith(`HTTP/1.1 ${status} `);
  }
  const inserted = SAMPLE.replace('<body>\n', '<body>\n    <h2> 안녕하세요 </h2>\n');
  expect(root.read('htdocs/test.html')).toBe(inserted);
});
