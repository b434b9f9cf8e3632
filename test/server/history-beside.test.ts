/**
 * Histories are read while a server publishes: each look at a page is one moment of it, and what is
 * moved meanwhile is found.
 */

import { expect, test } from 'bun:test';
import { systemClock } from '../../src/base/clock.ts';
import { openRootHistory } from '../../src/store/history/root-history.ts';
import { systemFileSystem } from '../../src/store/system-file-system.ts';
import { textOf } from '../store/history/past-pages.ts';
import { serve } from '../support/inkwire.ts';
import { RawClient, request } from '../support/raw-client.ts';
import { TestRoot } from '../support/root.ts';

const rounds = 12;
const editsInRound = 12;
const looksInRound = 8;

test('a look at any moment finds one moment', async () => {
  using root = new TestRoot();
  // All of them are kept, so that each can be looked for.
  await using server = await serve(root.path, '.', '--log', 'off', '--history', '1000');
  await using client = await RawClient.open(server.port);
  let sent = 0;
  for (let round = 1; round <= rounds; round += 1) {
    const first = sent;
    for (let index = 0; index < editsInRound; index += 1) {
      sent += 1;
      client.send(request('POST', '/a.html', { content: `content ${sent}` }));
    }
    await new Promise((resolve) => setImmediate(resolve));
    for (let look = 0; look < looksInRound; look += 1) lookAt(root.path, sent);
    for (let index = first; index < sent; index += 1) {
      expect((await client.next('POST')).status).toBe(201);
    }
  }
  expect(lookAt(root.path, sent)).toBe(sent);
});

/** Checks that history at this moment is whole; returns the newest revision. */
function lookAt(rootPath: string, sent: number): number {
  const options = { root: rootPath, portable: false, hashBytesMax: 1_000 };
  const seams = { fileSystem: systemFileSystem, clock: systemClock };
  using history = openRootHistory(options, seams);
  const page = history.page('a.html');
  if (page === undefined) throw new Error('a.html is a page');
  const { versions, isGone } = page.versions();
  expect(isGone).toBe(false);
  const newest = versions.length;
  expect(newest).toBeLessThanOrEqual(sent);
  const odd = versions.filter(({ revision, kind, isNow }, index) => {
    const known = revision === newest - index && kind === (revision === 1 ? 'create' : 'replace');
    return !known || isNow !== (index === 0);
  });
  expect(odd).toEqual([]);
  for (const revision of [newest, newest - 1, 1]) {
    if (revision < 1 || revision > newest) continue;
    expect(textOf(page, revision)).toBe(`content ${revision}`);
  }
  return newest;
}
