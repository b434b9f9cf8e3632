/** Pages that are read at once: exactly as a worker reads them, or not at all. */

import { describe, expect, test } from 'bun:test';
import { execFileSync } from 'node:child_process';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { resourceKey } from '../../src/model/resource-key.ts';
import { InstantCalls } from '../../src/store/instant-calls.ts';
import { openInstantPages } from '../../src/store/instant-pages.ts';
import { fileStore } from './support.ts';

const LATER_MS = 10_000;
const FULL_BYTES = 16 * 1024;

/** So late that every file is old. */
const later: Clock = { ...systemClock, wallMs: () => systemClock.wallMs() + LATER_MS };

const isLinux = process.platform === 'linux';

function open(clock: Clock) {
  const store = fileStore({ onDisk: true });
  const { root } = store;
  mkdirSync(join(root, 'deep/er'), { recursive: true });
  const files: [path: string, content: string | Uint8Array][] = [
    ['page.html', '<p>page</p>'],
    ['ü ß.html', '<p>ü</p>'],
    ['empty.txt', ''],
    ['deep/er/page.css', 'p { color: red }'],
    ['full.bin', new Uint8Array(FULL_BYTES).fill(7)],
    ['fuller.bin', new Uint8Array(FULL_BYTES + 1).fill(7)],
    ['.well-known.html', 'hidden'],
  ];
  for (const [path, content] of files) writeFileSync(join(root, path), content);
  utimesSync(join(root, 'page.html'), 1_700_000_000.123_456, 1_700_000_000.123_456);
  symlinkSync('page.html', join(root, 'link.html'));
  symlinkSync('deep', join(root, 'way'));
  for (const link of ['link.html', 'way']) readLate(join(root, link));
  execFileSync('mkfifo', [join(root, 'fifo')]);
  const pages = openInstantPages(root, clock);
  if (pages === undefined) throw new Error('this system reads nothing at once');
  return {
    pages,
    root,
    take: (path: string) => pages.take(resourceKey(path.split('/'))),
    /** As a worker reads it, whole. */
    read(path: string) {
      const key = resourceKey(path.split('/'));
      const asked = { want: 'content', conditions: {}, pageBytesMax: 1 << 20 } as const;
      const { result } = store.executor.read({ kind: 'read', id: 1, key, ...asked }).outcome;
      return result;
    },
    [Symbol.dispose]() {
      pages.close();
      store[Symbol.dispose]();
    },
  };
}

/** Reads a link until the kernel need not note again that it was read, and could follow it. */
function readLate(link: string): void {
  for (let tries = 0; tries < 100_000; tries += 1) {
    readlinkSync(link);
    const { atimeNs, ctimeNs } = lstatSync(link, { bigint: true });
    if (atimeNs > ctimeNs) return;
  }
}

/** Waits until a change gets another time than the last one did. */
function waitForTick(root: string): void {
  const path = join(root, 'tick');
  const time = (): bigint => {
    writeFileSync(path, 'x');
    return lstatSync(path, { bigint: true }).ctimeNs;
  };
  const first = time();
  for (let tries = 0; tries < 1_000_000 && time() === first; tries += 1);
}

/** Has the kernel drop the content from its memory. */
function forget(path: string): void {
  execFileSync('sync', [path]);
  execFileSync('dd', [`if=${path}`, 'of=/dev/null', 'iflag=nocache', 'count=0'], {
    stdio: 'ignore',
  });
}

// Elsewhere nothing is read at once: no other system tells what lies in memory.
describe.skipIf(!isLinux)('at once', () => {
  const whole = ['page.html', 'ü ß.html', 'empty.txt', 'deep/er/page.css', 'full.bin'];
  test.each(whole)('%p is read as by a worker', (path) => {
    using files = open(later);
    const want = files.read(path);
    const page = files.take(path);
    if (want.kind !== 'found' || want.content.kind !== 'whole' || want.file === undefined) {
      throw new Error('no worker reads it whole');
    }
    expect(page?.state).toEqual(want.state);
    expect(page?.bytes).toEqual(want.content.bytes);
    expect(page?.file).toBe(want.file);
    // And again, now that its tag is known.
    expect(files.take(path)?.state).toEqual(want.state);
  });

  test('a tag that is known is that of the content, whatever is done to the page', () => {
    using files = open(later);
    const path = join(files.root, 'page.html');
    const changes: (() => void)[] = [
      () => writeFileSync(path, '<p>edit</p>'),
      () => {
        const time = 1_700_000_000.123_456;
        writeFileSync(path, '<p>more</p>');
        utimesSync(path, time, time);
      },
      () => {
        writeFileSync(join(files.root, 'new'), '<p>else</p>');
        renameSync(join(files.root, 'new'), path);
      },
    ];
    const tags = new Set([files.take('page.html')?.state.tag?.opaque]);
    for (const change of changes) {
      // The clock of the files has gone on by then, as it has for whoever edits by hand.
      waitForTick(files.root);
      change();
      const want = files.read('page.html');
      for (let again = 0; again < 2; again += 1) {
        const { state } = files.take('page.html') ?? {};
        expect(want.kind === 'found' && want.state).toEqual(state ?? false);
        tags.add(state?.tag?.opaque);
      }
    }
    expect(tags.size).toBe(changes.length + 1);
  });

  test('a page has its label, though it was read under a name that needs none', () => {
    using files = open(later);
    linkSync(join(files.root, 'ü ß.html'), join(files.root, 'same.txt'));
    for (const name of ['same.txt', 'ü ß.html', 'same.txt', 'ü ß.html']) {
      const want = files.read(name);
      expect(want.kind === 'found' && want.state).toEqual(files.take(name)?.state ?? false);
    }
  });

  test('a page is read to its place, and nothing before it is touched', () => {
    using files = open(later);
    const { bytes, page } = files.pages;
    for (const at of [1, 5_000, bytes.length - FULL_BYTES - 1]) {
      bytes.fill(1);
      expect(files.pages.takeAt(resourceKey(['full.bin']), at)).toBe(true);
      expect([bytes.indexOf(7), page.size]).toEqual([at, FULL_BYTES]);
      expect(bytes.subarray(at, at + FULL_BYTES).every((byte) => byte === 7)).toBe(true);
    }
  });

  const others = [
    ...['fuller.bin', '.well-known.html', 'missing.html', 'link.html', 'way/er/page.css'],
    ...['fifo', 'deep', '.inkwire/ledger.db', '.INKWIRE/ledger.db', `${'a/'.repeat(2_100)}b`],
  ];
  test.each(others)('%p is left to a worker', (path) => {
    using files = open(later);
    expect(files.take(path)).toBeUndefined();
    // And it was not taken for what nothing can be read of.
    expect(files.take('page.html')).toBeDefined();
  });

  test('nothing is read that changed just now, for it may change again unseen', () => {
    let wallMs = 0;
    using files = open({ ...systemClock, wallMs: () => wallMs });
    const path = join(files.root, 'page.html');
    const changedMs = Number(execFileSync('stat', ['-c', '%.3Z', path]).toString()) * 1_000;
    wallMs = changedMs + 19;
    expect(files.take('page.html')).toBeUndefined();
    wallMs = changedMs + 21;
    expect(files.take('page.html')).toBeDefined();
  });

  test('nothing is read that does not lie in memory', () => {
    using files = open(later);
    const path = join(files.root, 'full.bin');
    forget(path);
    expect(files.take('full.bin')).toBeUndefined();
    expect(files.read('full.bin').kind).toBe('found');
    expect(files.take('full.bin')).toBeDefined();
  });

  test('nothing is read after the end', () => {
    using files = open(later);
    files.pages.close();
    expect(files.take('page.html')).toBeUndefined();
  });
});

// Elsewhere there is nothing to be trusted.
test.skipIf(!isLinux)('no file system is trusted but those of a local disk', () => {
  expect(InstantCalls.open('/proc', 1, 1)).toBeUndefined();
});
