/** `:verify` removes what it made, or names it: whatever was answered, whenever it is stopped. */

import { expect, test } from 'bun:test';
import { type Clock, systemClock } from '../../../src/base/clock.ts';
import { until } from '../../support/server.ts';
import { type PageServerOptions, startPageServer } from './page-server.ts';
import { problemOf, reportOf, startRun } from './runs.ts';

const methods = { PUT: 'inserts', POST: 'stores' } as const;

test('one copy that could not be made fails the run, whatever became of the others', async () => {
  const refuse = (method: string, path: string) =>
    method === 'POST' && /-[1-7]\.html$/.test(path) ? 403 : undefined;
  using server = startPageServer({ methods, refuse });
  const said = await problemOf(server.port, { copies: 8 });
  expect(said).toMatch(/^POST \/test-\d\.html was answered 403, so no copy of the page could be/);
  expect([...server.pages.keys()]).toEqual(['/test.html']);
});

/** The third copy is made, and answered so. */
function answers(status: number | 'nothing'): PageServerOptions {
  const odd = (method: string, path: string) =>
    method === 'POST' && path === '/test-3.html' ? status : undefined;
  return { methods, answer: odd };
}

test.each([302, 202, 500, 'nothing'] as const)('a copy answered %p is removed', async (status) => {
  using server = startPageServer(answers(status));
  const said = await problemOf(server.port, { copies: 6 });
  expect(said).toMatch(/^POST \/test-3\.html was .*, so no copy of the page could be made$/);
  expect([...server.pages.keys()]).toEqual(['/test.html']);
  expect(server.asked).toContain('DELETE /test-3.html');
});

test('a copy that was answered 500 and not made needs no removing', async () => {
  const refuse = (_: string, path: string) => (path === '/test-3.html' ? 500 : undefined);
  using server = startPageServer({ methods, refuse });
  expect(await problemOf(server.port, { copies: 6 })).toEndWith('could be made');
  expect([...server.pages.keys()]).toEqual(['/test.html']);
});

test('what may be the page of somebody else is named, and left alone', async () => {
  using server = startPageServer({
    methods,
    answer(method, path) {
      if (method !== 'POST' || path !== '/test-3.html') return undefined;
      server.pages.set(path, 'somebody else');
      return 500;
    },
  });
  const left = 'left on the server: /test-3.html (/test-3.html does not hold what was sent)';
  expect(await problemOf(server.port, { copies: 6 })).toEndWith(left);
  expect(server.pages.get('/test-3.html')).toBe('somebody else');
});

test('a copy that is gone when it is to be removed is no fault', async () => {
  using server = startPageServer({
    methods,
    refuse(method, path) {
      if (method !== 'DELETE') return undefined;
      server.pages.delete(path);
      return 404;
    },
  });
  expect((await reportOf(server.port, { copies: 4 })).notes).toEqual([]);
});

test('copies that cannot be removed are named', async () => {
  using server = startPageServer({ methods, deletes: false });
  const targets = ['/test-1.html', '/test-2.html'];
  const [note] = (await reportOf(server.port, { copies: 2 })).notes;
  expect(note).toMatchObject({ kind: 'copies-left', targets });
  expect(note).toMatchObject({ why: expect.stringMatching(/^DELETE \/test-\d.* answered 405$/) });
});

/** How long what is under way may go on when a run is stopped. */
const GRACE_MS = 1_000;

/** A clock on which that time is over when the test wants it. */
function bellClock() {
  const waiting = new Set<() => void>();
  const clock: Clock = {
    ...systemClock,
    after(delayMs, task) {
      if (delayMs !== GRACE_MS) return systemClock.after(delayMs, task);
      waiting.add(task);
      return { cancel: () => void waiting.delete(task) };
    },
  };
  const ring = (): void => {
    for (const task of waiting) task();
    waiting.clear();
  };
  return { clock, ring };
}

test('stopped while copies are made: they are removed, however long that takes', async () => {
  const { clock, ring } = bellClock();
  const onDelete = (method: string): undefined => {
    if (method === 'DELETE') ring();
  };
  using server = startPageServer({ methods, refuse: onDelete });
  const run = startRun(server.port, { copies: 10_000, edits: 10_000 }, clock);
  await until('copies', () => server.pages.size > 200);
  run.cancel();
  const report = await run.report;
  expect(report).toMatchObject({ kind: 'problem', message: 'stopped before the first edit' });
  expect([...server.pages.keys()]).toEqual(['/test.html']);
});

test('stopped while copies are removed: that goes on', async () => {
  const { clock, ring } = bellClock();
  let deletes = 0;
  using server = startPageServer({
    methods,
    refuse(method) {
      if (method !== 'DELETE') return undefined;
      deletes += 1;
      if (deletes === 2) run.cancel();
      ring();
    },
  });
  const run = startRun(server.port, { copies: 40 }, clock);
  expect(await run.report).toMatchObject({ kind: 'report', notes: [], confirmed: true });
  expect([...server.pages.keys()]).toEqual(['/test.html']);
});

test('stopped twice while copies are removed: the others are named', async () => {
  let deletes = 0;
  using server = startPageServer({
    methods,
    refuse(method) {
      if (method !== 'DELETE') return undefined;
      deletes += 1;
      if (deletes === 5) run.cancel();
      if (deletes === 5) run.cancel();
    },
  });
  const run = startRun(server.port, { copies: 200 });
  const report = await run.report;
  if (report.kind === 'problem') throw new Error(report.message);
  const [note] = report.notes;
  if (note?.kind !== 'copies-left') throw new Error('no note of what is left');
  expect(note.targets).toContain('/test-200.html');
  const left = [...server.pages.keys()].filter((path) => path !== '/test.html');
  // Some of those under way were removed all the same.
  expect(note.targets).toEqual(expect.arrayContaining(left));
  expect(left.length).toBeGreaterThan(100);
});
