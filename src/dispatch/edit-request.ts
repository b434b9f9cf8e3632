/** Edit requests: what one asker wants done to a page, and the one answer that it gets. */

import type { DoneBy, Edit, EditResult, OperationId, RefusalCode } from '../model/operation.ts';
import { refused } from '../model/operation.ts';
import type { ResourceKey } from '../model/resource-key.ts';

/** `worker`: who did it; `undefined` when nobody did. */
export type EditDone = (results: readonly EditResult[], worker: DoneBy | undefined) => void;

/** The same refusal for each of `count` edits. */
export function refuseAll(count: number, code: RefusalCode): EditResult[] {
  return Array.from({ length: count }, () => refused(code));
}

export class EditRequest {
  /** The job that does it; `undefined` while it waits for the page's lock. */
  job: { readonly isSent: boolean } | undefined;
  /** The request that came directly behind it for the same page, if that one had to wait. */
  next: EditRequest | undefined;
  #done: EditDone | undefined;

  constructor(
    readonly id: OperationId,
    readonly key: ResourceKey,
    readonly edits: readonly Edit[],
    readonly takenMs: number,
    done: EditDone,
  ) {
    this.#done = done;
  }

  get isAnswered(): boolean {
    return this.#done === undefined;
  }

  /** Answers, unless the deadline has done so before. */
  answer(results: readonly EditResult[], worker: DoneBy | undefined): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(results, worker);
  }

  refuse(code: RefusalCode): void {
    this.answer(refuseAll(this.edits.length, code), undefined);
  }

  /**
   * Answers because it is late. What was never given away did not happen and, being answered, never
   * will: that is said, so that it may be repeated. Else a thread may still have it.
   */
  expire(): void {
    this.refuse(this.job?.isSent === true ? 'outcome-unknown' : 'busy');
  }
}
