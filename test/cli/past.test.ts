/** `inkwire history`, `show` and `diff` on a root that no server has. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare, diffCommand } from '../../src/cli/diff.ts';
import { historyCommand, listPages, listRevisions } from '../../src/cli/history.ts';
import { restoreCommand } from '../../src/cli/restore.ts';
import { show, showCommand } from '../../src/cli/show.ts';
import { own, put } from '../store/history/past-pages.ts';
import { edit, type FileTestStore, fileStore, insert, remove } from '../store/support.ts';
import { askPast, parse } from './asked.ts';
import { Program } from './program.ts';

let store: FileTestStore;

/** Bytes that no text has, all of them. */
const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);

const mebibyte = 1024 * 1024;

beforeAll(() => {
  store = fileStore();
  put(store, 'test.html', '<body>\n', '<body>\nsecond\n');
  edit(store, 'test.html', insert('third'));
  put(store, 'notes/a b.html', 'one', 'two', 'three');
  rmSync(own(store, 'history/2/1'));
  put(store, 'gone.html', 'here');
  edit(store, 'gone.html', remove());
  put(store, 'saved.html', 'mine', 'mine too');
  save('saved.html', 'theirs');
  put(store, 'picture.png', '');
  save('picture.png', everyByte);
  put(store, 'picture.png', 'text');
  save('plain.html', 'nobody edited me');
  save('large.txt', '');
  truncateSync(join(store.root, 'large.txt'), 16 * mebibyte + 1);
});

afterAll(() => store[Symbol.dispose]());

function save(name: string, content: string | Uint8Array): void {
  writeFileSync(join(store.root, 'new'), content);
  renameSync(join(store.root, 'new'), join(store.root, name));
}

const history = (name: string, json = false) =>
  askPast(store.root, (past) => listRevisions(past, name, json));
const shown = (argument: string) => askPast(store.root, (past) => show(past, argument));
const diff = (first: string, second = 'now') =>
  askPast(store.root, (past) => compare(past, first, second), 2);

async function run(...flags: readonly string[]) {
  await using program = new Program(store.root, ...flags, '--root', '.');
  return await program.ended();
}

describe('history', () => {
  test('of a page: its revisions, the newest first', async () => {
    const { status, out } = await history('test.html');
    expect(status).toBe(0);
    const [path, head, ...rows] = out.trimEnd().split('\n');
    expect(path).toBe('/test.html');
    expect(head).toMatch(/^revision {2}time +kind +bytes {2}tag$/);
    expect(rows.map((row) => row.trim().split(/ +/).toSpliced(1, 2).toSpliced(3, 1))).toEqual([
      ['3', 'insert', '31', 'the', 'page', 'now'],
      ['2', 'replace', '14'],
      ['1', 'create', '7'],
    ]);
  });

  test('as JSON, by any spelling that a URL has', async () => {
    for (const name of ['notes/a b.html', '/notes/a b.html']) {
      const { page, now, revisions } = JSON.parse((await history(name, true)).out);
      expect([page, now]).toEqual(['/notes/a b.html', 3]);
      expect(revisions).toMatchObject([
        { revision: 3, kept: true },
        { revision: 2, kept: true },
        { revision: 1, kept: false },
      ]);
    }
  });

  test('of a page that nobody has edited here', async () => {
    const { status, out } = await history('plain.html');
    expect(status).toBe(0);
    expect(out).toMatch(/^ +now .* outside +16 .* the page now: no edit was made yet$/m);
  });

  test('without a page: which have one', async () => {
    const paths = ['/gone.html', '/notes/a b.html', '/picture.png', '/saved.html', '/test.html'];
    const listed = await askPast(store.root, (past) => listPages(past, false));
    expect(listed).toMatchObject({ status: 0, out: `${paths.join('\n')}\n`, err: '' });
    const json = await askPast(store.root, (past) => listPages(past, true));
    expect(JSON.parse(json.out)).toEqual({ pages: paths });
  });

  test('where no server ever was', async () => {
    const root = join(store.root, 'notes');
    const listed = await askPast(root, (past) => listPages(past, false));
    const err = `no page in ${root} has a history yet\n`;
    expect(listed).toMatchObject({ status: 0, out: '', err });
    const json = await askPast(root, (past) => listPages(past, true));
    expect(json.out).toBe('{"pages":[]}\n');
  });
});

describe('show', () => {
  test('the bytes, as they are', async () => {
    expect(await shown('test.html@1')).toMatchObject({ status: 0, out: '<body>\n', err: '' });
    expect((await shown('/saved.html@now')).out).toBe('theirs');
    expect((await shown('picture.png@2')).bytes).toEqual(everyByte);
    expect((await shown('picture.png@1')).bytes).toHaveLength(0);
    expect((await shown('large.txt@now')).bytes).toHaveLength(16 * mebibyte + 1);
  });

  test('to a reader that leaves no more is written', async () => {
    const left = await askPast(store.root, (past) => show(past, 'large.txt@now'), 1, 2);
    expect(left).toMatchObject({ status: 0, err: '' });
    expect(left.bytes.length).toBeLessThan(mebibyte);
  });
});

describe('diff', () => {
  test('a unified patch, and status 1', async () => {
    expect(await diff('test.html@1', '2')).toMatchObject({
      status: 1,
      out: '--- test.html@1\n+++ test.html@2\n@@ -1,1 +1,2 @@\n <body>\n+second\n',
      err: '',
    });
  });

  test('to the page as it is', async () => {
    const { status, out } = await diff('saved.html@1');
    expect(status).toBe(1);
    expect(out).toContain('--- saved.html@1\n+++ saved.html@now\n');
    expect(out).toContain('-mine\n\\ No newline at end of file\n+theirs\n');
  });

  test('nothing, and status 0, when both are the same', async () => {
    for (const [first, second] of [['test.html@3'], ['test.html@2', '2']] as const) {
      expect(await diff(first, second)).toMatchObject({ status: 0, out: '', err: '' });
    }
  });

  test('a removal is an empty page', async () => {
    const { status, out } = await diff('gone.html@1');
    expect([status, out.split('\n', 2)]).toEqual([1, ['--- gone.html@1', '+++ /dev/null']]);
    expect((await diff('gone.html@2', '1')).out).toStartWith('--- /dev/null\n');
  });

  test('what is not text differs, and that is all', async () => {
    const out = 'picture.png@2 and picture.png@3 differ, and are not text\n';
    expect(await diff('picture.png@2', '3')).toMatchObject({ status: 1, out, err: '' });
  });

  test('up to 16 MiB', async () => {
    expect(await diff('large.txt@now')).toMatchObject({
      status: 2,
      err: 'error: large.txt@now has 16777217 bytes, too many to be compared\n',
    });
    truncateSync(join(store.root, 'large.txt'), 16 * mebibyte);
    expect(await diff('large.txt@now')).toMatchObject({ status: 0, out: '' });
    truncateSync(join(store.root, 'large.txt'), 16 * mebibyte + 1);
  });
});

describe('what cannot be had', () => {
  const dropped =
    'revision 1 of /notes/a b.html is not kept any more; ' +
    'inkwire serve --history and --history-bytes say how much is';
  const none = (name: string): string =>
    `there is no page "${name}" in ${store.root}, and no history of one`;
  const rows = (): readonly [
    run: typeof shown,
    argument: string,
    status: number,
    say: string,
  ][] => [
    [shown, 'notes/a b.html@1', 1, dropped],
    [
      shown,
      'saved.html@2',
      1,
      'revision 2 of /saved.html is lost: another program saved over it, or removed it',
    ],
    [shown, 'gone.html@2', 1, 'revision 2 of /gone.html is its removal, which has no content'],
    [shown, 'gone.html@now', 1, 'there is no page /gone.html now'],
    [shown, 'test.html@9', 1, 'there is no revision 9 of /test.html; the newest is 3'],
    [shown, 'plain.html@1', 1, 'there is no revision 1 of /plain.html; no edit was recorded'],
    [diff, 'test.html@9', 2, 'there is no revision 9 of /test.html; the newest is 3'],
    [diff, 'notes/a b.html@1', 2, dropped],
    [diff, 'nowhere.html@1', 2, none('/nowhere.html')],
    [history, 'tset.html', 1, `${none('/tset.html')}; did you mean /test.html?`],
    [
      history,
      '/notes/a%20b.html',
      1,
      `${none('/notes/a%20b.html')}; did you mean /notes/a b.html?`,
    ],
    [shown, '.inkwire/lock@1', 1, none('/.inkwire/lock')],
    [history, '../x.html', 1, none('/../x.html')],
    [history, 'a\x1b[2J', 1, none('/a\\x1b[2J')],
    [
      shown,
      'test.html',
      2,
      '"test.html" names no revision; expected a page and a revision, such as test.html@3',
    ],
    [
      shown,
      'test.html@x',
      2,
      '"test.html@x" names no revision; expected a page and a revision, such as test.html@3',
    ],
  ];

  test('is said in one line', async () => {
    for (const [run, argument, status, say] of rows()) {
      expect(await run(argument)).toMatchObject({ status, out: '', err: `error: ${say}\n` });
    }
    const err = 'error: "x" is no revision; expected a number, or now\n';
    expect(await diff('test.html@1', 'x')).toMatchObject({ status: 2, err });
  });
});

describe('as they are typed', () => {
  test.each([
    [showCommand(), [], "missing required argument 'page@revision'"],
    [historyCommand(), ['--jsno'], "unknown option '--jsno'; did you mean --json?"],
    [historyCommand(), ['--root', 'nowhere'], 'there is no folder nowhere'],
    [historyCommand(), [], 'there is no folder htdocs; --root names another one'],
  ])('%#', async (command, flags, say) => {
    const folder = process.cwd();
    process.chdir(store.root);
    try {
      const err = `error: ${say}\n`;
      expect(await parse(command, ...flags)).toEqual({ status: 2, out: '', err });
    } finally {
      process.chdir(folder);
    }
  });

  test('a ledger that is none', async () => {
    const root = join(store.root, 'other');
    mkdirSync(join(root, '.inkwire'), { recursive: true });
    writeFileSync(join(root, '.inkwire/ledger.db'), 'no database, whatever its name says');
    expect(await parse(historyCommand(), 'a.html', '--root', root)).toEqual({
      status: 1,
      out: '',
      err: `error: ${root}: the ledger is no database: move the file away\n`,
    });
  });

  test.each([
    ['history', historyCommand()],
    ['show', showCommand()],
    ['diff', diffCommand()],
    ['restore', restoreCommand()],
  ])('%s --help gives examples and says its exit status', async (name, command) => {
    const { status, out } = await parse(command, '--help');
    expect(status).toBe(0);
    expect(out).toContain(`Examples:\n  inkwire ${name}`);
    expect(out).toContain('Exit status');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });
});

describe('as programs', () => {
  test.concurrent('history', async () => {
    const { status, out, err } = await run('history', 'test.html');
    expect([status, err]).toEqual([0, '']);
    expect(out).toStartWith('/test.html\nrevision ');
  });

  test.concurrent('show, whose reader may leave', async () => {
    await using left = new Program(store.root, 'show', 'large.txt@now', '--root', '.');
    await left.closeOutput();
    expect(await left.ended()).toMatchObject({ status: 0, err: '' });
  });

  test.concurrent('show of what is not there', async () => {
    const err = 'error: there is no page /gone.html now\n';
    expect(await run('show', 'gone.html@now')).toEqual({ status: 1, out: '', err });
  });

  test.concurrent('diff, whose status is that of diff(1)', async () => {
    expect((await run('diff', 'test.html@1')).status).toBe(1);
  });

  test.concurrent('a mistyped command', async () => {
    const err = "error: unknown command 'hsitory'; did you mean history?\n";
    expect(await run('hsitory')).toEqual({ status: 2, out: '', err });
  });
});
