/** The lock of a root, and what its file tells others of who has it. */

import { expect, test } from 'bun:test';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeStoreFolder } from '../../src/store/open-store.ts';
import { lockRoot, type RootLock, rootHolder } from '../../src/store/root-lock.ts';
import { systemFileSystem } from '../../src/store/system-file-system.ts';
import { FaultyFileSystem } from './faulty-file-system.ts';
import { temporaryRoot } from './support.ts';

/** A root with the store's folder, whose lock may be taken and looked at. */
class LockedRoot implements Disposable {
  readonly root = temporaryRoot();
  readonly path = join(this.root, '.inkwire/lock');

  constructor() {
    makeStoreFolder(this.root, systemFileSystem);
  }

  lock(fileSystem = systemFileSystem): Extract<RootLock, { kind: 'locked' }> {
    const lock = lockRoot(this.root, fileSystem);
    if (lock.kind === 'held') throw new Error(`held by ${lock.by.process}`);
    return lock;
  }

  holder() {
    return rootHolder(this.root, systemFileSystem);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}

const me = String(process.pid);
const url = 'http://127.0.0.1:8080/';

test('who has it, from where on it serves, and that it has gone', () => {
  using root = new LockedRoot();
  expect(root.holder()).toBeUndefined();
  const lock = root.lock();
  expect(root.holder()).toEqual({ process: me });
  lock.announce(url);
  expect(root.holder()).toEqual({ process: me, url });
  expect(lockRoot(root.root, systemFileSystem)).toEqual({
    kind: 'held',
    by: { process: me, url },
  });
  lock.release();
  // The file stays and still names it; nobody has the lock.
  expect(readFileSync(root.path, 'latin1')).toContain(url);
  expect(root.holder()).toBeUndefined();
});

test('the next one to have it is not taken for the last one', () => {
  using root = new LockedRoot();
  const first = root.lock();
  first.announce(url);
  first.release();
  const second = root.lock();
  expect(root.holder()).toEqual({ process: me });
  second.release();
});

test('looking does not take it away from a server that starts meanwhile', () => {
  using root = new LockedRoot();
  for (const failures of [1, 4]) {
    let left = failures;
    const busy = new FaultyFileSystem();
    busy.beforeCall = (call) => {
      if (call !== 'lock' || left === 0) return;
      left -= 1;
      busy.arm('EAGAIN', 0, 'lock');
    };
    root.lock(busy).release();
    expect(left).toBe(0);
  }
});

test.each([
  ['nothing', '', { process: 'unknown' }],
  ['a process alone', '4711', { process: '4711' }],
  ['an address of which a part is missing', 'http://127.0.0.1:80', { process: '4711' }],
  ['an address with another behind it', `${url} ${url}`, { process: '4711' }],
  ['something else', 'file:///etc/passwd', { process: '4711' }],
  ['an address', url, { process: '4711', url }],
])('a file that holds %s', (name, second, want) => {
  using root = new LockedRoot();
  const lock = root.lock();
  const first = `${'4711'.padEnd(15)}\n`;
  const alone = name === 'nothing' || name === 'a process alone';
  writeFileSync(root.path, alone ? second : `${first}${second.padEnd(511)}\n`);
  expect(root.holder()).toEqual(want);
  lock.release();
});

test('an address that has no room, and one that cannot be written, are left out', () => {
  using root = new LockedRoot();
  const faulty = new FaultyFileSystem();
  const lock = root.lock(faulty);
  const before = readFileSync(root.path, 'latin1');
  lock.announce(`http://${'a'.repeat(500)}:8080/`);
  expect(readFileSync(root.path, 'latin1')).toBe(before);
  faulty.arm('EIO', 0, 'pwrite');
  lock.announce(url);
  expect(faulty.failed).toBe('pwrite');
  expect(root.holder()).toEqual({ process: me });
  lock.announce(`http://${'a'.repeat(511 - 'http://:8080/'.length)}:8080/`);
  expect(root.holder()?.url).toHaveLength(511);
  lock.release();
});
