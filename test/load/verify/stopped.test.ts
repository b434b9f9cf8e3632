/** Stopped while the first edits are made: it says so, and what Ctrl-C has been heard for. */

import { expect, test } from 'bun:test';
import type { VerifyWay } from '../../../src/load/verify/verify.ts';
import { until } from '../../support/server.ts';
import { PAGE } from './page-server.ts';
import { listen } from './raw-listener.ts';
import { hurriedClock, startRun } from './runs.ts';

const insert: VerifyWay = { kind: 'insert', method: 'PUT' };
const swap: VerifyWay = { kind: 'swap', method: 'PUT' };

/** A page server that makes no copies and stops to answer at the request of that number. */
function startSilentServer(silentFrom: number) {
  const pages = new Map([['/test.html', PAGE]]);
  const silent = { reached: false };
  const listener = listen(({ method, path, ifMatch, content }, reply) => {
    if (path !== '/test.html') {
      reply({ status: method === 'GET' ? 404 : 405 });
      return;
    }
    requests += 1;
    silent.reached = requests >= silentFrom;
    if (silent.reached) return;
    if (method === 'GET') reply({ status: 200, content: pages.get(path) ?? '' });
    else reply({ status: ifMatch === undefined ? 204 : 412 });
    if (method === 'PUT' && ifMatch === undefined) pages.set(path, content);
  });
  let requests = 0;
  return { ...listener, silent };
}

const rows = [
  ['the page is read', insert, 1, /^GET \/test.html was stopped$/],
  ['it is edited', insert, 2, /^PUT \/test.html was stopped, so nothing can be verified; whether/],
  ['the edit is read', insert, 3, /^GET \/test.html was stopped after the first edit; whether/],
  ['the condition is tried', swap, 2, /^PUT \/test.html was stopped; whether /],
  ['the page is read to be swapped', swap, 3, /^stopped before the first edit; whether /],
  ['it is swapped', swap, 4, /^PUT \/test.html was stopped, so nothing can be verified; whether/],
  ['the swapped page is read', swap, 5, /^GET \/test.html was stopped after the first edit; whe/],
] as const;

test.each(rows)('stopped while %s', async (_name, way, silentFrom, said) => {
  using server = startSilentServer(silentFrom);
  const run = startRun(server.port, { way, timeoutMs: 60_000 }, hurriedClock);
  await until('silence', () => server.silent.reached);
  expect(run.progress()).toMatchObject({ phase: 'preparing', stopping: 'no' });
  run.cancel();
  expect(run.progress().stopping).toBe('asked');
  let ended = false;
  const ending = run.report.finally(() => {
    ended = true;
  });
  // The page is looked at once more, which is not answered either.
  await until('the end', () => {
    run.cancel();
    return ended;
  });
  const report = await ending;
  if (report.kind === 'report') throw new Error('there is a report, and no problem');
  expect(report.message).toMatch(said);
  expect(report.message).not.toContain('cancelled');
});

test('stopped while the edits are tried out on a copy', async () => {
  let copy: string | undefined;
  let reached = false;
  using server = listen(({ method, path, content }, reply) => {
    const isCopy = path !== '/test.html';
    if (isCopy && method === 'POST') copy = content;
    if (isCopy && method === 'DELETE') copy = undefined;
    const page = isCopy ? copy : PAGE;
    if (method === 'PUT') reached = true;
    else if (method !== 'GET') reply({ status: 204 });
    else reply(page === undefined ? { status: 404 } : { status: 200, content: page });
  });
  const run = startRun(server.port, { timeoutMs: 60_000 }, hurriedClock);
  await until('an edit', () => reached);
  run.cancel();
  expect(await run.report).toMatchObject({ message: 'stopped before the first edit' });
  expect(copy).toBeUndefined();
});
