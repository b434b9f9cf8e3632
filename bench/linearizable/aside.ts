/** What operations that are set aside may still do to a page: at any time, and again and again. */

import type { Mark, PageNumber } from '../../src/load/history/history.ts';
import { missing, type Operation } from './page-history.ts';
import { type State, unseen } from './page-model.ts';
import type { Versions } from './versions.ts';

export class Aside {
  readonly #versions: Versions;
  readonly #inserted = new Set<Mark>();
  readonly #replaced = new Set<Mark>();
  #removes = false;

  constructor(operations: readonly Operation[], versions: Versions) {
    this.#versions = versions;
    for (const { request } of operations) {
      if (request.kind === 'insert') this.#inserted.add(request.mark);
      if (request.kind === 'replace') this.#replaced.add(request.mark);
      if (request.kind === 'remove') this.#removes = true;
    }
  }

  /**
   * What the page may become without any operation that counts.
   *
   * @param isWanted whether an operation can still be done on that version, or one that it can
   *   become, and on no other; any other version is no better than one that nobody sees
   */
  statesAfter(state: State, isWanted: (page: PageNumber) => boolean): State[] {
    const states: State[] = [];
    const exists = state !== missing;
    if (this.#replaced.size > 0 || (exists && this.#inserted.size > 0)) states.push(unseen);
    if (exists && this.#removes) states.push(missing);
    if (exists && state !== unseen) this.#add(states, state, this.#inserted, isWanted);
    if (this.#replaced.size > 0) this.#add(states, missing, this.#replaced, isWanted);
    return states;
  }

  #add(
    states: State[],
    page: PageNumber,
    marks: ReadonlySet<Mark>,
    isWanted: (page: PageNumber) => boolean,
  ): void {
    for (const next of this.#versions.children[page] ?? []) {
      const mark = this.#versions.markOf(next);
      if (mark !== undefined && marks.has(mark) && isWanted(next)) states.push(next);
    }
  }
}
