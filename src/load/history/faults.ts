/** Collects the faults of a history while it is judged: counts all, and keeps the first few. */

import type { History, Mark } from './history.ts';
import { examplesMax, type Fault, type FaultKind, faultKinds, type Verdict } from './verdict.ts';

export class FaultLog {
  readonly counts: Record<FaultKind, number> = {
    lost: 0,
    doubled: 0,
    torn: 0,
    reordered: 0,
    phantom: 0,
    stale: 0,
  };
  readonly #examples: Fault[] = [];
  readonly #startMs: number;

  constructor(history: History) {
    let start = Number.POSITIVE_INFINITY;
    for (const { invokedMs } of history.edits) start = Math.min(start, invokedMs);
    for (const { invokedMs } of history.reads) start = Math.min(start, invokedMs);
    this.#startMs = start;
  }

  /** @param tell the sentence; called only when there is room for an example of this kind */
  add(kind: FaultKind, marks: readonly Mark[], tell: () => string): void {
    this.counts[kind] += 1;
    if (this.counts[kind] <= examplesMax) this.#examples.push({ kind, marks, text: tell() });
  }

  /** A moment as a reader of the verdict can place it: to the microsecond, from the start on. */
  at(ms: number): string {
    return `${(ms - this.#startMs).toFixed(3)} ms`;
  }

  result(): Pick<Verdict, 'counts' | 'examples' | 'linearizable'> {
    const examples = faultKinds.flatMap((kind) =>
      this.#examples.filter((fault) => fault.kind === kind),
    );
    const linearizable = faultKinds.every((kind) => this.counts[kind] === 0);
    return { linearizable, counts: this.counts, examples };
  }
}
