/** The pages that somebody saw of one page's past, each as one mark behind another: a tree. */

import type { Mark, PageNumber, PageStep, Sighting } from './history.ts';

/**
 * The most steps kept that no page of a right server could need: those away from the way that the
 * first pages took. Each takes some 100 bytes. A server that mixes up its pages without end fills
 * this, and not the memory; by then its verdict has long been sealed.
 */
export const strayStepsMax = 250_000;

const tooMany = 'it differs from the pages seen before, and too many such were kept already';

export class PageTree {
  readonly #steps: PageStep[] = [];
  /** For each page, the first page that was seen to follow it; 0: none yet. */
  readonly #next: PageNumber[] = [0];
  /** The further ones of the few pages that have several. */
  readonly #branches = new Map<PageNumber, Map<Mark, PageNumber>>();
  readonly #strays = new Set<PageNumber>();

  /** @param strayMax see {@link strayStepsMax} */
  constructor(readonly strayMax = strayStepsMax) {}

  /** What page n is, at n - 1. */
  get steps(): readonly PageStep[] {
    return this.#steps;
  }

  /**
   * Keeps a page that somebody saw. It costs one comparison for each mark, and room only for marks
   * that no page had in this place.
   */
  sighting(marks: readonly Mark[]): Sighting {
    let page: PageNumber = 0;
    for (const [depth, mark] of marks.entries()) {
      const next = this.#follow(page, mark);
      if (next === undefined) return this.#grow(page, marks.slice(depth));
      page = next;
    }
    return { kind: 'page', page };
  }

  /** The page that was seen to hold `mark` behind `page`. */
  #follow(page: PageNumber, mark: Mark): PageNumber | undefined {
    const next = this.#next[page] ?? 0;
    if (next === 0) return undefined;
    if (this.#steps[next - 1]?.mark === mark) return next;
    return this.#branches.get(page)?.get(mark);
  }

  #grow(from: PageNumber, marks: readonly Mark[]): Sighting {
    const strays = this.#strays.has(from) || this.#next[from] !== 0;
    if (strays && this.#strays.size + marks.length > this.strayMax) {
      return { kind: 'torn', why: tooMany };
    }
    let after = from;
    for (const mark of marks) {
      const page = this.#steps.push({ after, mark });
      this.#link(after, mark, page);
      if (strays) this.#strays.add(page);
      after = page;
    }
    return { kind: 'page', page: after };
  }

  #link(after: PageNumber, mark: Mark, page: PageNumber): void {
    this.#next[page] = 0;
    if (this.#next[after] === 0) {
      this.#next[after] = page;
      return;
    }
    const branches = this.#branches.get(after) ?? new Map<Mark, PageNumber>();
    branches.set(mark, page);
    this.#branches.set(after, branches);
  }
}
