/** What an edit is prepared as is its own: the next edit takes nothing of its memory. */

import { expect, test } from 'bun:test';
import { utf8Bytes } from '../../src/base/bytes.ts';
import type { Edit } from '../../src/model/operation.ts';
import { edit, fileStore, insert, key, keyed, replace } from './support.ts';

const page = '<!doctype html>\n<body>\n<p>page</p>\n</body>\n';
const open = utf8Bytes('<i>');
const refusedInsert: Edit = {
  ...{ kind: 'insert', form: 'markup', content: open },
  ...{ conditions: {}, answer: 'page' },
};

const rows: readonly { name: string; edits: readonly Edit[] }[] = [
  { name: 'an insert', edits: [insert('one')] },
  {
    name: 'an insert between some that are refused',
    edits: [refusedInsert, insert('one'), refusedInsert],
  },
  { name: 'inserts', edits: [insert('one'), insert('two')] },
  { name: 'an insert that is refused and has a key', edits: [keyed(refusedInsert, 'k')] },
  { name: 'a replacement', edits: [replace('<body>other')] },
];

for (const { name, edits } of rows) {
  test(`${name} stays as it was prepared`, () => {
    using store = fileStore();
    for (const path of ['a.html', 'b.html']) edit(store, path, replace(page));
    const first = store.executor.prepare({ kind: 'edit', id: 1, key: key('a.html'), edits });
    const before = structuredClone(first);
    edit(store, 'b.html', replace('x'.repeat(2 * page.length)));
    const other = { kind: 'edit', id: 2, key: key('b.html'), edits: [insert('other')] } as const;
    store.executor.prepare(other);
    expect(first).toEqual(before);
  });
}
