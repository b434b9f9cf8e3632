/** The pruner against a naive model: random versions come, vanish and cannot be removed. */

import { expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryFile } from '../../../src/store/history/kept-files.ts';
import type { Pruner, PrunerBounds } from '../../../src/store/history/pruner.ts';
import { Seeded, seedOfRun } from '../seeded.ts';
import { DatedFileSystem, newPruner, readyPruner, rest, scan, TestHistory } from './support.ts';

const runs = 80;
const stepsARun = 60;

interface Bounds extends PrunerBounds {
  readonly filesMax: number;
}

/** A list in the order in which files came, searched from its front for everything. */
class NaiveModel {
  files: HistoryFile[] = [];
  readonly gone = new Map<number, number>();
  /** What somebody has removed by hand: it is known for a while, and then not told. */
  readonly vanished = new Set<string>();

  constructor(readonly bounds: Bounds) {}

  add(file: HistoryFile): void {
    const isSame = (other: HistoryFile): boolean =>
      other.page === file.page && other.revision === file.revision;
    if (!this.files.some(isSame)) this.files.push(file);
  }

  prune(): void {
    const { historyRevisionsMax, historyBytesMax, filesMax } = this.bounds;
    const ofPage = historyBytesMax === 0 ? 0 : historyRevisionsMax;
    for (const page of new Set(this.files.map((file) => file.page))) {
      while (this.#of(page).length > ofPage) this.#removeOldestOf(page);
    }
    for (;;) {
      const bytes = this.files.reduce((sum, file) => sum + file.bytes, 0);
      const [first] = this.files;
      if (first === undefined || (bytes <= historyBytesMax && this.files.length <= filesMax))
        return;
      this.#removeOldestOf(first.page);
    }
  }

  names(): string[] {
    const sorted = this.files.toSorted((a, b) => a.page - b.page || a.revision - b.revision);
    return sorted.map(({ page, revision }) => `${page}/${revision}`);
  }

  #of(page: number): HistoryFile[] {
    return this.files.filter((file) => file.page === page);
  }

  #removeOldestOf(page: number): void {
    const revision = Math.min(...this.#of(page).map((file) => file.revision));
    this.files = this.files.filter((file) => file.page !== page || file.revision !== revision);
    if (this.vanished.has(`${page}/${revision}`)) return;
    this.gone.set(page, Math.max(revision, this.gone.get(page) ?? 0));
  }
}

/** One history, its model, and a hand that changes both. */
class Run implements Disposable {
  readonly history = new TestHistory();
  readonly model: NaiveModel;
  readonly told = new Map<number, number>();
  readonly #random: Seeded;
  readonly #bounds: Bounds;
  readonly #lastRevisions = new Map<number, number>();
  /** Revisions that were given a number and come later, out of order. */
  readonly #late: HistoryFile[] = [];
  pruner: Pruner;

  constructor(random: Seeded) {
    this.#random = random;
    this.#bounds = {
      historyRevisionsMax: random.pick([0, 1, 2, 5, 100]),
      historyBytesMax: random.pick([0, 1, 100, 300, 100_000]),
      // Half of what a run has: beyond twice as many the pruner would leave some.
      filesMax: random.pick([50, 60, 100]),
    };
    this.model = new NaiveModel(this.#bounds);
    const fileSystem = new DatedFileSystem();
    const found = Array.from({ length: random.below(20) }, () => this.#nextFile());
    fileSystem.order = found.map(({ page, revision }) => `${page}/${revision}`);
    for (const file of found) {
      this.#write(file);
      this.model.add(file);
    }
    const limit = { fileSystem, filesMax: this.#bounds.filesMax };
    this.pruner = newPruner(this.history, this.#bounds, limit);
    for (let count = random.below(10); count > 0; count -= 1) this.come();
    scan(this.pruner);
    this.pruner.settled();
  }

  /** A file comes: a new one, one that is late, or one that came before. */
  come(): void {
    const kind = this.#random.below(10);
    const again = kind === 0 ? this.model.files.at(-1) : undefined;
    const late = kind === 1 ? this.#late.pop() : undefined;
    if (kind === 2 && this.#late.length < 3) this.#late.push(this.#nextFile());
    const file = again ?? late ?? this.#nextFile();
    this.#write(file);
    this.pruner.add(file);
    this.model.add(file);
  }

  /** Somebody removes a file by hand. */
  vanish(): void {
    const names = this.history.files;
    if (names.length === 0) return;
    const name = this.#random.pick(names);
    rmSync(join(this.history.path, name));
    this.model.vanished.add(name);
  }

  prune(): void {
    rest(this.pruner);
    this.model.prune();
  }

  /** Takes what the pruner has to tell: a late revision may be told after a newer one. */
  hear(): void {
    for (const { page, revision } of this.pruner.takeGone(1_000)) {
      this.told.set(page, Math.max(revision, this.told.get(page) ?? 0));
    }
  }

  /** What must be there by the model. */
  expected(): string[] {
    return this.model.names().filter((name) => !this.model.vanished.has(name));
  }

  /** Ends and starts again: what was there is found, with times that tell nothing new. */
  restart(): void {
    this.pruner.close();
    const isThere = new Set(this.history.files);
    const isKept = ({ page, revision }: HistoryFile): boolean => isThere.has(`${page}/${revision}`);
    this.model.files = this.model.files.filter(isKept);
    this.#orderAsFound();
    const fileSystem = new DatedFileSystem();
    fileSystem.order = this.model.files.map(({ page, revision }) => `${page}/${revision}`);
    const limit = { fileSystem, filesMax: this.#bounds.filesMax };
    this.pruner = readyPruner(this.history, this.#bounds, limit);
  }

  [Symbol.dispose](): void {
    this.pruner.close();
    this.history[Symbol.dispose]();
  }

  /** A page's revisions are found one after the other, each at the latest place of those before. */
  #orderAsFound(): void {
    const places = new Map(this.model.files.map((file, place) => [file, place]));
    const latest = new Map<HistoryFile, number>();
    for (const file of this.model.files) {
      const before = this.model.files.filter(
        ({ page, revision }) => page === file.page && revision <= file.revision,
      );
      latest.set(file, Math.max(...before.map((other) => places.get(other) ?? 0)));
    }
    const place = (file: HistoryFile): number => latest.get(file) ?? 0;
    this.model.files.sort((a, b) => place(a) - place(b) || a.revision - b.revision);
  }

  #nextFile(): HistoryFile {
    const page = 1 + this.#random.below(5);
    const revision = (this.#lastRevisions.get(page) ?? 0) + 1 + this.#random.below(3);
    this.#lastRevisions.set(page, revision);
    return { page, revision, bytes: this.#random.below(40) };
  }

  #write({ page, revision, bytes }: HistoryFile): void {
    this.model.vanished.delete(`${page}/${revision}`);
    this.history.put(`${page}/${revision}:${bytes}`);
  }
}

test('keeps what a naive model keeps, and tells what that removes', () => {
  const seed = seedOfRun();
  console.info(`pruner property: seed ${seed}`);
  for (let run = 0; run < runs; run += 1) {
    const random = new Seeded(seed + run);
    using one = new Run(random);
    for (let step = 0; step < stepsARun; step += 1) {
      const kind = random.below(12);
      if (kind === 0) one.prune();
      else if (kind === 1) one.vanish();
      else if (kind === 2 && random.below(4) === 0) {
        one.prune();
        one.hear();
        one.restart();
      } else one.come();
    }
    one.prune();
    one.hear();
    expect(one.history.files, `run ${run} of seed ${seed}`).toEqual(one.expected());
    expect([...one.told].toSorted(), `run ${run} of seed ${seed}`).toEqual(
      [...one.model.gone].toSorted(),
    );
  }
});
