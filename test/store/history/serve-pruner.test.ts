/** The history worker's loop on a port of this thread, so that the order of everything is known. */

// It gives the ports of a `MessageChannel` the method `on`.
import 'node:worker_threads';
import { describe, expect, test } from 'bun:test';
import type { CommitToHistory, HistoryToCommit } from '../../../src/model/messages.ts';
import type { PrunerBounds } from '../../../src/store/history/pruner.ts';
import { reportPagesMax, servePruner } from '../../../src/store/history/serve-pruner.ts';
import { until } from '../../dispatch/harness.ts';
import { FaultyFileSystem } from '../faulty-file-system.ts';
import { WaitingClock } from '../waiting-clock.ts';
import { newPruner, TestHistory, version } from './support.ts';

class Loop implements Disposable {
  readonly said: HistoryToCommit[] = [];
  readonly clock = new WaitingClock();
  readonly fileSystem = new FaultyFileSystem();
  isClosed = false;
  readonly #commit = new MessageChannel();
  readonly #pruner;

  constructor(history: TestHistory, bounds: Partial<PrunerBounds>) {
    this.#pruner = newPruner(history, bounds, { fileSystem: this.fileSystem });
    this.#commit.port1.on('message', (message: HistoryToCommit) => this.said.push(message));
    this.#commit.port1.on('close', () => {
      this.isClosed = true;
    });
    servePruner(this.#commit.port2, this.#pruner, this.clock);
  }

  tell(message: CommitToHistory): void {
    this.#commit.port1.postMessage(message);
  }

  add(...versions: readonly string[]): void {
    const files = versions.map(version).flatMap((file) => [file.page, file.revision, file.bytes]);
    this.tell({ kind: 'added', files: Float64Array.from(files) });
  }

  kinds(): string {
    return this.said.map((message) => message.kind).join(' ');
  }

  [Symbol.dispose](): void {
    this.#commit.port1.close();
    this.#commit.port2.close();
    this.#pruner.close();
  }
}

function pages(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${index + 1}/1`);
}

describe('servePruner', () => {
  test('scans, waits until all is settled, removes, and says later what is gone', async () => {
    using history = new TestHistory('1/1', '1/2');
    using loop = new Loop(history, { historyRevisionsMax: 1 });
    await until(() => loop.kinds() === 'scanned');
    history.put('1/3');
    loop.add('1/3');
    loop.tell({ kind: 'settled' });
    await until(() => loop.clock.timers === 1);
    expect(history.files).toEqual(['1/3']);
    expect(loop.kinds()).toBe('scanned');
    loop.clock.goOff();
    await until(() => loop.kinds() === 'scanned pruned');
    expect(loop.said[1]).toEqual({ kind: 'pruned', pages: [{ page: 1, revision: 2 }] });
    expect(loop.clock.timers).toBe(0);
  });

  test('a report has so many pages, and the next one the others', async () => {
    using history = new TestHistory(...pages(reportPagesMax + 1));
    using loop = new Loop(history, { historyRevisionsMax: 0 });
    await until(() => loop.kinds() === 'scanned');
    loop.tell({ kind: 'settled' });
    await until(() => history.files.length === 0);
    for (const kinds of ['scanned pruned', 'scanned pruned pruned']) {
      await until(() => loop.clock.timers === 1);
      loop.clock.goOff();
      await until(() => loop.kinds() === kinds);
    }
    const counts = loop.said.map((message) => message.kind === 'pruned' && message.pages.length);
    expect(counts).toEqual([false, reportPagesMax, 1]);
    expect(loop.clock.timers).toBe(0);
  });

  test('stops between two slices, and says at once what is gone', async () => {
    using history = new TestHistory(...pages(1_500));
    using loop = new Loop(history, { historyRevisionsMax: 0 });
    await until(() => loop.kinds() === 'scanned');
    loop.fileSystem.beforeCall = (call) => {
      if (call === 'unlinkat') loop.fileSystem.beforeCall = () => {};
      else return;
      loop.tell({ kind: 'stop' });
    };
    loop.tell({ kind: 'settled' });
    await until(() => loop.isClosed);
    const left = history.files.length;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(1_500);
    expect(loop.kinds()).toBe('scanned pruned');
    expect(loop.clock.timers).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(history.files.length).toBe(left);
  });

  test('stops in the middle of the scan', async () => {
    using history = new TestHistory(...pages(1_500));
    using loop = new Loop(history, { historyRevisionsMax: 0 });
    loop.tell({ kind: 'stop' });
    await until(() => loop.isClosed);
    expect(loop.kinds()).toBe('');
    expect(loop.fileSystem.calls.filter((call) => call === 'statat').length).toBeLessThan(1_500);
  });

  test('says what it could not remove', async () => {
    using history = new TestHistory('1/1', '2/1');
    using loop = new Loop(history, { historyRevisionsMax: 0 });
    await until(() => loop.kinds() === 'scanned');
    loop.fileSystem.arm('EACCES', 0, 'unlinkat');
    loop.tell({ kind: 'settled' });
    await until(() => loop.kinds() === 'scanned left');
    expect(loop.said[1]).toEqual({ kind: 'left', count: 1, failure: 'unlinkat: EACCES' });
  });
});
