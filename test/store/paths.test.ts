/**
 * Pages by every path that a root may hold: links, loops, FIFOs, several names, swapped folders.
 */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { utf8Bytes } from '../../src/base/bytes.ts';
import { SequentialContent } from '../../src/store/content-stream.ts';
import {
  brief,
  edit,
  type FileTestStore,
  fileStore,
  insert,
  publishOne,
  readPage,
  readText,
  remove,
  replace,
  replacement,
  temporaryRoot,
} from './support.ts';

const secret = 'SECRET';

/** How long a race is run, and how long it may take until both sides have met. */
const raceNs = 300_000_000;
const raceNsMax = 4_000_000_000;

const outside = temporaryRoot();

beforeAll(() => {
  mkdirSync(join(outside, 'folder'));
  writeFileSync(join(outside, 'secret.html'), secret);
  writeFileSync(join(outside, 'folder/page.html'), secret);
});
afterAll(() => rmSync(outside, { recursive: true }));

/** A root with one of each. */
function furnished(portable: boolean): FileTestStore {
  const store = fileStore({ portable });
  const at = (path: string) => join(store.root, path);
  mkdirSync(at('dir/deep'), { recursive: true });
  writeFileSync(at('page.html'), 'page');
  writeFileSync(at('dir/inner.html'), 'inner');
  symlinkSync('page.html', at('link.html'));
  symlinkSync('link.html', at('link-of-link.html'));
  symlinkSync('dir', at('linked-dir'));
  symlinkSync('dir/', at('linked-dir-slash'));
  symlinkSync('../page.html', at('dir/up.html'));
  symlinkSync('../../linked-dir/./inner.html', at('dir/deep/around.html'));
  symlinkSync('dir/..', at('back-to-root'));
  symlinkSync('../x', at('escape.html'));
  symlinkSync(`dir/../../${outside.split('/').at(-1)}/secret.html`, at('escape-late.html'));
  symlinkSync(at('page.html'), at('absolute.html'));
  // Read as if the root were `/`, these two would lead to a page.
  symlinkSync('/page.html', at('absolute-short.html'));
  symlinkSync('../page.html', at('escape-back.html'));
  symlinkSync(outside, at('outside-dir'));
  symlinkSync('loop-b', at('loop-a'));
  symlinkSync('loop-a', at('loop-b'));
  symlinkSync('missing.html', at('dangling.html'));
  symlinkSync('.inkwire/.gitignore', at('own.html'));
  symlinkSync('.inkwire', at('own-dir'));
  symlinkSync('/proc/self/root/etc/passwd', at('magic.html'));
  writeFileSync(at('twice.html'), 'twice');
  linkSync(at('twice.html'), at('two.html'));
  Bun.spawnSync(['mkfifo', at('fifo.html')]);
  return store;
}

interface Row {
  readonly path: string;
  readonly read: string;
  /** What every edit of it is answered. */
  readonly edit: string;
}

const rows: readonly Row[] = [
  { path: 'link.html', read: 'page', edit: 'symbolic-link' },
  { path: 'link-of-link.html', read: 'page', edit: 'symbolic-link' },
  { path: 'linked-dir/inner.html', read: 'inner', edit: 'symbolic-link' },
  { path: 'linked-dir-slash/inner.html', read: 'inner', edit: 'symbolic-link' },
  { path: 'dir/up.html', read: 'page', edit: 'symbolic-link' },
  { path: 'dir/deep/around.html', read: 'inner', edit: 'symbolic-link' },
  { path: 'back-to-root/page.html', read: 'page', edit: 'symbolic-link' },
  { path: 'back-to-root', read: '<is-folder>', edit: 'symbolic-link' },
  { path: 'linked-dir', read: '<is-folder>', edit: 'symbolic-link' },
  { path: 'escape.html', read: '<not-found>', edit: 'symbolic-link' },
  { path: 'escape-late.html', read: '<not-found>', edit: 'symbolic-link' },
  { path: 'absolute.html', read: '<not-found>', edit: 'symbolic-link' },
  { path: 'absolute-short.html', read: '<not-found>', edit: 'symbolic-link' },
  { path: 'escape-back.html', read: '<not-found>', edit: 'symbolic-link' },
  { path: 'outside-dir/secret.html', read: '<not-found>', edit: 'symbolic-link' },
  { path: 'outside-dir/new.html', read: '<not-found>', edit: 'symbolic-link' },
  { path: 'loop-a', read: '<not-found>', edit: 'symbolic-link' },
  { path: 'loop-a/x', read: '<not-found>', edit: 'symbolic-link' },
  { path: 'dangling.html', read: '<not-found>', edit: 'symbolic-link' },
  { path: 'own.html', read: '<not-found>', edit: 'symbolic-link' },
  { path: 'own-dir/.gitignore', read: '<not-found>', edit: 'symbolic-link' },
  { path: 'magic.html', read: '<not-found>', edit: 'symbolic-link' },
  { path: 'twice.html', read: 'twice', edit: 'hard-links' },
  { path: 'fifo.html', read: '<not-regular>', edit: 'not-regular' },
  { path: 'page.html/x', read: '<not-found>', edit: 'parent-not-folder' },
];

for (const portable of [false, true]) {
  describe(portable ? 'paths, portable calls' : 'paths', () => {
    test('each path is read or refused, and refused to edits', () => {
      using store = furnished(portable);
      for (const row of rows) {
        expect([row.path, readText(store, row.path)]).toEqual([row.path, row.read]);
        for (const one of [replace('x'), insert('x'), remove()]) {
          const got = brief(edit(store, row.path, one));
          expect([row.path, one.kind, got]).toEqual([row.path, one.kind, row.edit]);
        }
      }
      expect(readFileSync(join(outside, 'secret.html'), 'utf8')).toBe(secret);
      expect(existsSync(join(outside, 'new.html'))).toBe(false);
      expect(readlinkSync(join(store.root, 'link.html'))).toBe('page.html');
      expect(readFileSync(join(store.root, 'page.html'), 'utf8')).toBe('page');
      expect(store.temporaries()).toEqual([]);
    });

    test('a folder of links too many is not followed', () => {
      using store = fileStore({ portable });
      writeFileSync(join(store.root, 'l0'), 'end');
      for (let n = 1; n <= 41; n += 1) symlinkSync(`l${n - 1}`, join(store.root, `l${n}`));
      expect(readText(store, 'l40')).toBe('end');
      expect(readText(store, 'l41')).toBe('<not-found>');
    });

    test('a replaced page keeps its mode; a new page gets the usual one', () => {
      using store = fileStore({ portable });
      const path = join(store.root, 'p.html');
      edit(store, 'p.html', replace('1'));
      expect(statSync(path).mode & 0o777).toBe(0o644 & ~process.umask());
      chmodSync(path, 0o640);
      edit(store, 'p.html', replace('2'));
      expect([statSync(path).mode & 0o777, readText(store, 'p.html')]).toEqual([0o640, '2']);
    });

    // The superuser is denied nothing, so as such there is nothing to see.
    test.skipIf(process.getuid?.() === 0)('what the permissions deny is forbidden', () => {
      using store = fileStore({ portable });
      const at = (path: string) => join(store.root, path);
      for (const path of ['unreadable', 'read-only', 'closed/p', 'fixed/p']) {
        edit(store, path, replace('old'));
      }
      chmodSync(at('unreadable'), 0o200);
      chmodSync(at('read-only'), 0o444);
      chmodSync(at('closed'), 0o000);
      chmodSync(at('fixed'), 0o555);
      const denied: [path: string, read: string][] = [
        ['unreadable', '<forbidden>'],
        ['read-only', 'old'],
        ['closed/p', '<forbidden>'],
        ['closed/new', '<forbidden>'],
        ['fixed/p', 'old'],
        ['fixed/new', '<not-found>'],
        ['fixed/new/new', '<not-found>'],
      ];
      for (const [path, read] of denied) {
        expect([path, readText(store, path)]).toEqual([path, read]);
        const got = brief(edit(store, path, replace('x')));
        expect([path, got]).toEqual([path, 'forbidden']);
      }
      expect(store.temporaries()).toEqual([]);
      chmodSync(at('closed'), 0o755);
      chmodSync(at('fixed'), 0o755);
      expect(existsSync(at('fixed/new'))).toBe(false);
    });

    test('a page that was replaced by another program is not destroyed', () => {
      using store = fileStore({ portable });
      edit(store, 'p.html', replace('old'));
      for (const late of [replace('late'), remove()]) {
        const prepared = store.executor.prepare({
          kind: 'edit',
          id: 1,
          key: 'p.html' as never,
          edits: [late],
        });
        if (!('change' in prepared)) throw new Error('not prepared');
        writeFileSync(join(store.root, 'p.html'), 'saved by an editor');
        expect(publishOne(store, prepared).results.map(brief)).toEqual(['unstable']);
        expect(readText(store, 'p.html')).toBe('saved by an editor');
        expect(store.temporaries()).toEqual([]);
      }
    });

    test('a stream ends where the file was changed in place', () => {
      using store = fileStore({ portable });
      const path = join(store.root, 'large');
      writeFileSync(path, 'a'.repeat(5_000));
      const read = (): SequentialContent => {
        const { outcome, stream } = store.executor.read({
          kind: 'read',
          id: 1,
          key: 'large' as never,
          want: 'content',
          conditions: {},
        });
        const { result } = outcome;
        if (stream === undefined || result.kind !== 'found') throw new Error(result.kind);
        return new SequentialContent(stream, result.state.size);
      };
      const stream = read();
      expect(stream.read(4_000)?.length).toBe(4_000);
      writeFileSync(path, 'b'.repeat(5_001));
      expect(stream.read(4_000)).toBeUndefined();
      stream.close();
      const replaced = read();
      expect(replaced.read(1)?.length).toBe(1);
      // A page that is replaced by a rename leaves the opened version whole.
      expect(brief(edit(store, 'large', replace('short')))).toBe('replaced');
      expect(replaced.read(9_000)?.length).toBe(5_000);
      expect(replaced.remaining).toBe(0);
      replaced.close();
    });

    test('no byte from outside is read or written while a folder is swapped for a link', async () => {
      using store = fileStore({ portable });
      mkdirSync(join(store.root, 'real'));
      writeFileSync(join(store.root, 'real/page.html'), 'inside');
      symlinkSync(join(outside, 'folder'), join(store.root, 'link'));
      symlinkSync(`../${outside.split('/').at(-1)}/folder`, join(store.root, 'relative'));
      const swapper = Bun.spawn([process.execPath, join(import.meta.dir, 'swap-folder.ts')], {
        cwd: store.root,
        stdin: 'pipe',
        stdout: 'pipe',
      });
      // Its first output says that it swaps; it ends when its input does.
      await swapper.stdout.getReader().read();
      const seen = new Map<string, number>();
      const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
      // It creates nothing: a folder made in the moment without one would stand in the swapper's
      // way.
      const rewrite = { ...replacement, content: utf8Bytes('inside') };
      // The race did take place when the page was met, and so was a link or nothing at all. On a
      // busy machine the two sides may run in turn for a while instead of side by side.
      const met = () => seen.has('inside') && (seen.has('not-found') || seen.has('symbolic-link'));
      const startNs = Bun.nanoseconds();
      const raced = () => Bun.nanoseconds() - startNs > (met() ? raceNs : raceNsMax);
      for (let n = 0; !raced(); n += 1) {
        const { result, bytes } = readPage(store, 'page-dir/page.html');
        count(bytes === undefined ? brief(result) : Buffer.from(bytes).toString());
        if (n % 8 === 0) count(brief(edit(store, 'page-dir/page.html', rewrite)));
      }
      swapper.stdin.end();
      await swapper.exited;
      expect(seen.has(secret)).toBe(false);
      expect(readFileSync(join(outside, 'folder/page.html'), 'utf8')).toBe(secret);
      expect([met(), seen]).toEqual([true, seen]);
    });
  });
}
