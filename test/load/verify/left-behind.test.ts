/** `:verify` removes what it made, or names it: whatever was answered, and whenever it is stopped. */

import { expect, test } from 'bun:test';
import { startPageServer } from './page-server.ts';
import { problemOf } from './runs.ts';

const methods = { PUT: 'inserts', POST: 'stores' } as const;

test('one copy that could not be made fails the run, whatever became of the others', async () => {
  const refuse = (method: string, path: string) =>
    method === 'POST' && /-[1-7]\.html$/.test(path) ? 403 : undefined;
  using server = startPageServer({ methods, refuse });
  const said = await problemOf(server.port, { copies: 8 });
  expect(said).toMatch(/^POST \/test-\d\.html was answered 403, so no copy of the page could be/);
  expect([...server.pages.keys()]).toEqual(['/test.html']);
});
