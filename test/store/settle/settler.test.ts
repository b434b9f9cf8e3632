/** The settle worker: its loop on a port of this thread, the real thread, and broken ones. */

// It gives the ports of a `MessageChannel` the method `on`.
import 'node:worker_threads';
import { describe, expect, test } from 'bun:test';
import { statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startThread } from '../../../src/base/thread.ts';
import type { SettlerToCommit } from '../../../src/model/messages.ts';
import { serveSettler } from '../../../src/store/settle/serve-settler.ts';
import { type Settler, startSettler } from '../../../src/store/settle/settler-link.ts';
import { openBelow, until } from '../../dispatch/harness.ts';
import { TestRoot } from '../../support/root.ts';
import { FaultyFileSystem } from '../faulty-file-system.ts';
import { create, done, TestLedger } from '../ledger/support.ts';

const at = (path: string) => pathToFileURL(join(import.meta.dir, path));
const entry = at('../../../workers/settle-worker.ts');

/** A thread and everything that is heard of it. */
class Hearing implements AsyncDisposable {
  readonly heard: string[] = [];
  readonly settler: Settler;

  constructor(root: string, url = entry) {
    const owner = {
      settled: () => this.heard.push('settled'),
      failed: (detail: string) => this.heard.push(detail.split('\n')[0] ?? ''),
    };
    this.settler = startSettler(url, { store: { root } }, owner);
  }

  /** Asks, and waits for the answer. */
  async settle(): Promise<void> {
    const before = this.heard.length;
    this.settler.settle();
    await until(() => this.heard.length > before);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.settler.close();
    await this.settler.exited;
  }
}

describe('the settle worker', () => {
  test('says each time that it is settled, ends when it is closed, and leaves nothing open', async () => {
    using root = new TestRoot();
    await using hearing = new Hearing(root.path);
    await hearing.settle();
    expect(openBelow(root.path) ?? [root.path]).toEqual([root.path]);
    await hearing.settle();
    expect(hearing.heard).toEqual(['settled', 'settled']);
    hearing.settler.close();
    hearing.settler.close();
    await hearing.settler.exited;
    expect(openBelow(root.path) ?? []).toEqual([]);
    // Nobody is there to be asked.
    hearing.settler.settle();
    expect(hearing.heard.length).toBe(2);
  });

  test('is asked for one settling at a time', async () => {
    using root = new TestRoot();
    await using hearing = new Hearing(root.path);
    hearing.settler.settle();
    expect(() => hearing.settler.settle()).toThrow('one settling at a time');
  });

  test('brings the log into the ledger behind each sync', async () => {
    using root = new TestRoot();
    using ledger = new TestLedger(root.path);
    const store = join(root.path, '.inkwire');
    symlinkSync(ledger.folder, store);
    done(ledger.open({ logPagesMax: 100_000 }), create('page', 1));
    const before = statSync(ledger.path).size;
    await using hearing = new Hearing(root.path);
    await hearing.settle();
    await until(() => statSync(ledger.path).size > before);
  });

  test('closed while it settles, it is heard no more', async () => {
    using root = new TestRoot();
    await using hearing = new Hearing(root.path);
    hearing.settler.settle();
    hearing.settler.close();
    await hearing.settler.exited;
    expect(hearing.heard).toEqual([]);
  });

  for (const { end, want } of [
    { end: 'close', want: ['settled', 'exit'] },
    { end: 'throw', want: ['settled', 'Error: the parent fails', 'exit'] },
    { end: 'terminate', want: ['settled', 'exit'] },
  ] as const) {
    test(`of another thread than main ends with it: ${end}`, async () => {
      using root = new TestRoot();
      const heard: unknown[] = [];
      const data = { store: { root: root.path } };
      const parent = at('faults/parent-entry.ts');
      const thread = startThread<string, unknown>(parent, 'parent', data, [], {
        message: (message) => heard.push(message),
        error: (text) => heard.push(text.split('\n')[0]),
        exit: () => heard.push('exit'),
      });
      await until(() => heard.length === 1);
      if (end === 'terminate') thread.terminate();
      else thread.post(end);
      await thread.exited;
      expect(heard).toEqual([...want]);
    });
  }
});

test('a thread that dies of a bug leaves nothing open', async () => {
  using root = new TestRoot();
  const heard: unknown[] = [];
  const thread = startThread<unknown, SettlerToCommit>(
    entry,
    'settle',
    { store: { root: root.path } },
    [],
    {
      message: ({ kind }) => heard.push(kind),
      error: (text) => heard.push(text.split(':')[0]),
      exit: () => heard.push('exit'),
    },
  );
  thread.post({ kind: 'settle' });
  thread.post({ kind: 'a message that is none' });
  await thread.exited;
  expect(heard).toEqual(['settled', 'AssertionFailed', 'exit']);
  expect(openBelow(root.path) ?? []).toEqual([]);
});

describe('what fails is told once', () => {
  const lost = 'the thread for it was lost: ';
  for (const { name, root, url, want } of [
    {
      name: 'a sync',
      url: at('faults/failing-entry.ts'),
      want: ['settled', 'syncfs: EIO'],
    },
    { name: 'a thread that throws', url: at('faults/throwing-entry.ts'), want: [lost] },
    {
      name: 'an entry point that throws',
      url: at('../../dispatch/faults/broken-entry.ts'),
      want: [lost],
    },
    { name: 'a root that is gone', root: '/proc/no such folder', url: entry, want: [lost] },
  ] as const) {
    test(name, async () => {
      using folder = new TestRoot();
      await using hearing = new Hearing(root ?? folder.path, url);
      for (const _ of want) await hearing.settle();
      // It ends by itself.
      await hearing.settler.exited;
      hearing.settler.settle();
      hearing.settler.close();
      expect(hearing.heard.length).toBe(want.length);
      for (const [index, text] of want.entries()) expect(hearing.heard[index]).toStartWith(text);
    });
  }
});

describe('its loop', () => {
  class ClosesCounted extends FaultyFileSystem {
    closes = 0;

    override close(descriptor: number): void {
      this.closes += 1;
      super.close(descriptor);
    }
  }

  class Loop implements Disposable {
    readonly root = new TestRoot();
    readonly fileSystem = new ClosesCounted();
    readonly said: SettlerToCommit[] = [];
    isClosed = false;
    readonly commit = new MessageChannel();
    readonly close: () => void;

    constructor() {
      this.commit.port1.on('message', (message: SettlerToCommit) => this.said.push(message));
      this.commit.port1.on('close', () => {
        this.isClosed = true;
      });
      this.close = serveSettler(this.commit.port2, this.root.path, this.fileSystem);
    }

    [Symbol.dispose](): void {
      this.commit.port1.close();
      this.root[Symbol.dispose]();
    }
  }

  test('syncs the file system once for each message, on a folder that stays open', async () => {
    using loop = new Loop();
    loop.commit.port1.postMessage({ kind: 'settle' });
    loop.commit.port1.postMessage({ kind: 'settle' });
    await until(() => loop.said.length === 2);
    expect(loop.said).toEqual([{ kind: 'settled' }, { kind: 'settled' }]);
    expect(loop.fileSystem.calls).toEqual(['open', 'syncfs', 'syncfs']);
    expect(loop.fileSystem.openCount).toBe(1);
  });

  test('says that a sync failed, and why', async () => {
    using loop = new Loop();
    loop.fileSystem.arm('EIO', 0, 'syncfs');
    loop.commit.port1.postMessage({ kind: 'settle' });
    await until(() => loop.said.length === 1);
    expect(loop.said).toEqual([{ kind: 'settling-failed', detail: 'syncfs: EIO' }]);
  });

  test('closes once what it has open, and does nothing behind a stop', async () => {
    using loop = new Loop();
    loop.commit.port1.postMessage({ kind: 'stop' });
    loop.commit.port1.postMessage({ kind: 'settle' });
    await until(() => loop.isClosed);
    loop.close();
    expect(loop.said).toEqual([]);
    expect(loop.fileSystem.calls).toEqual(['open', 'close']);
    expect(loop.fileSystem.openCount).toBe(0);
    // A second time it would close whatever has its number by then.
    expect(loop.fileSystem.closes).toBe(1);
  });
});
