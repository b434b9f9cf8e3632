/** Holds every page that was seen against the order: its marks, and how they follow each other. */

import { assert } from '../../base/assert.ts';
import type { FaultLog } from './faults.ts';
import type { Edit, Mark, PageNumber, PageStep } from './history.ts';
import { capital, doneByMs, type Look, nameOf } from './looks.ts';
import { type EditsByMark, type Order, titleOf } from './order.ts';

/** Where a page left the order, and all that grew from it too: one fault, however many pages. */
interface Fork {
  readonly page: PageNumber;
  /** The edit that stands here. */
  readonly came: Edit;
  /** The edit that stands here in the order. */
  readonly due: Edit;
  /** Whether `due` follows later in one of the pages. */
  inverted: boolean;
  told: boolean;
}

/** In linear time. Pages that nobody saw, like the basis of an edit never done, are left out. */
export class PageJudge {
  /**
   * For each page: how many edits of the order it has, when it has the first so many and no other.
   * Marks that are told of by themselves (lost, phantom, doubled) are passed over, so that one of
   * them does not spoil every page that has it. -1: the page leaves the order, and that is told.
   */
  readonly lengths: Int32Array;
  /** Edits that were told to stand out of order: their times say nothing more. */
  readonly blamed = new Set<Mark>();
  /** When each mark had been seen; infinite where nobody knows. Absent: nobody saw it. */
  readonly seenByMs = new Map<Mark, number>();
  readonly #forks = new Map<PageNumber, Fork>();
  readonly #doubled = new Set<Mark>();
  /** When each page had been seen; NaN: never. */
  readonly #pageSeenByMs: Float64Array;

  constructor(
    readonly pages: readonly PageStep[],
    readonly sent: EditsByMark,
    readonly order: Order,
    readonly looks: readonly Look[],
    readonly log: FaultLog,
  ) {
    this.lengths = new Int32Array(pages.length + 1);
    this.#pageSeenByMs = whenSeen(pages, looks, order.page);
    for (const [index, step] of pages.entries()) this.#place(index + 1, step);
    this.#tellOldPages();
    for (const [page, fork] of this.#forks) if (page === fork.page) this.#tell(fork);
  }

  #place(page: PageNumber, { after, mark }: PageStep): void {
    const length = this.lengths[after] ?? 0;
    this.lengths[page] = length;
    const byMs = this.#pageSeenByMs[page] ?? Number.NaN;
    if (Number.isNaN(byMs)) return;
    this.#see(mark, page);
    const position = this.order.positions.get(mark);
    const fork = this.#forks.get(after);
    if (fork !== undefined) {
      this.#forks.set(page, fork);
      if (fork.due.mark === mark) fork.inverted = true;
    } else if (position === length + 1) {
      this.lengths[page] = position;
    } else if (position !== undefined && position <= length) {
      this.#tellDoubled(mark, page);
    } else if (position !== undefined) {
      const came = this.order.edits[position - 1];
      const due = this.order.edits[length];
      assert(came !== undefined && due !== undefined, 'a position outside of the order');
      this.lengths[page] = -1;
      this.#forks.set(page, { page, came, due, inverted: false, told: false });
    }
  }

  #see(mark: Mark, page: PageNumber): void {
    const byMs = this.#pageSeenByMs[page] ?? Number.NaN;
    const known = this.seenByMs.get(mark);
    this.seenByMs.set(mark, Math.min(known ?? byMs, byMs));
    if (known !== undefined) return;
    const edit = this.sent.get(mark);
    const { log } = this;
    if (edit === undefined) {
      const tell = () => `Mark ${mark} stands in ${this.#nameOf(page)}, and nobody had sent it.`;
      log.add('phantom', [mark], tell);
    } else if (edit.answer.kind === 'refused') {
      const { atMs } = edit.answer;
      const tell = () =>
        `Edit ${mark} was refused at ${log.at(atMs)}, and stands in ${this.#nameOf(page)}.`;
      log.add('phantom', [mark], tell);
    }
  }

  #tellDoubled(mark: Mark, page: PageNumber): void {
    if (this.#doubled.has(mark)) return;
    this.#doubled.add(mark);
    this.log.add('doubled', [mark], () => `Edit ${mark} stands twice in ${this.#nameOf(page)}.`);
  }

  /** Looks at pages that lack an edit which others have before them, and which was done before. */
  #tellOldPages(): void {
    for (const look of this.looks) {
      const fork = this.#forks.get(look.page);
      if (fork === undefined || fork.inverted || look.by.kind === 'basis') continue;
      if (this.#seenTooEarly(fork)) continue;
      const { came, due } = fork;
      const byMs = Math.min(doneByMs(due), this.seenByMs.get(due.mark) ?? Number.POSITIVE_INFINITY);
      if (look.beganMs <= byMs) continue;
      fork.told = true;
      this.log.add('stale', [due.mark, came.mark], () => {
        const rest = `edit ${due.mark}, done by ${this.log.at(byMs)}, though it has edit ${came.mark}`;
        return `${capital(nameOf(look, this.log))} does not have ${rest}, which stands behind.`;
      });
    }
  }

  #tell({ page, came, due, told }: Fork): void {
    if (told) return;
    const byMs = this.#pageSeenByMs[page] ?? Number.NaN;
    this.blamed.add(came.mark);
    if (byMs < came.invokedMs) {
      const began = this.log.at(came.invokedMs);
      const tell = () => `Edit ${came.mark} stood in ${this.#nameOf(page)}, and began at ${began}.`;
      this.log.add('phantom', [came.mark], tell);
      return;
    }
    this.blamed.add(due.mark);
    this.log.add('reordered', [came.mark, due.mark], () => {
      const title = titleOf(this.order);
      const where = this.#nameOf(page);
      return `Edit ${came.mark} came before edit ${due.mark} in ${where}, and behind it in ${title}.`;
    });
  }

  #seenTooEarly({ page, came }: Fork): boolean {
    return (this.#pageSeenByMs[page] ?? Number.NaN) < came.invokedMs;
  }

  #nameOf(page: PageNumber): string {
    const byMs = this.#pageSeenByMs[page] ?? Number.NaN;
    if (byMs !== Number.POSITIVE_INFINITY) return `a page seen by ${this.log.at(byMs)}`;
    let at = this.order.page;
    while (at > page) at = this.pages[at - 1]?.after ?? 0;
    return at === page ? titleOf(this.order) : 'the page that an edit of unknown outcome replaced';
  }
}

/**
 * For each page, when somebody had seen it or one that grew from it; infinite where nobody knows
 * when, and NaN where nobody saw it.
 */
function whenSeen(
  pages: readonly PageStep[],
  looks: readonly Look[],
  standing: PageNumber,
): Float64Array {
  const byMs = new Float64Array(pages.length + 1).fill(Number.NaN);
  const see = (page: PageNumber, ms: number) => {
    const known = byMs[page] ?? Number.NaN;
    byMs[page] = Number.isNaN(known) ? ms : Math.min(known, ms);
  };
  see(standing, Number.POSITIVE_INFINITY);
  for (const { page, endedMs } of looks) see(page, endedMs);
  for (let page = pages.length; page >= 1; page -= 1) {
    const after = pages[page - 1]?.after ?? 0;
    const ms = byMs[page] ?? Number.NaN;
    assert(after < page, 'a page that follows a later one');
    if (!Number.isNaN(ms)) see(after, ms);
  }
  return byMs;
}
