/** Collects what the clients of one page did and saw, in little room, as a history to be judged. */

import { assert } from '../../base/assert.ts';
import type { Edit, History, Mark, Read, Sighting } from './history.ts';
import { PageTree } from './page-tree.ts';

export class Recorder {
  readonly #edits = new Map<Mark, Edit>();
  /** Edits that were refused, three numbers each: the mark, when it began, when it was answered. */
  readonly #refused: number[] = [];
  /** Reads of whole pages, three numbers each: when it began, when it was answered, which page. */
  readonly #reads: number[] = [];
  readonly #tornReads: Read[] = [];
  readonly #pages: PageTree;

  /** @param strayMax for tests; see `PageTree` */
  constructor(strayMax?: number) {
    this.#pages = new PageTree(strayMax);
  }

  /** Keeps a page that somebody saw. */
  sighting(marks: readonly Mark[]): Sighting {
    return this.#pages.sighting(marks);
  }

  /**
   * Begins an edit. Until an answer is told its outcome is unknown.
   *
   * @param builtOn the page that the edit's condition names
   */
  invoke(mark: Mark, invokedMs: number, builtOn?: Sighting): void {
    assert(!this.#edits.has(mark), `two edits with the mark ${mark}`);
    const answer = { kind: 'unknown' } as const;
    this.#edits.set(mark, { mark, invokedMs, answer, ...(builtOn && { builtOn }) });
  }

  /** @param saw the page that the answer carried, if it carried one */
  acknowledge(mark: Mark, atMs: number, saw?: Sighting): void {
    const edit = this.#answered(mark, atMs);
    const answer = { kind: 'acknowledged', atMs, ...(saw && { saw }) } as const;
    this.#edits.set(mark, { ...edit, answer });
  }

  /**
   * What a refused edit was built on says nothing, and where no page shows its mark, neither does
   * the edit: of the many that meet a page that has changed only three numbers are kept.
   */
  refuse(mark: Mark, atMs: number): void {
    const { invokedMs } = this.#answered(mark, atMs);
    this.#edits.delete(mark);
    this.#refused.push(mark, invokedMs, atMs);
  }

  read(invokedMs: number, answeredMs: number, saw: Sighting): void {
    assert(invokedMs <= answeredMs, 'a read that was answered before it began');
    if (saw.kind === 'page') this.#reads.push(invokedMs, answeredMs, saw.page);
    else this.#tornReads.push({ invokedMs, answeredMs, saw });
  }

  /**
   * All that was kept. Refused edits whose marks no page shows are left out.
   *
   * @param final the page after every edit and read had ended; absent: it could not be read
   */
  history(final?: Sighting): History {
    const edits = [...this.#edits.values(), ...this.#refusedAndShown()];
    return {
      pages: this.#pages.steps.slice(),
      edits,
      reads: [...this.#wholeReads(), ...this.#tornReads],
      ...(final && { final }),
    };
  }

  /** The edit with this mark, which has no answer yet. */
  #answered(mark: Mark, atMs: number): Edit {
    const edit = this.#edits.get(mark);
    assert(edit !== undefined, `an answer to the edit ${mark}, which is not under way`);
    assert(edit.answer.kind === 'unknown', `two answers to the edit ${mark}`);
    assert(atMs >= edit.invokedMs, `the edit ${mark} was answered before it began`);
    return edit;
  }

  #refusedAndShown(): Edit[] {
    const shown = new Set(this.#pages.steps.map(({ mark }) => mark));
    const edits: Edit[] = [];
    for (let index = 0; index < this.#refused.length; index += 3) {
      const [mark, invokedMs, atMs] = threeAt(this.#refused, index);
      if (shown.has(mark)) edits.push({ mark, invokedMs, answer: { kind: 'refused', atMs } });
    }
    return edits;
  }

  #wholeReads(): Read[] {
    const reads: Read[] = [];
    for (let index = 0; index < this.#reads.length; index += 3) {
      const [invokedMs, answeredMs, page] = threeAt(this.#reads, index);
      reads.push({ invokedMs, answeredMs, saw: { kind: 'page', page } });
    }
    return reads;
  }
}

function threeAt(numbers: readonly number[], index: number): [number, number, number] {
  return [numbers[index] ?? 0, numbers[index + 1] ?? 0, numbers[index + 2] ?? 0];
}
