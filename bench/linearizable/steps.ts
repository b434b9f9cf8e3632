/** The operations of a page as the search for their order sees them, and what each needs. */

import type { PageNumber } from '../../src/load/history/history.ts';
import type { Operation, Request } from './page-history.ts';
import { takeNeeded } from './page-model.ts';
import type { Versions } from './versions.ts';

export interface Step {
  readonly operation: Operation;
  readonly invokedMs: number;
  /** When it was answered, or has lapsed; infinite where it may still be done. */
  readonly endMs: number;
  /** Whether it was answered, so that it has a place in the order; else it may have none. */
  readonly answered: boolean;
  /** Whether it changes nothing, wherever it stands. */
  readonly looks: boolean;
  /** The version that it was done on; `undefined` where it may be one of several. */
  readonly needed: PageNumber | undefined;
  /** The only version that it can be done on, or could be where nobody knows whether it was. */
  readonly wanted: PageNumber | undefined;
}

/** In the order of their beginnings; without reads that were not answered. */
export function stepsOf(operations: readonly Operation[], versions: Versions): Step[] {
  const telling = operations.filter(
    ({ request, ending }) => ending.kind !== 'unknown' || request.kind !== 'read',
  );
  const steps = telling.map((operation): Step => {
    const { request, ending, invokedMs } = operation;
    const answered = ending.kind !== 'unknown';
    const endMs = answered ? ending.atMs : (ending.lapsedMs ?? Number.POSITIVE_INFINITY);
    const looks = request.kind === 'read' || (answered && ending.kind !== 'done');
    const needed = takeNeeded(operation, versions);
    const wanted = answered ? needed : conditionOf(request);
    return { operation, invokedMs, endMs, answered, looks, needed, wanted };
  });
  return steps.sort((a, b) => a.invokedMs - b.invokedMs);
}

/** Which versions are needed, until which step. Versions that no step tells of are left out. */
export class Needs {
  readonly #versions: Versions;
  /** For each version, the last step that needs it; -1: none does. */
  readonly #last: Int32Array;
  /** The same, of the version and all that it can become. */
  readonly #lastBelow: Int32Array;
  /** The last step that wants the version, or one that it can become. */
  readonly #lastWanted: Int32Array;
  /** Whether some step tells of the version, or of one that it can become. */
  readonly #seen: Uint8Array;

  constructor(steps: readonly Step[], versions: Versions) {
    this.#versions = versions;
    this.#last = new Int32Array(versions.count).fill(-1);
    this.#lastBelow = new Int32Array(versions.count).fill(-1);
    this.#lastWanted = new Int32Array(versions.count).fill(-1);
    this.#seen = new Uint8Array(versions.count);
    for (const [index, { operation, needed, wanted }] of steps.entries()) {
      if (needed !== undefined) this.#last[needed] = index;
      if (wanted !== undefined) this.#lastWanted[wanted] = index;
      for (const page of pagesOf(operation)) this.#seen[page] = 1;
    }
    this.#lastBelow.set(this.#last);
    // Pages come after those that they grew from.
    for (let page = versions.count - 1; page > 0; page -= 1) {
      const before = versions.before(page);
      this.#lastBelow[before] = Math.max(this.#lastBelowOf(before), this.#lastBelowOf(page));
      this.#lastWanted[before] = Math.max(this.lastWanted(before), this.lastWanted(page));
      if (this.isSeen(page)) this.#seen[before] = 1;
    }
  }

  isSeen(page: PageNumber): boolean {
    return this.#seen[page] === 1;
  }

  /** The last step that wants `page` or what it can become; -1: none does. */
  lastWanted(page: PageNumber): number {
    return this.#lastWanted[page] ?? -1;
  }

  /** The last step that needs `page` or what it can become, without `child` and what that can. */
  lastBeside(page: PageNumber, child: PageNumber | undefined): number {
    let last = this.#last[page] ?? -1;
    for (const other of this.#versions.children[page] ?? []) {
      if (other !== child) last = Math.max(last, this.#lastBelowOf(other));
    }
    return last;
  }

  #lastBelowOf(page: PageNumber): number {
    return this.#lastBelow[page] ?? -1;
  }
}

/** The version that its condition names. */
function conditionOf(request: Request): PageNumber | undefined {
  if (request.kind === 'read' || request.condition?.kind !== 'is') return undefined;
  return request.condition.page;
}

function pagesOf({ request, ending }: Operation): PageNumber[] {
  const condition = conditionOf(request);
  const pages = condition === undefined ? [] : [condition];
  if (ending.kind === 'done' && ending.saw !== undefined) pages.push(ending.saw);
  return pages;
}
