/**
 * Judges whether the order of the edits, and what was seen of it, fits the times.
 *
 * Let the order be w1, w2, …. Edit wp was done at some moment tp, and t1 ≤ t2 ≤ …: moments may be
 * equal, for edits that touch in time are concurrent, and then either may come first. An edit gives
 * its tp a lower bound, when it began, and an upper one, when it was acknowledged. A look at the
 * first k edits, taken at a moment from a to b, was after tk and before t(k+1): so tk ≤ b and
 * a ≤ t(k+1). There are such moments exactly when no lower bound at a place q is above an upper
 * bound at a place p ≥ q: then tp = the greatest lower bound at the places up to p will do. That
 * gives four faults: an edit's bound or a look's, against an edit's or a look's.
 *
 * The page in the answer to wp was taken after tp, so it has k ≥ p. Its lower bound adds nothing:
 * t(k+1) ≥ tp, which is not before the edit began. The page that a conditional edit wp replaced is
 * the one just before: k = p − 1, and neither of its bounds adds anything.
 */

import type { FaultLog } from './faults.ts';
import type { Edit, Mark } from './history.ts';
import { capital, doneByMs, type Look, nameOf } from './looks.ts';

const { POSITIVE_INFINITY: never, NEGATIVE_INFINITY: always } = Number;

/** In linear time. What is told of leaves its bounds, so that it brings no further faults. */
export class TimeJudge {
  /** For each place: when its edit began; `always` where that says nothing. */
  readonly #begun: Float64Array;
  /** For each place: by when its edit was done; `never` where nobody knows. */
  readonly #done: Float64Array;
  readonly #positions = new Map<Mark, number>();

  /**
   * @param edits in their order
   * @param lengths for each page how many of them it has, −1 for pages that are told of already
   * @param blamed edits that are told to be out of order already
   */
  constructor(
    readonly edits: readonly Edit[],
    readonly looks: readonly Look[],
    readonly lengths: Int32Array,
    readonly blamed: ReadonlySet<Mark>,
    readonly log: FaultLog,
  ) {
    this.#begun = new Float64Array(edits.length + 2).fill(always);
    this.#done = new Float64Array(edits.length + 2).fill(never);
    for (const [index, edit] of edits.entries()) {
      this.#positions.set(edit.mark, index + 1);
      if (blamed.has(edit.mark)) continue;
      this.#begun[index + 1] = edit.invokedMs;
      this.#done[index + 1] = doneByMs(edit);
    }
    this.#judgeOwnPages();
    this.#judgeEdits();
    const trusted = this.#judgeEarlyLooks();
    this.#judgeLateLooks(trusted);
  }

  /** Pages that belong to an edit: the one it replaced, and the one in its answer. */
  #judgeOwnPages(): void {
    for (const look of this.looks) {
      const length = this.#lengthOf(look);
      if (look.by.kind === 'read' || length < 0) continue;
      const { mark } = look.by.edit;
      const position = this.#positions.get(mark);
      if (position === undefined) continue;
      if (look.by.kind === 'answer' && length < position) {
        const tell = () => `${capital(nameOf(look, this.log))} does not have that edit.`;
        this.log.add('stale', [mark], tell);
      }
      const misplaced = look.by.kind === 'basis' && length !== position - 1;
      if (misplaced && !this.blamed.has(mark)) this.#tellMisplaced(position, mark, length);
    }
  }

  /** @param length how many edits the page had that the edit at `position` replaced */
  #tellMisplaced(position: number, mark: Mark, length: number): void {
    this.#begun[position] = always;
    this.#done[position] = never;
    const others = Math.abs(length - (position - 1)) - 1;
    const first = this.edits[Math.min(length, position - 1)]?.mark ?? mark;
    const them = `edit ${first}${others > 0 ? ` and ${others} more` : ''}`;
    const [which, where] = length < position ? ['without', 'behind'] : ['with', 'before'];
    this.log.add('reordered', [mark, first], () => {
      const stands = `stands ${where} ${others > 0 ? 'them' : 'it'}`;
      return `Edit ${mark} replaced a page ${which} ${them}, and yet ${stands}.`;
    });
  }

  /** An edit that began after another was done, and stands before it. */
  #judgeEdits(): void {
    const begun = this.#begun;
    const done = this.#done;
    const latest = latestUpTo(begun);
    const earliest = earliestFrom(done);
    const sooner = (place: number) => at(earliest, place + 1);
    const later = (place: number) => at(latest, place - 1);
    const places = this.edits.map((_, index) => index + 1);
    const ahead = places.filter((place) => at(begun, place) > at(done, sooner(place)));
    const behind = places.filter((place) => at(done, place) < at(begun, later(place)));
    // Either side alone accounts for all pairs; the smaller one is the likelier cause. When they
    // are equal it may be either, and neither is to be believed any longer.
    if (ahead.length <= behind.length) {
      for (const place of ahead) this.#tellReordered(place, sooner(place), place);
      for (const place of ahead) begun[place] = always;
    } else {
      for (const place of behind) this.#tellReordered(later(place), place, place);
    }
    if (behind.length <= ahead.length) for (const place of behind) done[place] = never;
  }

  #tellReordered(before: number, behind: number, culprit: number): void {
    const later = this.edits[before - 1];
    const sooner = this.edits[behind - 1];
    if (later === undefined || sooner === undefined) return;
    const marks = [later.mark, sooner.mark];
    if (culprit === behind) marks.reverse();
    this.log.add('reordered', marks, () => {
      const done = `edit ${sooner.mark} had been answered at ${this.log.at(doneByMs(sooner))}`;
      const began = `Edit ${later.mark} began at ${this.log.at(later.invokedMs)}`;
      return `${began}, after ${done}, and yet stands before it.`;
    });
  }

  /**
   * Looks that saw an edit before it began. Returns the looks that are to be believed.
   */
  #judgeEarlyLooks(): readonly Look[] {
    const { edits } = this;
    // The page that an edit replaced would only repeat what the edit's own times tell.
    const looks = this.looks.filter(({ by }) => by.kind !== 'basis');
    const begun = this.#begun;
    const latest = latestUpTo(begun);
    const seen = this.#seenBy(looks);
    const firstSeen = earliestFrom(seen.byMs);
    const early = (look: Look) => at(begun, at(latest, this.#lengthOf(look))) > look.endedMs;
    const tooEarly = looks.filter((look) => this.#lengthOf(look) > 0 && early(look));
    const places: number[] = [];
    for (let place = 1; place <= edits.length; place += 1) {
      if (at(begun, place) > at(seen.byMs, at(firstSeen, place))) places.push(place);
    }
    if (places.length <= tooEarly.length) {
      for (const place of places) this.#tellEarly(place, seen.by[at(firstSeen, place)]);
      return looks;
    }
    for (const look of tooEarly) this.#tellEarly(at(latest, this.#lengthOf(look)), look);
    const untrue = new Set(tooEarly);
    return looks.filter((look) => !untrue.has(look));
  }

  #tellEarly(place: number, look: Look | undefined): void {
    const edit = this.edits[place - 1];
    if (edit === undefined || look === undefined) return;
    this.log.add('phantom', [edit.mark], () => {
      const began = this.log.at(edit.invokedMs);
      return `${capital(nameOf(look, this.log))} has edit ${edit.mark}, which began at ${began}.`;
    });
  }

  /** Reads that began after an edit was done, or after somebody had seen it, and do not have it. */
  #judgeLateLooks(trusted: readonly Look[]): void {
    const seen = this.#seenBy(trusted);
    const byMs = this.#done.map((doneMs, place) => Math.min(doneMs, at(seen.byMs, place)));
    const earliest = earliestFrom(byMs);
    for (const look of trusted) {
      const length = this.#lengthOf(look);
      if (look.by.kind !== 'read' || length < 0) continue;
      const place = at(earliest, length + 1);
      if (look.beganMs <= at(byMs, place)) continue;
      const witness = at(this.#done, place) === at(byMs, place) ? undefined : seen.by[place];
      const missing = this.edits[(witness === undefined ? place : length + 1) - 1];
      if (missing !== undefined) this.#tellStale(look, missing, witness);
    }
  }

  #tellStale(look: Look, missing: Edit, witness: Look | undefined): void {
    const { log } = this;
    log.add('stale', [missing.mark], () => {
      const done = `which had been acknowledged at ${log.at(doneByMs(missing))}`;
      const why = witness === undefined ? done : `which ${nameOf(witness, log)} had seen`;
      return `${capital(nameOf(look, log))} does not have edit ${missing.mark}, ${why}.`;
    });
  }

  /** For each number of edits, when a page with just so many was first seen, and by whom. */
  #seenBy(looks: readonly Look[]): { byMs: Float64Array; by: (Look | undefined)[] } {
    const byMs = new Float64Array(this.edits.length + 2).fill(never);
    const by: (Look | undefined)[] = [];
    for (const look of looks) {
      const length = this.#lengthOf(look);
      if (length < 0 || look.endedMs >= at(byMs, length)) continue;
      byMs[length] = look.endedMs;
      by[length] = look;
    }
    return { byMs, by };
  }

  #lengthOf(look: Look): number {
    return this.lengths[look.page] ?? -1;
  }
}

/** Typed arrays are made with a place for each index that is used. */
function at(values: Float64Array | Int32Array, index: number): number {
  return values[index] ?? Number.NaN;
}

/** For each place, the one up to it with the greatest value. */
function latestUpTo(values: Float64Array): Int32Array {
  const places = new Int32Array(values.length);
  for (let place = 1; place < values.length; place += 1) {
    const best = at(places, place - 1);
    places[place] = at(values, place) > at(values, best) ? place : best;
  }
  return places;
}

/** For each place, the one from it on with the least value. */
function earliestFrom(values: Float64Array): Int32Array {
  const places = new Int32Array(values.length).fill(values.length - 1);
  for (let place = values.length - 2; place >= 0; place -= 1) {
    const best = at(places, place + 1);
    places[place] = at(values, place) < at(values, best) ? place : best;
  }
  return places;
}
