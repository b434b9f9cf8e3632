/** Jobs: operations on their way through the pool, each with those who wait for its outcome. */

import { assert } from '../base/assert.ts';
import type {
  Edit,
  EditOperation,
  EditResult,
  ReadOperation,
  ReadResult,
  RefusalCode,
} from '../model/operation.ts';
import { refused } from '../model/operation.ts';
import { type EditRequest, refuseAll } from './edit-request.ts';
import { editRunsMax } from './limits.ts';

/** `worker`: 1-based number of the slot whose worker did it; `undefined` when none did. */
export type ReadDone = (result: ReadResult, worker: number | undefined) => void;

/**
 * A job is *answered* once, by its deadline perhaps, and *finished* once, when no thread has it.
 */
export type Job = ReadJob | EditJob;

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

/** The edits of one request, or of several that are done together, under their page's lock. */
export class EditJob {
  readonly kind = 'edit';
  /** How often it was given to a worker, since it was last started over. */
  tries = 0;
  /** Whether a worker, or the commit worker, may have it. */
  isSent = false;
  #runs = 1;
  #operation: EditOperation;
  /** Those whose edits the operation has, in its order. */
  #requests: readonly EditRequest[];
  #release: ((results: readonly EditResult[]) => void) | undefined;

  /** @param release gives the page's lock back */
  constructor(
    first: EditRequest,
    requests: readonly EditRequest[],
    release: (results: readonly EditResult[]) => void,
  ) {
    const { id, key } = first;
    this.#operation = { kind: 'edit', id, key, edits: editsOf(requests) };
    this.#requests = requests;
    this.#release = release;
    for (const request of requests) request.job = this;
  }

  get operation(): EditOperation {
    return this.#operation;
  }

  /** Whether nobody waits for it any more. */
  get isAnswered(): boolean {
    return this.#requests.every((request) => request.isAnswered);
  }

  /**
   * Leaves out what was answered by its deadline: that was said not to have happened, or not to be
   * known, and must not happen after that. For a job that nobody has.
   */
  dropAnswered(): void {
    assert(!this.isSent, 'an edit was changed while a thread may have it');
    if (!this.#requests.some((request) => request.isAnswered)) return;
    this.#requests = this.#requests.filter((request) => !request.isAnswered);
    this.#operation = { ...this.#operation, edits: editsOf(this.#requests) };
  }

  /** Makes it as if it was never given to a worker; returns false when that was done too often. */
  tryStartOver(): boolean {
    if (this.#runs >= editRunsMax) return false;
    this.#runs += 1;
    this.tries = 0;
    return true;
  }

  /** Releases the lock, then answers those whom the deadline has not answered before. */
  finish(results: readonly EditResult[], worker: number | undefined): void {
    const release = this.#release;
    assert(release !== undefined, 'an edit was finished twice');
    this.#release = undefined;
    release(results);
    let start = 0;
    for (const request of this.#requests) {
      const end = start + request.edits.length;
      request.answer(results.slice(start, end), worker);
      start = end;
    }
  }

  refuse(code: RefusalCode): void {
    this.finish(refuseAll(this.#operation.edits.length, code), undefined);
  }
}

function editsOf(requests: readonly EditRequest[]): Edit[] {
  return requests.flatMap(({ edits }) => edits);
}
