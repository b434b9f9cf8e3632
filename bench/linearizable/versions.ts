/** The pages of a history as a tree: which may become which, by one insert after the other. */

import type { Mark, PageNumber, PageStep } from '../../src/load/history/history.ts';
import { missing } from './page-history.ts';

export class Versions {
  /** For each page, those with one mark more. */
  readonly children: readonly (readonly PageNumber[])[];
  readonly #next: readonly ReadonlyMap<Mark, PageNumber>[];
  /** In a walk through the tree: when a page is come to, and when all behind it are done with. */
  readonly #enter: Int32Array;
  readonly #leave: Int32Array;

  constructor(readonly steps: readonly PageStep[]) {
    const children: PageNumber[][] = Array.from({ length: this.count }, () => []);
    const next = children.map(() => new Map<Mark, PageNumber>());
    for (const [index, { after, mark }] of steps.entries()) {
      children[after]?.push(index + 1);
      next[after]?.set(mark, index + 1);
    }
    this.children = children;
    this.#next = next;
    this.#enter = new Int32Array(this.count);
    this.#leave = new Int32Array(this.count);
    this.#walk();
  }

  /** Pages have the numbers from 0 to one less. */
  get count(): number {
    return this.steps.length + 1;
  }

  /** The page that `page` becomes by an insert, or `missing` by a replacement. */
  takeNext(page: PageNumber, mark: Mark): PageNumber | undefined {
    return this.#next[page]?.get(mark);
  }

  /** What `page` was before its last insert; `missing` where a replacement made it. */
  before(page: PageNumber): PageNumber {
    return this.steps[page - 1]?.after ?? missing;
  }

  markOf(page: PageNumber): Mark | undefined {
    return this.steps[page - 1]?.mark;
  }

  /** The marks of a page, oldest first. */
  marksOf(page: PageNumber): Mark[] {
    const marks: Mark[] = [];
    for (let at = this.steps[page - 1]; at !== undefined; at = this.steps[at.after - 1]) {
      marks.push(at.mark);
    }
    return marks.reverse();
  }

  /** Whether `page` is `ancestor`, or becomes so by inserts into it. */
  isBelow(page: PageNumber, ancestor: PageNumber): boolean {
    const entered = this.#enter[page] ?? 0;
    return entered >= (this.#enter[ancestor] ?? 0) && entered <= (this.#leave[ancestor] ?? 0);
  }

  #walk(): void {
    // Pages come after those that they grew from, so sizes add up from the last one on.
    const sizes = new Int32Array(this.count).fill(1);
    for (let page = this.count - 1; page > 0; page -= 1) {
      const before = this.before(page);
      sizes[before] = (sizes[before] ?? 0) + (sizes[page] ?? 0);
    }
    for (let page = 0; page < this.count; page += 1) {
      const entered = this.#enter[page] ?? 0;
      let free = entered + 1;
      for (const child of this.children[page] ?? []) {
        this.#enter[child] = free;
        free += sizes[child] ?? 0;
      }
      this.#leave[page] = free - 1;
    }
  }
}
