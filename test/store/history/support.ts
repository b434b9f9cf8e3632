/** What the tests of the pruner share: a history on disk, and a pruner that works till it rests. */

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileStatus } from '../../../src/store/file-system.ts';
import { Pruner, type PrunerBounds } from '../../../src/store/history/pruner.ts';
import { FaultyFileSystem } from '../faulty-file-system.ts';
import { temporaryRoot } from '../support.ts';

/** Bounds that nothing here reaches. */
export const wide: PrunerBounds = { historyRevisionsMax: 1_000, historyBytesMax: 1_000_000 };

/** A version as the tables write it: `1/3` is revision 3 of page 1, of 10 bytes; `1/3:20` of 20. */
export function version(text: string) {
  const [page = 0, revision = 0, bytes = 10] = text.split(/[/:]/).map(Number);
  return { page, revision, bytes };
}

/** Revisions of a page, each of 10 bytes. */
export function versions(page: number, from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `${page}/${from + index}`);
}

export class TestHistory implements Disposable {
  readonly root = temporaryRoot();
  readonly path = join(this.root, '.inkwire/history');

  constructor(...versions: readonly string[]) {
    mkdirSync(this.path, { recursive: true });
    for (const text of versions) this.put(text);
  }

  /** Writes a version's file; what it holds tells it from every other. */
  put(text: string): void {
    const { page, revision, bytes } = version(text);
    const path = join(this.path, `${page}/${revision}`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'x'.repeat(bytes));
  }

  /** The files that are there, page by page, by revision; links and folders too. */
  get files(): string[] {
    const byNumber = (a: string, b: string): number => Number(a) - Number(b);
    return readdirSync(this.path)
      .toSorted(byNumber)
      .flatMap((page) => {
        const names = readdirSync(join(this.path, page)).toSorted(byNumber);
        return names.map((name) => `${page}/${name}`);
      });
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A file system in which each version came at the place that the test says. */
export class DatedFileSystem extends FaultyFileSystem {
  /** Names of versions, the one that came first before all others. */
  order: readonly string[] = [];

  override statat(folder: number, name: string): FileStatus {
    const status = super.statat(folder, name);
    const place = this.order.indexOf(name);
    if (place === -1) return status;
    return { ...status, identity: { ...status.identity, changedNs: BigInt(place + 1) * 1_000n } };
  }
}

export interface PrunerSetting {
  readonly fileSystem?: FaultyFileSystem;
  readonly filesMax?: number;
}

/** A pruner that has not begun to scan. */
export function newPruner(
  history: TestHistory,
  bounds: Partial<PrunerBounds>,
  { fileSystem = new FaultyFileSystem(), filesMax }: PrunerSetting = {},
): Pruner {
  const place = { root: history.root, fileSystem };
  return new Pruner(place, { ...wide, ...bounds }, filesMax);
}

/** Works until the scan is over. */
export function scan(pruner: Pruner): void {
  while (pruner.work() !== 'scanned');
}

/** A pruner that may remove what it has found, and has not begun to. */
export function readyPruner(...setting: Parameters<typeof newPruner>): Pruner {
  const pruner = newPruner(...setting);
  scan(pruner);
  pruner.settled();
  return pruner;
}

/** Works until there is nothing left to do. */
export function rest(pruner: Pruner): void {
  for (let slices = 0; pruner.hasWork; slices += 1) {
    if (slices > 10_000) throw new Error('the pruner never rests');
    pruner.work();
  }
}

/** Puts versions into the history, and says so. */
export function add(pruner: Pruner, history: TestHistory, ...versions: readonly string[]): void {
  for (const text of versions) {
    history.put(text);
    pruner.add(version(text));
  }
}

/** Pages and up to which revision their files are gone, as the pruner tells it. */
export function goneOf(pruner: Pruner, pagesMax = 1_000): string[] {
  const places = pruner.takeGone(pagesMax).map(({ page, revision }) => `${page}/${revision}`);
  return places.toSorted();
}
