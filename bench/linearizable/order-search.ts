/**
 * Searches one order of a page's operations that explains all that was answered: each done at one
 * moment between its beginning and its answer.
 *
 * It is the search of Wing and Gong, with Lowe's memory of what was tried before, and exact. What
 * makes it fast is that each version of a page stands for one stretch of time only:
 *
 * - A version is not left while an operation is to come that was done on just that version, or on
 *   one that only it can become. So there is rarely more than one next step.
 * - All versions that nobody saw are one state.
 * - What changes nothing is done as soon as it can be: to do it later is never better.
 *
 * Operations that are *set aside* are left out of account, to see whether the others have an order:
 * what they did may then be done at any time, as often as is wanted. What has an order keeps it
 * when more is set aside.
 */

import type { Mark, PageNumber } from '../../src/load/history/history.ts';
import { Aside } from './aside.ts';
import { missing, type Operation } from './page-history.ts';
import { type State, stateAfter, unseen } from './page-model.ts';
import { Needs, type Step, stepsOf } from './steps.ts';
import type { Versions } from './versions.ts';

export interface Question {
  readonly versions: Versions;
  /** The page before the first operation. */
  readonly first: PageNumber;
  readonly operations: readonly Operation[];
  readonly aside: readonly Operation[];
}

export type Answer =
  /** There is such an order. */
  | 'found'
  /** There is none. */
  | 'impossible'
  /** To know it would take more than was allowed. */
  | 'undecided';

/** How far an order has come. What is neither pending nor still to come was done, or has lapsed. */
interface Point {
  readonly state: State;
  /** The steps that can be next: those that began before any that is not done has ended. */
  readonly pending: readonly number[];
  /** The first step that has not begun. */
  readonly next: number;
}

/** @param pointsMax how many points may be looked at; each takes some microseconds */
export function searchOrder(question: Question, pointsMax: number): Answer {
  return new OrderSearch(question).run(pointsMax);
}

class OrderSearch {
  readonly #versions: Versions;
  readonly #steps: readonly Step[];
  readonly #needs: Needs;
  readonly #aside: Aside;
  readonly #start: Point;
  readonly #tried = new Set<string>();

  constructor({ versions, first, operations, aside }: Question) {
    this.#versions = versions;
    this.#steps = stepsOf(operations, versions);
    this.#needs = new Needs(this.#steps, versions);
    this.#aside = new Aside(aside, versions);
    const state = first === missing ? missing : this.#known(first);
    this.#start = { state, pending: [], next: 0 };
  }

  run(pointsMax: number): Answer {
    const waiting: Point[] = [this.#start];
    for (let point = waiting.pop(); point !== undefined; point = waiting.pop()) {
      const settled = this.#settle(point);
      if (this.#isEnd(settled)) return 'found';
      const name = `${settled.state} ${settled.next} ${settled.pending.join(' ')}`;
      if (this.#tried.has(name)) continue;
      if (this.#tried.size >= pointsMax) return 'undecided';
      this.#tried.add(name);
      waiting.push(...this.#followers(settled));
    }
    return 'impossible';
  }

  /** Every answered step has its place. */
  #isEnd({ pending, next }: Point): boolean {
    return next === this.#steps.length && !pending.some((index) => this.#step(index).answered);
  }

  /** Takes in all that can be next, and does what changes nothing. */
  #settle({ state, pending, next }: Point): Point {
    let [left, begun] = [pending, next];
    for (;;) {
      const open = left.slice();
      let limitMs = this.#limitMs(open);
      while (begun < this.#steps.length && this.#step(begun).invokedMs <= limitMs) {
        open.push(begun);
        limitMs = Math.min(limitMs, this.#step(begun).endMs);
        begun += 1;
      }
      left = open.filter((index) => {
        const step = this.#step(index);
        return !step.looks || this.#after(step, state) !== state;
      });
      if (left.length === open.length) return { state, pending: left, next: begun };
    }
  }

  /** Who begins later comes after the step that ends then. */
  #limitMs(pending: readonly number[]): number {
    let limitMs = Number.POSITIVE_INFINITY;
    for (const index of pending) limitMs = Math.min(limitMs, this.#step(index).endMs);
    return limitMs;
  }

  /** Where the order can go on from here; the likeliest last. */
  #followers(point: Point): Point[] {
    const { state, pending, next } = point;
    const isWanted = (page: PageNumber): boolean => this.#isWanted(page, point);
    const free = this.#aside
      .statesAfter(state, isWanted)
      .filter((after) => this.#mayLeave(point, after))
      .map((after): Point => ({ state: after, pending, next }));
    const [unanswered, answered]: [Point[], Point[]] = [[], []];
    const limitMs = this.#limitMs(pending);
    let lapsed: number | undefined;
    for (const index of pending) {
      const step = this.#step(index);
      if (!step.answered && step.endMs === limitMs) lapsed ??= index;
      if (step.looks) continue;
      const after = this.#after(step, state);
      // What nobody had an answer to need not be done where it changes nothing.
      if (after === undefined || (!step.answered && after === state)) continue;
      if (!this.#mayLeave(point, after, index)) continue;
      const follower = { state: after, pending: this.#without(pending, index, state), next };
      (step.answered ? answered : unanswered).push(follower);
    }
    if (lapsed !== undefined && Number.isFinite(limitMs)) {
      free.push({ state, pending: pending.filter((index) => index !== lapsed), next });
    }
    return [...free, ...unanswered, ...answered];
  }

  /** What nobody had an answer to, and asks for the version that is left, is not done any more. */
  #without(pending: readonly number[], done: number, left: State): number[] {
    return pending.filter((index) => {
      if (index === done) return false;
      const { answered, wanted } = this.#step(index);
      return answered || wanted === undefined || wanted !== left;
    });
  }

  /** Whether no step but `done` needs what the page can never be again. */
  #mayLeave(point: Point, after: State, done?: number): boolean {
    const { state, pending, next } = point;
    if (state === missing || state === unseen || state === after) return true;
    const kept = after > missing && this.#versions.before(after) === state ? after : undefined;
    if (this.#needs.lastBeside(state, kept) >= next) return false;
    return !pending.some((index) => {
      const { needed } = this.#step(index);
      if (index === done || needed === undefined || !this.#versions.isBelow(needed, state)) {
        return false;
      }
      return kept === undefined || !this.#versions.isBelow(needed, kept);
    });
  }

  #isWanted(page: PageNumber, { pending, next }: Point): boolean {
    if (this.#needs.lastWanted(page) >= next) return true;
    return pending.some((index) => {
      const { wanted } = this.#step(index);
      return wanted !== undefined && this.#versions.isBelow(wanted, page);
    });
  }

  #after({ operation }: Step, state: State): State | undefined {
    return stateAfter(operation, state, (from, mark) => this.#land(from, mark));
  }

  #land(from: State, mark: Mark): State {
    const next = this.#versions.takeNext(from, mark);
    return next === undefined ? unseen : this.#known(next);
  }

  #known(page: PageNumber): State {
    return this.#needs.isSeen(page) ? page : unseen;
  }

  #step(index: number): Step {
    const step = this.#steps[index];
    if (step === undefined) throw new RangeError(`no step ${index}`);
    return step;
  }
}
