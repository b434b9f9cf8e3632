/** `inkwire restore`, without a server and with one. */

import { describe, expect, test } from 'bun:test';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { postPage } from '../../src/cli/post-page.ts';
import { restore } from '../../src/cli/restore.ts';
import { replaceAlone } from '../../src/store/edit-alone.ts';
import { contentTag } from '../../src/store/page-state.ts';
import { lockRoot } from '../../src/store/root-lock.ts';
import { systemFileSystem } from '../../src/store/system-file-system.ts';
import { brief, put, versionText } from '../store/history/past-pages.ts';
import { edit, type FileTestStore, fileStore, key, remove } from '../store/support.ts';
import { RawClient, request } from '../support/raw-client.ts';
import { startTestServer, type TestServer, until } from '../support/server.ts';
import { ask } from './asked.ts';

const back = (root: string, argument: string, waitMs?: number) =>
  ask(root, (asked) => restore(asked, argument, waitMs));

/** A store with one page of two revisions, that nobody has open. */
function closedStore(): FileTestStore {
  const store = fileStore();
  put(store, 'a.html', 'one', 'two');
  store.close();
  return store;
}

describe('without a server', () => {
  test('the page holds the revision again, as a new edit', async () => {
    using store = closedStore();
    expect(await back(store.root, 'a.html@1')).toMatchObject({
      status: 0,
      out: '/a.html holds revision 1 again as revision 3 (3 bytes)\n',
      err: '',
    });
    expect(readFileSync(join(store.root, 'a.html'), 'utf8')).toBe('one');
    expect(brief(store, 'a.html')).toEqual(['3 replace now', '2 replace', '1 create']);
    expect(versionText(store, 'a.html', 2)).toBe('two');
    expect(store.temporaries()).toEqual([]);
  });

  test('a page that is gone comes back, with what another program saved in between kept', async () => {
    using store = closedStore();
    rmSync(join(store.root, 'a.html'));
    expect((await back(store.root, 'a.html@1')).out).toContain('again as revision 3');
    writeFileSync(join(store.root, 'a.html'), 'theirs');
    expect((await back(store.root, 'a.html@1')).out).toContain('again as revision 5');
    expect(brief(store, 'a.html').slice(0, 2)).toEqual(['5 replace now', '4 outside']);
    expect(versionText(store, 'a.html', 4)).toBe('theirs');
  });

  test('nothing is done where there is nothing to do', async () => {
    using store = closedStore();
    const { status, out } = await back(store.root, 'a.html@2');
    expect([status, out]).toEqual([0, '/a.html holds revision 2 already\n']);
    await back(store.root, 'a.html@1');
    expect((await back(store.root, 'a.html@1')).out).toBe('/a.html holds revision 1 already\n');
    expect(brief(store, 'a.html')).toHaveLength(3);
  });

  test.each([
    ['a.html@now', 2, '/a.html@now is what the page holds'],
    ['a.html@9', 1, 'there is no revision 9 of /a.html; the newest is 2'],
    [
      'b.html@2',
      1,
      'revision 2 of /b.html is its removal, which has no content; ' +
        'the method DELETE removes a page',
    ],
  ])('%s is not restored', async (argument, status, say) => {
    using store = fileStore();
    put(store, 'a.html', 'one', 'two');
    put(store, 'b.html', 'x');
    edit(store, 'b.html', remove());
    store.close();
    expect(await back(store.root, argument)).toMatchObject({ status, err: `error: ${say}\n` });
  });

  test('what the store refuses is said', async () => {
    using store = closedStore();
    linkSync(join(store.root, 'a.html'), join(store.root, 'other.html'));
    const err = 'error: /a.html was not restored: hard links\n';
    expect(await back(store.root, 'a.html@1')).toMatchObject({ status: 1, err });
    expect(readFileSync(join(store.root, 'a.html'), 'utf8')).toBe('two');
  });

  test('a page that was edited meanwhile stays as it is', () => {
    using store = closedStore();
    const seams = { fileSystem: systemFileSystem, clock: systemClock };
    for (const replaces of [contentTag(Buffer.from('one')), 'missing'] as const) {
      const content = Buffer.from('three');
      const replacement = { key: key('a.html'), content, replaces };
      expect(replaceAlone(store.options, seams, replacement)).toEqual({
        kind: 'result',
        result: { kind: 'refused', code: 'precondition-failed' },
      });
    }
    expect(brief(store, 'a.html')).toHaveLength(2);
  });

  test('nothing is done where another process has the root, or the ledger is none', () => {
    using store = closedStore();
    const seams = { fileSystem: systemFileSystem, clock: systemClock };
    const content = Buffer.from('three');
    const replacement = { key: key('a.html'), content, replaces: 'missing' } as const;
    const lock = lockRoot(store.root, systemFileSystem);
    expect(replaceAlone(store.options, seams, replacement)).toEqual({
      kind: 'held',
      by: { process: String(process.pid) },
    });
    if (lock.kind === 'locked') lock.release();
    writeFileSync(join(store.root, '.inkwire/ledger.db'), 'no database, whatever its name says');
    expect(replaceAlone(store.options, seams, replacement)).toEqual({
      kind: 'unusable',
      sentence: 'the ledger is no database: move the file away',
    });
  });

  test('a process that has the root is waited for, until it goes', async () => {
    using store = closedStore();
    const lock = lockRoot(store.root, systemFileSystem);
    if (lock.kind !== 'locked') throw new Error('it is not ours');
    const ended = back(store.root, 'a.html@1');
    systemClock.after(100, lock.release);
    expect((await ended).out).toContain('again as revision 3');
  });

  test('and one that stays and serves nothing is named', async () => {
    using store = closedStore();
    const lock = lockRoot(store.root, systemFileSystem);
    if (lock.kind !== 'locked') throw new Error('it is not ours');
    const say = `process ${process.pid} has ${store.root}, and says no address`;
    expect(await back(store.root, 'a.html@1', 100)).toMatchObject({
      status: 1,
      err: `error: ${say}\n`,
    });
    lock.announce('http://127.0.0.1:1/');
    expect((await back(store.root, 'a.html@1', 100)).err).toContain('cannot be reached');
    lock.release();
  });
});

/** A server of a page `a.html` with two revisions. */
async function served(options: Parameters<typeof startTestServer>[0] = {}): Promise<TestServer> {
  const server = await startTestServer({ files: {}, ...options });
  await using client = await RawClient.open(server.port);
  for (const content of ['one', 'two']) {
    await client.ask(request('POST', '/a.html', { content }));
  }
  await until('its address', () => (server.root.read('.inkwire/lock') ?? '').includes('http:'));
  return server;
}

describe('with a server', () => {
  for (const semantics of ['classic', 'standard'] as const) {
    test(`it is sent there (${semantics})`, async () => {
      await using server = await served({ config: { semantics } });
      expect(await back(server.root.path, '/a.html@1')).toMatchObject({
        status: 0,
        out:
          '/a.html holds revision 1 again as revision 3 ' +
          `(3 bytes, by the server at ${server.url})\n`,
      });
      expect(server.root.read('a.html')).toBe('one');
      await using client = await RawClient.open(server.port);
      await client.ask(request('DELETE', '/a.html'));
      expect((await back(server.root.path, 'a.html@2')).out).toContain('again as revision 5');
      expect(server.root.read('a.html')).toBe('two');
    });
  }

  test('a name that is coded in a URL', async () => {
    await using server = await served();
    await using client = await RawClient.open(server.port);
    for (const content of ['eins', 'zwei']) {
      await client.ask(request('POST', '/notes/%C3%BCber%20uns.html', { content }));
    }
    const { out } = await back(server.root.path, 'notes/über uns.html@1');
    expect(out).toStartWith('/notes/über uns.html holds revision 1 again as revision 3 (');
  });

  test('what it refuses is said in its words', async () => {
    await using server = await served({
      files: { 'a.html': 'of before' },
      limits: { contentBytesMax: 3 },
    });
    expect(await back(server.root.path, 'a.html@1')).toMatchObject({
      status: 1,
      err:
        `error: /a.html was not restored: the server at ${server.url} answered 413: ` +
        'The content is larger than the 3 bytes taken here.\n',
    });
    expect(server.root.read('a.html')).toBe('two');
  });

  test('a page that was edited meanwhile stays as it is', async () => {
    await using server = await served();
    const posted = { urlPath: '/a.html', content: Buffer.from('three') };
    for (const replaces of [contentTag(Buffer.from('one')), 'missing'] as const) {
      expect(await postPage(server.url, { ...posted, replaces })).toEqual({
        kind: 'failed',
        sentence: 'it was edited meanwhile; try again',
      });
    }
    expect(server.root.read('a.html')).toBe('two');
  });
});
