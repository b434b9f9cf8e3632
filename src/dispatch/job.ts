/** Jobs: operations on their way through the pool, each with the one who waits for its outcome. */

import { assert } from '../base/assert.ts';
import type {
  EditOperation,
  EditResult,
  ReadOperation,
  ReadResult,
  RefusalCode,
} from '../model/operation.ts';
import { refused } from '../model/operation.ts';

/** `worker`: 1-based number of the slot whose worker did it; `undefined` when none did. */
export type ReadDone = (result: ReadResult, worker: number | undefined) => void;
export type EditDone = (results: readonly EditResult[], worker: number | undefined) => void;

export type Job = ReadJob | EditJob;

/** The same refusal for each of `count` edits. */
export function refuseAll(count: number, code: RefusalCode): EditResult[] {
  return Array.from({ length: count }, () => refused(code));
}

/**
 * A job is *answered* once, by its deadline perhaps, and *finished* once, when no thread has it.
 */
export class ReadJob {
  readonly kind = 'read';
  /** How often it was given to a worker. */
  tries = 0;
  #done: ReadDone | undefined;

  constructor(
    readonly operation: ReadOperation,
    readonly takenMs: number,
    done: ReadDone,
  ) {
    this.#done = done;
  }

  get isAnswered(): boolean {
    return this.#done === undefined;
  }

  /** Answers, unless the deadline has done so before. */
  finish(result: ReadResult, worker: number | undefined): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(result, worker);
  }

  refuse(code: RefusalCode): void {
    this.finish(refused(code), undefined);
  }

  expire(): void {
    this.refuse('deadline');
  }
}

export class EditJob {
  readonly kind = 'edit';
  /** How often it was given to a worker. */
  tries = 0;
  /** Whether a worker, or the commit worker, may have it. */
  isSent = false;
  #done: EditDone | undefined;
  #release: (() => void) | undefined;

  /** @param release gives the page's lock back */
  constructor(
    readonly operation: EditOperation,
    readonly takenMs: number,
    release: () => void,
    done: EditDone,
  ) {
    this.#release = release;
    this.#done = done;
  }

  get isAnswered(): boolean {
    return this.#done === undefined;
  }

  /** Releases the lock, then answers unless the deadline has done so before. */
  finish(results: readonly EditResult[], worker: number | undefined): void {
    const release = this.#release;
    assert(release !== undefined, 'an edit was finished twice');
    this.#release = undefined;
    release();
    this.#answer(results, worker);
  }

  refuse(code: RefusalCode): void {
    this.finish(refuseAll(this.operation.edits.length, code), undefined);
  }

  /**
   * Answers and keeps the lock, for a thread may still have the edit. One that was never given away
   * did not happen and, being answered, never will: that is said, so that it may be repeated.
   */
  expire(): void {
    const code = this.isSent ? 'outcome-unknown' : 'busy';
    this.#answer(refuseAll(this.operation.edits.length, code), undefined);
  }

  #answer(results: readonly EditResult[], worker: number | undefined): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(results, worker);
  }
}
